import { createHash } from "node:crypto";
import { z } from "zod";
import { notHappened } from "#lib/providers/marketing-cloud/operations/answer.ts";
import { lineInput, shown, textInput } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { chunksOf } from "#lib/providers/marketing-cloud/operations/row-changes.ts";
import {
  field,
  writeAnswerOf,
  writeRequest,
} from "#lib/providers/marketing-cloud/operations/soap-write.ts";
import {
  emailInput,
  isSameKey,
  type Membership,
  readMemberships,
  readSubscribers,
  type Subscriber,
  subscriberArea,
  subscriberKeyInput,
  subscriberWriteScopes,
} from "#lib/providers/marketing-cloud/operations/subscriber-schema.ts";
import { counted } from "#lib/providers/marketing-cloud/operations/words.ts";
import { el, type Xml } from "#lib/providers/marketing-cloud/xml.ts";
import {
  type Outcome,
  type PreparedStep,
  type ProviderApi,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { type Change, emptyPreview } from "#lib/providers/preview.ts";

const perStep = 50;
const statusInput = z.enum(["Active", "Unsubscribed"]);

const subscriberInput = z.strictObject({
  key: subscriberKeyInput,
  email: emailInput.optional().describe("Mail address; a new subscriber needs one."),
  status: statusInput.optional().describe("Whether they may be written to at all."),
  attributes: z
    .record(lineInput(128, "Name of an attribute."), textInput(4_000, "Its value.").nullable())
    .optional()
    .describe("Profile attributes by name; null empties one."),
  lists: z
    .array(
      z.strictObject({
        id: z.number().int().min(1).max(2_147_483_647).describe("Id of the list."),
        status: statusInput.default("Active").describe("Whether they get what goes to the list."),
      }),
    )
    .max(20)
    .optional()
    .describe("Lists to put them on, or to unsubscribe them from."),
});
type Wanted = z.infer<typeof subscriberInput>;

const contextSchema = z.object({ subscribers: z.array(subscriberInput) });

export const upsertSubscribers = writeOperation({
  id: "marketing-cloud.subscribers.upsert",
  provider: "marketing-cloud",
  effect: "write",
  area: subscriberArea,
  title: "Write subscribers",
  description:
    "Adds subscribers, or changes address, status, attributes and lists of those that are there. Fifty go with one step.",
  scopes: subscriberWriteScopes,
  input: z.strictObject({
    subscribers: z.array(subscriberInput).min(1).max(500).describe("Who is written, and how."),
  }),
  output: z.object({ written: z.number().int() }),
  example: {
    subscribers: [
      {
        key: "C000001",
        email: "ada@mail.example",
        status: "Active" as const,
        lists: [{ id: 1, status: "Active" as const }],
      },
    ],
  },
  async prepare(api, { subscribers }) {
    requireOnce(subscribers);
    const steps: PreparedStep[] = [];
    for (const chunk of chunksOf(subscribers, perStep)) {
      const step = await stepOf(api, chunk);
      if (step) steps.push(step);
    }
    if (steps.length > 0) return steps;
    throw new OperationFailedError(
      "operations.nothing_to_change",
      "All of these subscribers are already as they would be written.",
    );
  },
  async observe(api, step) {
    const { subscribers } = contextSchema.parse(step.context);
    return observedOf(subscribers, await readNow(api, subscribers));
  },
  async conclude(api, step, response) {
    const { subscribers } = contextSchema.parse(step.context);
    const answer = writeAnswerOf(response, "Update", subscribers.length, {
      what: "these subscribers",
      scopes: subscriberWriteScopes,
    });
    if (answer.kind === "open") return settle(api, step);
    return answer.kind === "done" ? applied(subscribers.length) : answer.outcome;
  },
  settle,
});

function requireOnce(subscribers: readonly Wanted[]): void {
  const keys = new Set(subscribers.map(({ key }) => key.toLowerCase()));
  if (keys.size === subscribers.length) return;
  throw new OperationFailedError("operations.bad_query", "A subscriber is listed twice.");
}

type Now = { subscribers: Subscriber[]; memberships: Membership[] };

async function readNow(api: ProviderApi, wanted: readonly Wanted[]): Promise<Now> {
  const keys = wanted.map(({ key }) => key);
  const lists = [...new Set(wanted.flatMap((one) => (one.lists ?? []).map(({ id }) => id)))];
  return {
    subscribers: await readSubscribers(api, keys),
    memberships: lists.length > 0 ? await readMemberships(api, keys, lists) : [],
  };
}

type Field = { field: string; before: string | null; after: string | null };

/** Each thing that is asked for: what it is now, and what it will be. */
function fieldsOf(wanted: Wanted, now: Now): Field[] {
  const found = now.subscribers.find(({ key }) => isSameKey(key, wanted.key));
  const attributeNow = (name: string) =>
    found?.attributes.find((one) => isSameKey(one.name, name))?.value ?? null;
  const listNow = (id: number) =>
    now.memberships.find((one) => one.listId === id && isSameKey(one.key, wanted.key))?.status ??
    null;
  return [
    ...(wanted.email === undefined
      ? []
      : [{ field: "Email address", before: found?.email ?? null, after: wanted.email }]),
    ...(wanted.status === undefined
      ? []
      : [{ field: "Status", before: found?.status ?? null, after: wanted.status }]),
    ...Object.entries(wanted.attributes ?? {}).map(([name, after]) => ({
      ...{ field: name, before: attributeNow(name), after: after === "" ? null : after },
    })),
    ...(wanted.lists ?? []).map(({ id, status }) => ({
      ...{ field: `List ${id}`, before: listNow(id), after: status },
    })),
  ];
}

async function stepOf(api: ProviderApi, chunk: readonly Wanted[]): Promise<PreparedStep | null> {
  const now = await readNow(api, chunk);
  const isThere = (wanted: Wanted) => now.subscribers.some(({ key }) => isSameKey(key, wanted.key));
  const judged = chunk.map((wanted) => {
    if (!isThere(wanted) && wanted.email === undefined) {
      throw new OperationFailedError(
        "operations.bad_query",
        `${wanted.key} is not there yet, and a new subscriber needs a mail address.`,
      );
    }
    const changed = fieldsOf(wanted, now).filter(({ before, after }) => before !== after);
    return { wanted, changed };
  });
  const kept = judged.filter(({ wanted, changed }) => !isThere(wanted) || changed.length > 0);
  if (kept.length === 0) return null;
  const subscribers = kept.map(({ wanted }) => wanted);
  const added = subscribers.filter((wanted) => !isThere(wanted)).length;
  const changes = kept.flatMap(({ wanted, changed }) =>
    changed.map(
      (one): Change => ({
        ...{ subject: wanted.key, subjectId: null, field: one.field },
        ...{ before: shown(one.before), after: shown(one.after) },
      }),
    ),
  );
  const again = kept.filter(({ changed }) => changed.some(isComingBack)).length;
  return {
    title: `Write ${counted(kept.length, "subscriber")}: ${added} new, ${kept.length - added} changed`,
    effect: "write",
    request: writeRequest("Update", subscribers.map(objectOf), { addsMissing: true }),
    preview: {
      ...emptyPreview,
      changes: changes.slice(0, 500),
      changesTotal: changes.length,
      facts: [
        { label: "New subscribers", value: String(added) },
        { label: "Changed subscribers", value: String(kept.length - added) },
        ...(again > 0
          ? [{ label: "Had unsubscribed, become active again", value: String(again) }]
          : []),
      ],
      warnings: [
        {
          code: "part_may_fail",
          text: "Marketing Cloud takes each subscriber on their own: some may be refused.",
        },
      ],
    },
    records: kept.length,
    recipients: 0,
    observed: observedOf(subscribers, now),
    context: JSON.parse(JSON.stringify({ subscribers })),
  };
}

const isComingBack = ({ before, after }: Field) => before === "Unsubscribed" && after === "Active";

/** Of what is asked for: what others change beside it is not our concern. */
const observedOf = (wanted: readonly Wanted[], now: Now) => ({
  found: wanted.filter(({ key }) => now.subscribers.some((one) => isSameKey(one.key, key))).length,
  values: createHash("sha256")
    .update(JSON.stringify(wanted.map((one) => fieldsOf(one, now).map(({ before }) => before))))
    .digest("hex"),
});

const objectOf = ({ key, email, status, attributes, lists }: Wanted): Xml =>
  el(
    "Objects",
    [
      ...field("EmailAddress", email),
      ...Object.entries(attributes ?? {}).map(([name, value]) =>
        el("Attributes", [el("Name", name), el("Value", value ?? "")]),
      ),
      el("SubscriberKey", key),
      ...field("Status", status),
      ...(lists ?? []).map((list) =>
        el("Lists", [el("ID", String(list.id)), el("Status", list.status)]),
      ),
    ],
    "Subscriber",
  );

const applied = (written: number): Outcome => ({
  kind: "applied",
  summary: `${counted(written, "subscriber")} written.`,
  output: { written },
});

async function settle(api: ProviderApi, step: StoredStep): Promise<Outcome> {
  const { subscribers } = contextSchema.parse(step.context);
  const now = await readNow(api, subscribers);
  const isThere = ({ key }: Wanted) => now.subscribers.some((one) => isSameKey(one.key, key));
  const isAsWanted = (wanted: Wanted) =>
    isThere(wanted) && fieldsOf(wanted, now).every(({ before, after }) => before === after);
  const same = subscribers.filter(isAsWanted).length;
  if (same === subscribers.length) return applied(same);
  if (JSON.stringify(observedOf(subscribers, now)) === JSON.stringify(step.observed)) {
    return notHappened("The subscribers are as they were before.");
  }
  return {
    kind: "unknown",
    summary: `${same} of ${counted(subscribers.length, "subscriber")} are as they should have been written.`,
  };
}
