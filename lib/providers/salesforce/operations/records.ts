import { z } from "zod";
import type { ProviderApi } from "#lib/providers/operation.ts";
import { OperationRefusedError } from "#lib/providers/operation-errors.ts";
import { objectName } from "#lib/providers/salesforce/credential-objects.ts";
import { fieldForm, type Value } from "#lib/providers/salesforce/operations/inputs.ts";
import { readJson } from "#lib/providers/salesforce/operations/read.ts";
import { fitsAddress, restRequest } from "#lib/providers/salesforce/operations/request.ts";
import { soqlLiteral } from "#lib/providers/salesforce/operations/soql-text.ts";
import { storedId } from "#lib/providers/salesforce/record-id.ts";

/** A record as it came, without what the provider says about it. */
export type SalesforceRecord = Readonly<Record<string, unknown>>;

const recordSchema = z.record(z.string(), z.unknown());
const recordsSchema = z.array(recordSchema.nullable());
const pageSchema = z.object({ totalSize: z.number().int(), records: z.array(recordSchema) });

/** Ids of 15 and 18 characters name the same record. */
export const sameId = (left: string, right: string): boolean => storedId(left) === storedId(right);

const mostByIds = 2_000;

/**
 * Records in the order of the ids; null where there is none, or none that this sign-in may see.
 *
 * @param ids - at most 2,000
 * @throws {OperationFailedError} the object or a field is not there
 */
export async function readByIds(
  api: ProviderApi,
  object: string,
  ids: readonly string[],
  fields: readonly string[],
): Promise<(SalesforceRecord | null)[]> {
  if (ids.length === 0) return [];
  if (ids.length > mostByIds) throw new OperationRefusedError("more ids than one request reads");
  const asked = [...new Set(["Id", ...fields])];
  const found = await readJson(
    api,
    restRequest("POST", ["composite", "sobjects", object], {
      body: { ids: [...ids], fields: asked },
    }),
    recordsSchema,
    `records of ${object}`,
  );
  return ids.map((id, at) => {
    const record = found[at];
    return record && typeof record.Id === "string" && sameId(record.Id, id) ? record : null;
  });
}

/** What is looked for: a field, its type and the values that it may have. */
export type Wanted = { field: string; type: string; values: readonly Value[] };

/**
 * Records whose fields hold all of this; null where that cannot be asked in one query.
 *
 * @throws {OperationFailedError} the object or a field is not there
 */
export async function findWhere(
  api: ProviderApi,
  object: string,
  wanted: readonly Wanted[],
  fields: readonly string[],
  most: number,
): Promise<{ total: number; records: SalesforceRecord[] } | null> {
  const soql = selectWhere(object, wanted, fields, most);
  if (soql === null || !fitsAddress({ q: soql })) return null;
  const page = await readJson(
    api,
    restRequest("GET", ["query"], { query: { q: soql } }),
    pageSchema,
    `records of ${object}`,
  );
  return { total: page.totalSize, records: page.records };
}

function selectWhere(
  object: string,
  wanted: readonly Wanted[],
  fields: readonly string[],
  most: number,
): string | null {
  const names = [...new Set(["Id", ...fields])];
  const isPlain =
    objectName.test(object) &&
    [...names, ...wanted.map(({ field }) => field)].every((name) => fieldForm.test(name));
  if (!isPlain) throw new OperationRefusedError("a query of ours holds what is no name");
  const parts: string[] = [];
  for (const { field, type, values } of wanted) {
    const literals = values.map((value) => (value === null ? null : soqlLiteral(type, value)));
    if (literals.length === 0 || literals.includes(null)) return null;
    parts.push(
      literals.length === 1 ? `${field} = ${literals[0]}` : `${field} IN (${literals.join(",")})`,
    );
  }
  if (parts.length === 0) return null;
  return `SELECT ${names.join(", ")} FROM ${object} WHERE ${parts.join(" AND ")} LIMIT ${most}`;
}

/** Whether what a record holds is what was sent: as text and numbers are kept, not as they are written. */
export function holds(type: string, found: unknown, sent: Value): boolean {
  const wanted = sent === "" ? null : sent;
  const held = found === "" || found === undefined ? null : found;
  if (wanted === null || held === null) {
    return wanted === held || (type === "boolean" && wanted === null && held === false);
  }
  if (typeof wanted === "boolean" || typeof held === "boolean") return wanted === held;
  if (typeof held === "number" || typeof wanted === "number")
    return Number(held) === Number(wanted);
  if (typeof held !== "string") return false;
  if (type === "id" || type === "reference") return sameId(held, wanted);
  if (type === "date" || type === "datetime") return momentOf(held) === momentOf(wanted);
  if (type === "multipicklist") return chosen(held) === chosen(wanted);
  if (type === "email") return kept(held).toLowerCase() === kept(wanted).toLowerCase();
  return kept(held) === kept(wanted);
}

const momentOf = (text: string): number => Date.parse(text.replace(/\+0000$/, "Z"));
const chosen = (text: string): string => text.split(";").sort().join(";");
/** Salesforce takes blanks off both ends and keeps line ends in one form. */
const kept = (text: string): string => text.replaceAll("\r\n", "\n").trim();

/** A value as a line for people; null where there is none. */
export function shownValue(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
