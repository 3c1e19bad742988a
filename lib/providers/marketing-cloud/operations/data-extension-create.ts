import { z } from "zod";
import { isNotFound, notHappened } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  askedOf,
  findDataExtension,
  readColumns,
  writeScopes,
} from "#lib/providers/marketing-cloud/operations/data-extension-schema.ts";
import {
  customerKey,
  lineInput,
  textInput,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  field,
  writeAnswerOf,
  writeRequest,
} from "#lib/providers/marketing-cloud/operations/soap-write.ts";
import { counted, quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import { el, type Xml } from "#lib/providers/marketing-cloud/xml.ts";
import { type Outcome, type ProviderApi, writeOperation } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { emptyPreview } from "#lib/providers/preview.ts";

const columnTypes = [
  "Text",
  "Number",
  "Decimal",
  "Date",
  "Boolean",
  "EmailAddress",
  "Phone",
  "Locale",
] as const;

const columnInput = z.strictObject({
  name: lineInput(128, "Name of the column."),
  type: z.enum(columnTypes).describe("What it holds."),
  length: z.number().int().min(1).max(4_000).optional().describe("Text and Decimal: how long."),
  scale: z.number().int().min(0).max(18).optional().describe("Decimal: digits behind the point."),
  isPrimaryKey: z.boolean().default(false).describe("Rows are told apart by it."),
  isRequired: z.boolean().default(false).describe("A row must have it."),
  defaultValue: textInput(4_000, "What a row has that does not say.").optional(),
});
type ColumnInput = z.infer<typeof columnInput>;

const input = z.strictObject({
  key: customerKey("Customer key (external key) of the new data extension, not used yet."),
  name: lineInput(100, "Its name, not used yet."),
  description: textInput(4_000, "What it is for.").optional(),
  folderId: z
    .string()
    .regex(/^\d{1,12}$/)
    .optional()
    .describe("Folder (CategoryID) to put it in; the business unit's own where it is left out."),
  columns: z.array(columnInput).min(1).max(200).describe("Its columns, in order."),
  sendBy: lineInput(
    128,
    "Column that is the subscriber key, where it is to be sent to.",
  ).optional(),
});
type Input = z.infer<typeof input>;

const contextSchema = z.object({ key: z.string(), name: z.string(), columns: z.number().int() });

export const createDataExtension = writeOperation({
  id: "marketing-cloud.data-extensions.create",
  provider: "marketing-cloud",
  effect: "write",
  area: "Data extensions",
  title: "Create a data extension",
  description: "Makes an empty data extension with these columns.",
  scopes: writeScopes,
  input,
  output: z.object({ id: z.string().nullable(), key: z.string() }),
  example: {
    key: "Autumn_Guests",
    name: "Autumn Guests",
    columns: [
      {
        ...{ name: "Guest Id", type: "Text" as const, length: 36 },
        ...{ isPrimaryKey: true, isRequired: true },
      },
      { name: "Arrives", type: "Date" as const, isPrimaryKey: false, isRequired: false },
    ],
  },
  async prepare(api, asked) {
    const { key, name, columns, sendBy, description, folderId } = asked;
    checkColumns(asked);
    if (await findDataExtension(api, key)) {
      throw new OperationFailedError(
        "operations.conflict",
        "There is already a data extension with this key.",
      );
    }
    return [
      {
        title: `Create the data extension ${quotedName(name)} with ${counted(columns.length, "column")}`,
        effect: "write",
        request: writeRequest("Create", [objectOf(asked)]),
        preview: {
          ...emptyPreview,
          rows: {
            columns: ["Column", "Type", "Length", "Primary key", "Required", "Default"],
            sample: columns.slice(0, 50).map(columnRow),
            total: columns.length,
          },
          bodies:
            columns.length > 50
              ? [
                  {
                    label: "All columns",
                    kind: "json",
                    before: null,
                    after: JSON.stringify(columns, null, 2),
                  },
                ]
              : [],
          facts: [
            { label: "Name", value: name },
            { label: "Key", value: key },
            ...(description ? [{ label: "Description", value: description }] : []),
            ...(folderId ? [{ label: "Folder", value: folderId }] : []),
            { label: "Can be sent to", value: sendBy ? `Yes, by ${sendBy}` : "No" },
          ],
        },
        records: 1,
        recipients: 0,
        observed: { exists: false },
        context: { key, name, columns: columns.length },
      },
    ];
  },
  async observe(api, step) {
    const { key } = contextSchema.parse(step.context);
    return { exists: (await findDataExtension(api, key)) !== null };
  },
  async conclude(api, step, response) {
    const { key } = contextSchema.parse(step.context);
    const answer = writeAnswerOf(response, "Create", 1, askedOf(key, writeScopes));
    if (answer.kind === "open") return settle(api, step);
    if (answer.kind !== "done") return answer.outcome;
    return applied({ id: answer.newObjectId, key });
  },
  settle,
});

const applied = (output: { id: string | null; key: string }): Outcome => ({
  kind: "applied",
  summary: "The data extension is there, still without rows.",
  output,
});

function checkColumns({ columns, sendBy }: Input): void {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  const bad = (words: string) => new OperationFailedError("operations.bad_query", words);
  if (names.size < columns.length) throw bad("Two columns have the same name.");
  if (sendBy !== undefined && !names.has(sendBy.toLowerCase())) {
    throw bad("The column to send by is not among the columns.");
  }
  if (columns.some(({ isPrimaryKey, isRequired }) => isPrimaryKey && !isRequired)) {
    throw bad("A primary key is always required: say so for its column.");
  }
}

const columnRow = (column: ColumnInput): (string | null)[] => [
  column.name,
  column.type,
  column.length === undefined ? null : String(column.length),
  column.isPrimaryKey ? "yes" : "no",
  column.isRequired ? "yes" : "no",
  column.defaultValue ?? null,
];

function objectOf({ key, name, description, folderId, columns, sendBy }: Input): Xml {
  const fields = columns.map((column) =>
    el("Field", [
      el("Name", column.name),
      el("FieldType", column.type),
      ...field("MaxLength", column.length?.toString()),
      ...field("Scale", column.scale?.toString()),
      el("IsPrimaryKey", String(column.isPrimaryKey)),
      el("IsRequired", String(column.isRequired)),
      ...field("DefaultValue", column.defaultValue),
    ]),
  );
  const sendable =
    sendBy === undefined
      ? []
      : [
          el("IsSendable", "true"),
          el("SendableDataExtensionField", [el("Name", sendBy)]),
          el("SendableSubscriberField", [el("Name", "Subscriber Key")]),
        ];
  return el(
    "Objects",
    [
      el("CustomerKey", key),
      el("Name", name),
      ...field("Description", description),
      ...field("CategoryID", folderId),
      ...sendable,
      el("Fields", fields),
    ],
    "DataExtension",
  );
}

async function settle(api: ProviderApi, step: { context: unknown }): Promise<Outcome> {
  const { key, name, columns } = contextSchema.parse(step.context);
  const found = await findDataExtension(api, key);
  if (!found) return notHappened("There is no data extension with this key: none was made.");
  const made = await readColumns(api, found.key).catch((error: unknown) => {
    if (isNotFound(error)) return [];
    throw error;
  });
  if (found.name === name && made.length === columns) return applied({ id: found.id, key });
  return {
    kind: "unknown",
    summary: "There is a data extension with this key, but not as it was to be made.",
  };
}
