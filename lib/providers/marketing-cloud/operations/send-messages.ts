import { createHash } from "node:crypto";
import { z } from "zod";
import type { JsonObject } from "#lib/core/json.ts";
import { isNotFound } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  type Asset,
  findAssetByKey,
} from "#lib/providers/marketing-cloud/operations/asset-schema.ts";
import {
  cellInput,
  cellText,
  lineInput,
  shown,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  askedOfDefinition,
  type Definition,
  findMessage,
  readDefinition,
  sendArea,
  sendScopes,
} from "#lib/providers/marketing-cloud/operations/message-schema.ts";
import { pathOf, restRequest } from "#lib/providers/marketing-cloud/operations/request.ts";
import { chunksOf } from "#lib/providers/marketing-cloud/operations/row-changes.ts";
import {
  concludeSend,
  messageKeysOf,
  settleSend,
} from "#lib/providers/marketing-cloud/operations/send-outcome.ts";
import { counted, quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import {
  type PreparedStep,
  type ProviderApi,
  type ProviderRequest,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { emptyPreview, type Preview } from "#lib/providers/preview.ts";

/** All of one step's recipients stand in its preview. */
const perStep = 50;
const bulkRecipients = 50;
/** What fills a mail is shown whole, or not sent (PLN-9). */
const mostAttributes = 100;

const recipientInput = z.strictObject({
  contactKey: lineInput(254, "Contact key of the person."),
  to: z
    .string()
    .max(254)
    .regex(/^[^\s@,;<>"]+@[^\s@,;<>"]+\.[^\s@,;<>"]+$/)
    .describe("Mail address that is written to."),
  attributes: z
    .record(lineInput(128, "Name of an attribute."), cellInput)
    .default({})
    .describe("What the mail's text is filled with, by name."),
});
type Recipient = z.infer<typeof recipientInput>;

const contextSchema = z.object({ definition: z.string(), contentKey: z.string().nullable() });

/**
 * The keys of the messages are made from what is sent: the same step sent twice is one message to the
 * provider, and a message whose acceptance was not heard of is found by its key.
 */
export const sendMessages = writeOperation({
  id: "marketing-cloud.sends.send",
  provider: "marketing-cloud",
  effect: "send",
  area: sendArea,
  title: "Send a transactional email",
  description:
    "Sends the email of a definition to named people, fifty with one step. Each is listed before.",
  scopes: sendScopes,
  input: z.strictObject({
    definition: lineInput(100, "Key of the send definition."),
    recipients: z.array(recipientInput).min(1).max(500).describe("Who gets it."),
  }),
  output: z.object({
    accepted: z.number().int(),
    firstMessageKey: z.string().nullable(),
  }),
  example: {
    definition: "order-confirmation",
    recipients: [
      { contactKey: "C000001", to: "ada@mail.example", attributes: { OrderId: "O000001" } },
    ],
  },
  async prepare(api, { definition: key, recipients }) {
    const definition = await readDefinition(api, key);
    if (definition.status.toLowerCase() !== "active") {
      throw new OperationFailedError(
        "operations.conflict",
        "This send definition is switched off: nothing can be sent with it.",
      );
    }
    requireOnce(recipients);
    const mail = await findMail(api, definition.contentKey);
    const steps: PreparedStep[] = [];
    for (const chunk of chunksOf(recipients, perStep)) {
      const keys = await freeKeys(api, definition.key, chunk);
      steps.push(stepOf({ definition, mail, total: recipients.length }, chunk, keys));
    }
    return steps;
  },
  observe,
  conclude(api, step, response) {
    const { definition } = contextSchema.parse(step.context);
    return concludeSend(api, step, response, askedOfDefinition(definition, sendScopes));
  },
  settle: settleSend,
});

/** Twice the same line in one send is a mistake, not a wish. */
function requireOnce(recipients: readonly Recipient[]): void {
  const lines = new Set(recipients.map((recipient) => JSON.stringify(recipient)));
  if (lines.size === recipients.length) return;
  throw new OperationFailedError("operations.bad_query", "A recipient is listed twice.");
}

/** The mail that is sent; null where this person may not read content. */
async function findMail(api: ProviderApi, contentKey: string | null): Promise<Asset | null> {
  if (contentKey === null) return null;
  try {
    return await findAssetByKey(api, contentKey);
  } catch (error) {
    if (error instanceof OperationFailedError) return null;
    throw error;
  }
}

const mostRepeats = 20;

/** Keys that nobody has sent with: who sends the same again on purpose gets the next number. */
async function freeKeys(
  api: ProviderApi,
  definition: string,
  recipients: readonly Recipient[],
): Promise<string[]> {
  const digest = createHash("sha256")
    .update(JSON.stringify([definition, recipients]))
    .digest("hex")
    .slice(0, 32);
  for (let repeat = 1; repeat <= mostRepeats; repeat += 1) {
    const keys = recipients.map((_, at) => `studio-${digest}-${repeat}-${at + 1}`);
    if ((await findMessage(api, keys[0] ?? "")) === null) return keys;
  }
  throw new OperationFailedError(
    "operations.conflict",
    `Exactly this was sent ${mostRepeats} times already.`,
  );
}

type Mailing = { definition: Definition; mail: Asset | null; total: number };

function stepOf(
  { definition, mail, total }: Mailing,
  recipients: readonly Recipient[],
  keys: readonly string[],
): PreparedStep {
  const people = counted(recipients.length, "person", "people");
  const names = [...new Set(recipients.flatMap(({ attributes }) => Object.keys(attributes)))];
  if (names.length > mostAttributes) {
    throw new OperationFailedError(
      "operations.too_much",
      `A step shows at most ${mostAttributes} attributes by name. Send fewer kinds of them at once.`,
    );
  }
  const columns = ["Contact key", "To", ...names];
  return {
    title: `Send ${quotedName(definition.name)} to ${people}`,
    effect: "send",
    request: requestOf(definition.key, recipients, keys),
    preview: {
      ...emptyPreview,
      recipients: {
        count: recipients.length,
        isAtMost: false,
        sample: recipients.slice(0, 20).map(({ contactKey, to }) => `${to} (${contactKey})`),
      },
      rows: {
        columns,
        sample: recipients.map(({ contactKey, to, attributes }) => [
          contactKey,
          to,
          ...names.map((name) => shown(cellText(attributes[name] ?? null))),
        ]),
        total: recipients.length,
      },
      bodies: bodiesOf(mail),
      facts: [
        { label: "Definition", value: `${definition.name} (${definition.key})` },
        ...(definition.classification
          ? [{ label: "Classification", value: definition.classification }]
          : []),
        ...(mail?.texts.subject ? [{ label: "Subject", value: mail.texts.subject }] : []),
      ],
      warnings: warningsOf(people, { mail, total }),
    },
    records: recipients.length,
    recipients: recipients.length,
    observed: observedOf({ definition, mail, isKnown: false }),
    context: { definition: definition.key, contentKey: definition.contentKey },
  };
}

function warningsOf(
  people: string,
  { mail, total }: Pick<Mailing, "mail" | "total">,
): Preview["warnings"] {
  return [
    { code: "send", text: `${people} are written to at once.` },
    { code: "cannot_be_undone", text: "A mail that was sent cannot be taken back." },
    ...(mail
      ? []
      : [
          {
            code: "no_preview" as const,
            text: "The mail that is sent cannot be read with this connection.",
          },
        ]),
    ...(total > bulkRecipients
      ? [
          {
            code: "bulk" as const,
            text: `${counted(total, "person", "people")} are written to in all.`,
          },
        ]
      : []),
  ];
}

const longestBody = 2_000_000;

function bodiesOf(mail: Asset | null): Preview["bodies"] {
  return (["html", "text"] as const).flatMap((kind) => {
    const after = mail?.texts[kind] ?? null;
    return after === null || after.length > longestBody
      ? []
      : [{ label: kind === "html" ? "HTML" : "Text", kind, before: null, after }];
  });
}

function requestOf(
  definitionKey: string,
  recipients: readonly Recipient[],
  keys: readonly string[],
): ProviderRequest {
  const bodies = recipients.map(({ contactKey, to, attributes }) => ({
    contactKey,
    to,
    attributes: { ...attributes } as JsonObject,
  }));
  const [only, ...others] = bodies;
  if (only && others.length === 0) {
    return restRequest("POST", pathOf`/messaging/v1/email/messages/${keys[0] ?? ""}`, {
      body: { definitionKey, recipient: only },
    });
  }
  return restRequest("POST", "/messaging/v1/email/messages", {
    body: {
      definitionKey,
      recipients: bodies.map((body, at) => ({ ...body, messageKey: keys[at] ?? "" })),
    },
  });
}

const observedOf = ({
  definition,
  mail,
  isKnown,
}: {
  definition: Definition | null;
  mail: Asset | null;
  isKnown: boolean;
}) => ({
  status: definition?.status ?? "gone",
  modifiedAt: definition?.modifiedAt ?? null,
  mailModifiedAt: mail?.summary.modifiedAt ?? null,
  isKnown,
});

/** The definition, the mail, and whether the provider knows a message of this key already. */
async function observe(api: ProviderApi, step: StoredStep) {
  const { definition: key, contentKey } = contextSchema.parse(step.context);
  const definition = await readDefinition(api, key).catch((error: unknown) => {
    if (isNotFound(error)) return null;
    throw error;
  });
  const [messageKey = ""] = messageKeysOf(step);
  return observedOf({
    definition,
    mail: await findMail(api, contentKey),
    isKnown: (await findMessage(api, messageKey)) !== null,
  });
}
