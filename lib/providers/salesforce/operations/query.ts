import { z } from "zod";
import { type ProviderApi, readOperation } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { textInput } from "#lib/providers/salesforce/operations/inputs.ts";
import { readJson, refusedAs, unreadable } from "#lib/providers/salesforce/operations/read.ts";
import type { SalesforceRecord } from "#lib/providers/salesforce/operations/records.ts";
import { jsonOf } from "#lib/providers/salesforce/operations/refusals.ts";
import { dataPath, restRequest } from "#lib/providers/salesforce/operations/request.ts";
import { changesData } from "#lib/providers/salesforce/soql.ts";

const longestSoql = 12_000;
const usualRows = 2_000;
const mostRows = 20_000;
/** Text of the rows that are kept; what comes after is cut. */
const mostCharacters = 8_000_000;

const pageSchema = z.object({
  totalSize: z.number().int().min(0),
  done: z.boolean(),
  nextRecordsUrl: z.string().max(300).optional(),
  records: z.array(z.record(z.string(), z.unknown())),
});
type Page = z.infer<typeof pageSchema>;

const input = z.strictObject({
  soql: textInput(longestSoql, "One SOQL query, e.g. SELECT Id, Name FROM Account LIMIT 10.")
    .min(1)
    .refine(
      (soql) => !changesData(soql),
      "Leave out FOR VIEW, FOR REFERENCE, FOR UPDATE and UPDATE: a query only reads here.",
    ),
  most: z
    .number()
    .int()
    .min(1)
    .max(mostRows)
    .default(usualRows)
    .describe("Stop after so many rows; the answer says what was cut."),
  includeDeleted: z
    .boolean()
    .default(false)
    .describe("Also records in the recycle bin and archived ones."),
});

export const query = readOperation({
  id: "salesforce.query",
  provider: "salesforce",
  area: "Query",
  title: "Query records",
  description:
    "Runs one SOQL query and reads all its pages up to a number of rows. Says how many rows there are and what was cut.",
  scopes: ["api"],
  input,
  output: z.object({
    records: z.array(z.record(z.string(), z.unknown())),
    /** In the order in which the first record that has them brings them. */
    columns: z.array(z.string()),
    totalSize: z.number().int(),
    returned: z.number().int(),
    isComplete: z.boolean(),
    /** Why not everything is here: the number of rows, their size, or more children than came along. */
    cut: z.enum(["rows", "size", "children"]).nullable(),
  }),
  example: {
    soql: "SELECT Id, Name FROM Account ORDER BY Name LIMIT 10",
    most: 10,
    includeDeleted: false,
  },
  async run(api, { soql, most, includeDeleted }) {
    const { records, totalSize, isCutBySize } = await readPages(api, {
      soql,
      most,
      includeDeleted,
    });
    const kept = records.map(withoutAttributes);
    const hasMoreChildren = kept.some(({ isCut }) => isCut);
    const isMore = records.length < totalSize && totalSize > 0 && !isCount(records, totalSize);
    const cut = isCutBySize ? "size" : isMore ? "rows" : hasMoreChildren ? "children" : null;
    const rows = kept.map(({ value }) => value as SalesforceRecord);
    return {
      records: rows,
      columns: [...new Set(rows.flatMap((row) => Object.keys(row)))],
      totalSize,
      returned: rows.length,
      isComplete: cut === null,
      cut,
    };
  },
  rowsOf: ({ returned }) => returned,
});

/** `SELECT COUNT()` tells a number and brings no rows. */
const isCount = (records: readonly unknown[], totalSize: number) =>
  records.length === 0 && totalSize > 0;

async function readPages(
  api: ProviderApi,
  { soql, most, includeDeleted }: { soql: string; most: number; includeDeleted: boolean },
): Promise<{ records: SalesforceRecord[]; totalSize: number; isCutBySize: boolean }> {
  const resource = includeDeleted ? "queryAll" : "query";
  const headers = { "sforce-query-options": `batchSize=${Math.min(2_000, Math.max(200, most))}` };
  const first = restRequest("GET", [resource], { query: { q: soql }, headers });
  const response = await api.read(first);
  if (response.status !== 200) throw queryFailure(response, soql);
  const parsed = pageSchema.safeParse(jsonOf(response.body));
  if (!parsed.success) throw unreadable(parsed.error);
  let page: Page = parsed.data;
  const { totalSize } = page;
  const records: SalesforceRecord[] = [];
  let characters = 0;
  for (;;) {
    for (const record of page.records) {
      if (records.length === most) return { records, totalSize, isCutBySize: false };
      characters += JSON.stringify(record).length;
      if (characters > mostCharacters) return { records, totalSize, isCutBySize: true };
      records.push(record);
    }
    api.progress(records.length, Math.min(totalSize, most));
    if (page.done || records.length >= most) return { records, totalSize, isCutBySize: false };
    // A page that brings nothing would lead to the next for ever.
    if (page.records.length === 0) throw unreadable();
    const next = restRequest("GET", nextOf(page), { headers });
    page = await readJson(api, next, pageSchema, "the next rows of the query");
  }
}

const locatorForm = /^[A-Za-z0-9]{15,40}-\d{1,9}$/;

/** The address of the next page is followed only where it is exactly what we would build. */
function nextOf({ nextRecordsUrl = "" }: Page): [resource: string, locator: string] {
  const [resource = "", locator = ""] = nextRecordsUrl.split("/").slice(-2);
  const isOurs =
    /^query(?:All)?$/.test(resource) &&
    nextRecordsUrl === `${dataPath}/${resource}/${locator}` &&
    locatorForm.test(locator);
  if (!isOurs) throw unreadable();
  return [resource, locator];
}

/** Says which row and column, or which name, a query failed at: numbers, and words of the asker's own. */
function queryFailure(response: Parameters<typeof refusedAs>[0], soql: string) {
  const failure = refusedAs(response, "the query");
  if (response.status !== 400) return failure;
  const place = /ERROR at Row:(\d{1,6}):Column:(\d{1,6})/.exec(response.body);
  const name = /(?:No such column|sObject type|relationship) '([A-Za-z][\w.]{0,120})'/.exec(
    response.body,
  )?.[1];
  const parts = [
    ...(name && soql.includes(name) ? [`Look at ${name}.`] : []),
    ...(place ? [`Row ${place[1]}, column ${place[2]}.`] : []),
  ];
  const code = /operations\.(?:not_found|bad_query|too_much)/.test(failure.code)
    ? failure.code
    : "operations.bad_query";
  return new OperationFailedError(code, [failure.userMessage, ...parts].join(" "), {
    providerCode: failure.providerCode,
  });
}

type Cleaned = { value: unknown; isCut: boolean };

/** Rows without what the provider says about each, and whether rows inside of them were cut. */
function withoutAttributes(value: unknown): Cleaned {
  if (Array.isArray(value)) {
    const parts = value.map(withoutAttributes);
    return { value: parts.map((part) => part.value), isCut: parts.some((part) => part.isCut) };
  }
  if (typeof value !== "object" || value === null) return { value, isCut: false };
  let isCut = "records" in value && "done" in value && value.done === false;
  const entries = Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    if (name === "attributes" || name === "nextRecordsUrl") return [];
    const part = withoutAttributes(inner);
    isCut ||= part.isCut;
    return [[name, part.value]];
  });
  return { value: Object.fromEntries(entries), isCut };
}
