import { z } from "zod";
import { readRest } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  askedOf,
  type Column,
  readColumns,
  readScopes,
} from "#lib/providers/marketing-cloud/operations/data-extension-schema.ts";
import {
  type Cell,
  cellInput,
  cellText,
  customerKey,
  lineInput,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  fitsPath,
  pathOf,
  quoted,
  restRequest,
} from "#lib/providers/marketing-cloud/operations/request.ts";
import { columnNamed, rowsOfKeysSchema } from "#lib/providers/marketing-cloud/operations/rows.ts";
import {
  allOf,
  joined,
  retrievePage,
  type SoapFilter,
} from "#lib/providers/marketing-cloud/operations/soap-retrieve.ts";
import { type ProviderApi, readOperation } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";

const comparisons = ["eq", "neq", "lt", "lte", "gt", "gte", "like"] as const;
type Comparison = (typeof comparisons)[number];

const input = z.strictObject({
  key: customerKey(),
  columns: z
    .array(lineInput(128, "Name of a column."))
    .min(1)
    .max(200)
    .optional()
    .describe("Only these columns; all of them where it is left out."),
  filter: z
    .strictObject({
      match: z.enum(["all", "any"]).default("all").describe("Whether all or any must hold."),
      conditions: z
        .array(
          z.strictObject({
            column: lineInput(128, "Name of a column."),
            is: z.enum(comparisons).describe("How the column is compared with the value."),
            value: cellInput.describe(
              "What it is compared with; `%` in a `like` stands for anything.",
            ),
          }),
        )
        .min(1)
        .max(20)
        .describe("What must hold."),
    })
    .optional()
    .describe("Only rows for which this holds."),
  orderBy: z
    .strictObject({
      column: lineInput(128, "Name of a column."),
      direction: z.enum(["asc", "desc"]).default("asc").describe("Which way."),
    })
    .optional()
    .describe("In which order; the provider's own where it is left out."),
  pageSize: z.number().int().min(1).max(2_500).default(100).describe("Rows a page, at most 2,500."),
  next: lineInput(100, "`next` of the answer before, to go on from there.").optional(),
});
type Input = z.infer<typeof input>;

const output = z.object({
  columns: z.array(z.string()),
  rows: z.array(z.record(z.string(), z.string().nullable())),
  /** All rows that match; null where the provider does not tell. */
  total: z.number().int().nullable(),
  next: z.string().nullable(),
});
type Output = z.infer<typeof output>;

/**
 * Rows by REST, with a total, an order and the provider's own token from page to page; by SOAP where the
 * key, or a column that is filtered by, cannot be written in an address.
 */
export const readRows = readOperation({
  id: "marketing-cloud.data-extensions.rows",
  provider: "marketing-cloud",
  area: "Data extensions",
  title: "Read rows of a data extension",
  description:
    "Rows of one data extension, filtered, in order, a page at a time. Values are text, as the provider writes them: dates in the American form and in its own time.",
  scopes: readScopes,
  input,
  output,
  example: {
    key: "Orders",
    filter: {
      match: "all" as const,
      conditions: [{ column: "Status", is: "eq" as const, value: "shipped" }],
    },
    pageSize: 50,
  },
  async run(api, asked) {
    const all = await readColumns(api, asked.key);
    const wanted = asked.columns?.map((name) => columnNamed(all, name)) ?? all;
    const question = { ...asked, wanted, conditions: conditionsOf(asked, all) };
    const orderBy = asked.orderBy && columnNamed(all, asked.orderBy.column);
    return isForRest(question) ? byRest(api, question, all, orderBy) : bySoap(api, question);
  },
  rowsOf: ({ rows }) => rows.length,
});

type Condition = { column: Column; is: Comparison; value: string };
type Question = Omit<Input, "columns" | "filter"> & {
  wanted: readonly Column[];
  conditions: Condition[];
  filter?: Input["filter"];
};

const conditionsOf = ({ filter }: Input, columns: readonly Column[]): Condition[] =>
  filter?.conditions.map(({ column, is, value }) => ({
    column: columnNamed(columns, column),
    is,
    value: valueText(value),
  })) ?? [];

function valueText(value: Cell): string {
  const text = cellText(value);
  if (text !== null) return text;
  throw new OperationFailedError("operations.bad_query", "Compare with a value, not with nothing.");
}

/** What the filter's language can name without quotes, for it has none for names. */
const plainName = /^[A-Za-z_]\w*$/;

function isForRest({ key, next, conditions, wanted, orderBy }: Question): boolean {
  if (next !== undefined) return next.startsWith("rest:");
  const named = [...conditions.map(({ column }) => column), ...wanted];
  return (
    fitsPath(key) &&
    named.every(({ name }) => plainName.test(name)) &&
    (orderBy === undefined || plainName.test(orderBy.column))
  );
}

function restFilter({ conditions, filter }: Question): string | undefined {
  if (conditions.length === 0) return undefined;
  const written = conditions.map(
    ({ column, is, value }) => `${column.name} ${is} ${quoted(value)}`,
  );
  return written.join(filter?.match === "any" ? " or " : " and ");
}

const cells = z.record(z.string(), z.unknown()).default({});
const rowsetSchema = z.object({
  customObjectKey: z.string().optional(),
  requestToken: z.string().optional(),
  links: z.object({ next: z.string().optional() }).optional(),
  pageSize: z.number().int().min(1),
  page: z.number().int().min(1),
  count: z.number().int().min(0),
  // Absent where there is no row.
  items: z.array(z.object({ keys: cells, values: cells })).default([]),
});

const restCursor = /^rest:([0-9a-f-]{36}):([1-9]\d{0,6})$/i;

async function byRest(
  api: ProviderApi,
  question: Question,
  all: readonly Column[],
  orderBy: Column | undefined,
): Promise<Output> {
  const { key, wanted, pageSize, next } = question;
  const asked = askedOf(key);
  const [, token, page] = (next === undefined ? null : restCursor.exec(next)) ?? [];
  if (next !== undefined && token === undefined) throw badCursor();
  const request =
    token === undefined
      ? restRequest("GET", pathOf`/data/v1/customobjectdata/key/${key}/rowset`, {
          query: {
            $page: 1,
            $pageSize: pageSize,
            $filter: restFilter(question),
            $fields:
              wanted.length === all.length ? undefined : wanted.map(({ name }) => name).join(","),
            $orderBy: orderBy && `${orderBy.name} ${question.orderBy?.direction ?? "asc"}`,
          },
        })
      : restRequest("GET", pathOf`/data/v1/customobjectdata/token/${token}/rowset`, {
          query: { $page: Number(page) },
        });
  const rowset = await readRest(api, request, rowsetSchema, asked);
  // A `next` belongs to one data extension: another one's rows do not stand under this one's columns.
  if (!isSameText(rowset.customObjectKey ?? key, key)) throw badCursor();
  const rows = rowset.items.map(({ keys, values }) => rowOf(wanted, { ...values, ...keys }));
  const hasMore = rowset.page * rowset.pageSize < rowset.count && rows.length > 0;
  const following = rowset.requestToken ?? token;
  return {
    columns: wanted.map(({ name }) => name),
    rows,
    total: rowset.count,
    next: hasMore && following !== undefined ? `rest:${following}:${rowset.page + 1}` : null,
  };
}

const isSameText = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();

const badCursor = () =>
  new OperationFailedError("operations.bad_query", "This is no `next` of an answer before.");

/** Under the names that the columns were made with, whatever case the provider answers in. */
function rowOf(
  columns: readonly Column[],
  cellsOfRow: Readonly<Record<string, unknown>>,
): Record<string, string | null> {
  const byName = new Map(
    Object.entries(cellsOfRow).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const text = (value: unknown) =>
    value === undefined || value === null || value === "" ? null : String(value);
  return Object.fromEntries(
    columns.map(({ name }) => [name, text(byName.get(name.toLowerCase()))]),
  );
}

const soapOperators = {
  eq: "equals",
  neq: "notEquals",
  lt: "lessThan",
  lte: "lessThanOrEqual",
  gt: "greaterThan",
  gte: "greaterThanOrEqual",
  like: "like",
} as const;

async function bySoap(api: ProviderApi, question: Question): Promise<Output> {
  const { key, wanted, pageSize, next, orderBy, filter, conditions } = question;
  if (orderBy !== undefined) {
    throw new OperationFailedError(
      "operations.bad_query",
      "The provider cannot sort here, because the key or a column's name cannot stand in an address.",
    );
  }
  const parts = conditions.map(
    ({ column, is, value }): SoapFilter => ({
      property: column.name,
      operator: soapOperators[is],
      values: [value],
    }),
  );
  const [first, ...rest] = parts;
  const page = await retrievePage(
    api,
    {
      objectType: `DataExtensionObject[${key}]`,
      properties: wanted.map(({ name }) => name),
      batchSize: pageSize,
      filter: filter?.match === "any" && first ? joined("OR", [first, ...rest]) : allOf(parts),
      continues: next?.replace(/^soap:/, ""),
    },
    rowsOfKeysSchema,
    askedOf(key),
  );
  return {
    columns: wanted.map(({ name }) => name),
    rows: page.items.map((row) => rowOf(wanted, row)),
    total: null,
    next: page.next === null ? null : `soap:${page.next}`,
  };
}
