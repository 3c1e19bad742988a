import { z } from "zod";
import type { ProviderApi } from "#lib/providers/operation.ts";
import type { Preview, Warning } from "#lib/providers/preview.ts";
import { objectName } from "#lib/providers/salesforce/credential-objects.ts";
import type { Described } from "#lib/providers/salesforce/operations/describe.ts";
import { fieldForm } from "#lib/providers/salesforce/operations/inputs.ts";
import { readJson } from "#lib/providers/salesforce/operations/read.ts";
import { dataPath, restRequest } from "#lib/providers/salesforce/operations/request.ts";
import { soqlText } from "#lib/providers/salesforce/operations/soql-text.ts";

const mostChildren = 25;
const batchSchema = z.object({
  results: z.array(
    z.object({
      statusCode: z.number(),
      result: z.object({ totalSize: z.number().int() }).nullable().catch(null),
    }),
  ),
});

/** What the provider deletes along with these records, counted in one request. */
export async function countedAlong(
  api: ProviderApi,
  object: Described,
  ids: readonly string[],
): Promise<Preview["facts"]> {
  const children = object.children
    .filter(
      ({ isDeletedAlong, object: name, field }) =>
        isDeletedAlong && objectName.test(name) && fieldForm.test(field),
    )
    .slice(0, mostChildren);
  if (children.length === 0) return [];
  const list = ids.map(soqlText).join(",");
  const batchRequests = children.map(({ object: name, field }) => {
    const soql = `SELECT COUNT() FROM ${name} WHERE ${field} IN (${list})`;
    return {
      method: "GET",
      url: `${dataPath.slice("/services/data/".length)}/query?q=${encodeURIComponent(soql)}`,
    };
  });
  const { results } = await readJson(
    api,
    restRequest("POST", ["composite", "batch"], { body: { batchRequests } }),
    batchSchema,
    `what belongs to ${object.name} records`,
  );
  const counted = children.map(({ object: name }, at) => ({
    name,
    count: results[at]?.statusCode === 200 ? (results[at]?.result?.totalSize ?? null) : null,
  }));
  const some = counted.filter(({ count }) => count !== null && count > 0);
  const unknown = counted.filter(({ count }) => count === null);
  return [
    ...(some.length
      ? [
          {
            label: "Deleted along with it",
            value: some.map(({ name, count }) => `${count} ${name}`).join(", "),
          },
        ]
      : []),
    ...(unknown.length
      ? [
          {
            label: "May be deleted along with it, not counted",
            value: unknown.map(({ name }) => name).join(", "),
          },
        ]
      : []),
  ];
}

export function deletionWarnings(object: Described, count: number): Warning[] {
  const what = `${count} ${object.name} record${count === 1 ? "" : "s"}`;
  return object.isUndeletable
    ? [
        {
          code: "delete",
          text: `Deletes ${what}. Salesforce keeps deleted records in the recycle bin for 15 days.`,
        },
      ]
    : [
        { code: "delete", text: `Deletes ${what}.` },
        { code: "cannot_be_undone", text: `${object.name} records have no recycle bin.` },
      ];
}
