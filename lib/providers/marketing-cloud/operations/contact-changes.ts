import { z } from "zod";
import {
  concludeRest,
  failed,
  named,
  notHappened,
  restFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  contactArea,
  contactWriteScopes,
  findByEmail,
} from "#lib/providers/marketing-cloud/operations/contact-schema.ts";
import {
  cellInput,
  cellText,
  lineInput,
  shown,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import { restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import {
  emailInput,
  isSameKey,
  readSubscribers,
  type Subscriber,
} from "#lib/providers/marketing-cloud/operations/subscriber-schema.ts";
import { quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import {
  type Outcome,
  type PreparedStep,
  type ProviderApi,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { type Change, emptyPreview, type Warning } from "#lib/providers/preview.ts";

const input = z.strictObject({
  contactKey: lineInput(254, "Contact key of the person."),
  email: emailInput.optional().describe("Mail address."),
  attributes: z
    .record(
      lineInput(100, "Name of an attribute set."),
      z.record(lineInput(100, "Name of an attribute."), cellInput),
    )
    .default({})
    .describe("Further attributes by set and name."),
});
type Input = z.infer<typeof input>;
const emailSet = "Email Addresses";
const emailName = "Email Address";

const contextSchema = z.object({ contactKey: z.string(), email: z.string().nullable() });
const output = z.object({ contactKey: z.string(), isNew: z.boolean() });
const example = { contactKey: "G000001", email: "grace@mail.example", attributes: {} };

const writing = (verb: "create" | "update") =>
  writeOperation({
    id: `marketing-cloud.contacts.${verb}`,
    provider: "marketing-cloud",
    effect: "write",
    area: contactArea,
    title: verb === "create" ? "Create a contact" : "Change a contact",
    description:
      verb === "create"
        ? "Adds a person by a contact key that is not used yet."
        : "Changes address and attributes of a person. Marketing Cloud documents no way to read attributes, so what they hold before is not shown.",
    scopes: contactWriteScopes,
    input,
    output,
    example,
    async prepare(api, asked) {
      const sets = setsOf(asked);
      if (sets.length === 0) {
        throw new OperationFailedError("operations.bad_query", "Say what the contact is to have.");
      }
      const now = await readNow(api, asked);
      if (verb === "create" && now.subscriber) {
        throw new OperationFailedError(
          "operations.conflict",
          "There is already a contact with this key.",
        );
      }
      return [stepOf(verb, asked, sets, now)];
    },
    async observe(api, step) {
      return observedOf(await readNow(api, contextSchema.parse(step.context)));
    },
    async conclude(api, step, response) {
      const { contactKey } = contextSchema.parse(step.context);
      const what = named("the contact", contactKey);
      const refused = () => failed(restFailure(response, { what, scopes: contactWriteScopes }));
      return concludeRest(response, answerSchema, {
        done: ({ hasErrors, isNewContactKey }) =>
          hasErrors ? refused() : applied(contactKey, isNewContactKey),
        refused,
        settle: () => settle(api, step, verb),
      });
    },
    settle: (api, step) => settle(api, step, verb),
  });

export const createContact = writing("create");
export const updateContact = writing("update");

const answerSchema = z.object({
  hasErrors: z.boolean().catch(false),
  isNewContactKey: z.boolean(),
});

type Value = { name: string; value: string | null };

function setsOf({ email, attributes }: Input): { name: string; values: Value[] }[] {
  const sets = new Map<string, Value[]>();
  if (email !== undefined) sets.set(emailSet, [{ name: emailName, value: email }]);
  for (const [set, cells] of Object.entries(attributes)) {
    const values = Object.entries(cells).map(([name, cell]) => ({ name, value: cellText(cell) }));
    if (values.length > 0) sets.set(set, [...(sets.get(set) ?? []), ...values]);
  }
  return [...sets].map(([name, values]) => ({ name, values }));
}

/** So many of those who share an address are asked for. */
const mostSharing = 10;

type Now = { subscriber: Subscriber | null; keysOfEmail: string[] };

/** What can be read of a contact: its subscriber, and who else has the address. */
async function readNow(
  api: ProviderApi,
  { contactKey, email }: { contactKey: string; email?: string | null | undefined },
): Promise<Now> {
  const subscribers = await readSubscribers(api, [contactKey]);
  const found = email ? await findByEmail(api, [email], mostSharing) : [];
  return {
    subscriber: subscribers.find(({ key }) => isSameKey(key, contactKey)) ?? null,
    keysOfEmail: found.flatMap(({ contacts }) => contacts.map((one) => one.contactKey)).sort(),
  };
}

const notReadable = "(cannot be read)";

/** Of a contact that is not there yet nothing can be missed. */
function beforeOf(verb: "create" | "update", { subscriber }: Now, field: string): string | null {
  if (subscriber && field === `${emailSet}: ${emailName}`) return subscriber.email;
  return verb === "create" ? null : notReadable;
}

const observedOf = ({ subscriber, keysOfEmail }: Now) => ({
  isThere: subscriber !== null,
  email: subscriber?.email ?? null,
  status: subscriber?.status ?? null,
  sameAddress: keysOfEmail,
});

function stepOf(
  verb: "create" | "update",
  { contactKey, email }: Input,
  sets: ReturnType<typeof setsOf>,
  now: Now,
): PreparedStep {
  const changes = sets.flatMap(({ name: set, values }) =>
    values.map(
      ({ name, value }): Change => ({
        subject: contactKey,
        subjectId: null,
        field: `${set}: ${name}`,
        before: beforeOf(verb, now, `${set}: ${name}`),
        after: shown(value),
      }),
    ),
  );
  const others = now.keysOfEmail.filter((key) => !isSameKey(key, contactKey));
  return {
    title: `${verb === "create" ? "Create" : "Change"} the contact ${quotedName(contactKey)}`,
    effect: "write",
    request: restRequest(verb === "create" ? "POST" : "PATCH", "/contacts/v1/contacts", {
      body: {
        contactKey,
        attributeSets: sets.map(({ name, values }) => ({ name, items: [{ values }] })),
      },
    }),
    preview: {
      ...emptyPreview,
      changes: changes.slice(0, 500),
      changesTotal: changes.length,
      facts: [
        { label: "Contact key", value: contactKey },
        ...(now.subscriber?.status
          ? [{ label: "Subscriber status", value: now.subscriber.status }]
          : []),
        ...(others.length > 0
          ? [
              {
                label: "Others with this address",
                value: others.slice(0, 10).join(", ").slice(0, 4_000),
              },
            ]
          : []),
      ],
      warnings: warningsOf(verb, changes),
    },
    records: 1,
    recipients: 0,
    observed: observedOf(now),
    context: { contactKey, email: email ?? null },
  };
}

function warningsOf(verb: "create" | "update", changes: readonly Change[]): Warning[] {
  if (verb === "create") {
    const text =
      "Whether somebody who is no subscriber has this contact key cannot be seen beforehand. If so, they are changed and nobody is added.";
    return [{ code: "no_preview", text }];
  }
  if (!changes.some(({ before }) => before === notReadable)) return [];
  const text =
    "Marketing Cloud documents no way to read the attributes of a contact. What they hold now is overwritten without being shown; only the mail address is.";
  return [{ code: "no_preview", text }];
}

const applied = (contactKey: string, isNew: boolean): Outcome => ({
  kind: "applied",
  summary: isNew ? "The contact was added." : "The contact that was there is written.",
  output: { contactKey, isNew },
});

/** Only the address can be read back; where it was the same before, or is none, nobody knows. */
async function settle(
  api: ProviderApi,
  step: StoredStep,
  verb: "create" | "update",
): Promise<Outcome> {
  const context = contextSchema.parse(step.context);
  const now = await readNow(api, context);
  const before = z
    .object({ isThere: z.boolean(), email: z.string().nullable() })
    .parse(step.observed);
  if (verb === "create") {
    const isThere =
      now.subscriber !== null || now.keysOfEmail.some((key) => isSameKey(key, context.contactKey));
    if (isThere) return applied(context.contactKey, true);
    // Who has no address is no subscriber and is found by nothing; of many who share one, not all are told.
    const isTold = context.email !== null && now.keysOfEmail.length < mostSharing;
    return !isTold ? unreadable : notHappened("There is no contact with this key: none was made.");
  }
  const isTold = context.email !== null && before.email !== context.email;
  if (isTold && now.subscriber?.email === context.email) {
    return applied(context.contactKey, false);
  }
  if (isTold && now.subscriber?.email === before.email) {
    return notHappened("The contact's address is as it was before.");
  }
  return unreadable;
}

const unreadable: Outcome = {
  kind: "unknown",
  summary: "What was written cannot be read back from Marketing Cloud.",
};
