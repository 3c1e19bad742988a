import { z } from "zod";
import { readRest } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  askedOf,
  columnSchema,
  getDataExtension,
  readColumns,
  readScopes,
  soapSummary,
  summaryProperties,
  summarySchema,
} from "#lib/providers/marketing-cloud/operations/data-extension-schema.ts";
import {
  customerKey,
  lineInput,
  mostInput,
  nextInput,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  fitsPath,
  pathOf,
  restRequest,
} from "#lib/providers/marketing-cloud/operations/request.ts";
import { retrieveUpTo } from "#lib/providers/marketing-cloud/operations/soap-retrieve.ts";
import { type ProviderApi, readOperation } from "#lib/providers/operation.ts";

const area = "Data extensions";

const listInput = z.strictObject({
  search: lineInput(100, "Only those whose name holds this text.").optional(),
  most: mostInput,
  next: nextInput,
});
const listOutput = z.object({
  dataExtensions: z.array(summarySchema),
  next: z.string().nullable(),
});

export const listDataExtensions = readOperation({
  id: "marketing-cloud.data-extensions.list",
  provider: "marketing-cloud",
  area,
  title: "List data extensions",
  description:
    "All data extensions of the business unit with key, name, folder and whether they can be sent to. A long catalogue comes in parts.",
  scopes: readScopes,
  input: listInput,
  output: listOutput,
  example: { search: "Orders", most: 500 },
  async run(api, { search, most, next }) {
    const { items, next: after } = await retrieveUpTo(
      api,
      {
        objectType: "DataExtension",
        properties: summaryProperties,
        continues: next,
        ...(search === undefined
          ? {}
          : { filter: { property: "Name", operator: "like", values: [`%${search}%`] } as const }),
      },
      soapSummary,
      { what: "the list of data extensions", scopes: readScopes },
      most,
    );
    return { dataExtensions: items, next: after };
  },
  rowsOf: ({ dataExtensions }) => dataExtensions.length,
});

const getInput = z.strictObject({ key: customerKey() });
const getOutput = z.object({
  dataExtension: summarySchema,
  columns: z.array(columnSchema),
  /** Null where the provider does not tell. */
  rowCount: z.number().int().nullable(),
});

export const getDataExtensionSchema = readOperation({
  id: "marketing-cloud.data-extensions.get",
  provider: "marketing-cloud",
  area,
  title: "Describe a data extension",
  description:
    "Columns with types, lengths and keys of one data extension, and how many rows it has.",
  scopes: readScopes,
  input: getInput,
  output: getOutput,
  example: { key: "Orders" },
  async run(api, { key }) {
    const dataExtension = await getDataExtension(api, key);
    const columns = await readColumns(api, dataExtension.key);
    return { dataExtension, columns, rowCount: await countRows(api, dataExtension.key) };
  },
  rowsOf: ({ columns }) => columns.length,
});

const countSchema = z.object({ count: z.number().int().min(0) });

/** Rows of a data extension; null where its key cannot stand in an address, for SOAP does not count. */
async function countRows(api: ProviderApi, key: string): Promise<number | null> {
  if (!fitsPath(key)) return null;
  const request = restRequest("GET", pathOf`/data/v1/customobjectdata/key/${key}/rowset`, {
    query: { $page: 1, $pageSize: 1 },
  });
  return (await readRest(api, request, countSchema, askedOf(key))).count;
}
