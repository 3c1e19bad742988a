import { createHash } from "node:crypto";
import { z } from "zod";
import { named } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  askedOf,
  type Column,
} from "#lib/providers/marketing-cloud/operations/data-extension-schema.ts";
import {
  equals,
  joined,
  oneOf,
  retrieveUpTo,
  type SoapFilter,
  soapList,
  soapText,
} from "#lib/providers/marketing-cloud/operations/soap-retrieve.ts";
import type { ProviderApi } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";

/** Cells of one row as text, by the names of their columns; null is empty. */
export type Row = Readonly<Record<string, string | null>>;

/** A row as SOAP gives it: names and values, no id. */
export const rowsOfKeysSchema = z
  .object({
    Properties: z.object({
      Property: soapList(z.object({ Name: soapText, Value: soapText })),
    }),
  })
  .transform(
    ({ Properties }): Row =>
      Object.fromEntries(
        Properties.Property.flatMap(({ Name, Value }) => (Name === null ? [] : [[Name, Value]])),
      ),
  );

/** @throws {OperationFailedError} no such column */
export function columnNamed(columns: readonly Column[], name: string): Column {
  const found = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  throw new OperationFailedError(
    "operations.bad_query",
    `There is no ${named("column", name)} in this data extension.`,
  );
}

/** The key of a row as one text: exact, and as a database compares that does not mind letter case. */
const exactKey = (keys: readonly Column[], row: Row) =>
  JSON.stringify(keys.map(({ name }) => row[name] ?? ""));
const looseKey = (keys: readonly Column[], row: Row) => exactKey(keys, row).toLowerCase();

/**
 * Reads the rows of these keys by SOAP, which takes any key and gives columns their own names.
 *
 * @param wanted - rows that hold the key columns; a few hundred at most
 * @returns in the order of `wanted`; null where there is no such row
 * @throws {OperationFailedError}
 */
export async function readRowsOf(
  api: ProviderApi,
  key: string,
  {
    keys,
    columns,
    wanted,
  }: { keys: readonly Column[]; columns: readonly Column[]; wanted: readonly Row[] },
): Promise<(Row | null)[]> {
  const filter = filterOf(keys, wanted);
  if (!filter) return [];
  const { items } = await retrieveUpTo(
    api,
    {
      objectType: `DataExtensionObject[${key}]`,
      properties: columns.map(({ name }) => name),
      filter,
    },
    rowsOfKeysSchema,
    askedOf(key),
    mostRowsRead,
  );
  const rows = items.map((item) => renamed(columns, item));
  const exact = new Map(rows.map((row) => [exactKey(keys, row), row]));
  const loose = new Map(rows.map((row) => [looseKey(keys, row), row]));
  return wanted.map(
    (row) => exact.get(exactKey(keys, row)) ?? loose.get(looseKey(keys, row)) ?? null,
  );
}

const mostRowsRead = 10_000;

function filterOf(keys: readonly Column[], wanted: readonly Row[]): SoapFilter | null {
  const [only, ...others] = keys;
  if (!only || wanted.length === 0) return null;
  if (others.length === 0)
    return oneOf(
      only.name,
      wanted.map((row) => row[only.name] ?? ""),
    );
  const [first, ...rest] = wanted.map((row) => {
    const [head, ...tail] = keys.map(({ name }) => equals(name, row[name] ?? ""));
    return joined("AND", [head as SoapFilter, ...tail]);
  });
  return first ? joined("OR", [first, ...rest]) : null;
}

const renamed = (columns: readonly Column[], row: Row): Row => {
  const byName = new Map(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.fromEntries(
    columns.map(({ name }) => [name, byName.get(name.toLowerCase()) ?? null]),
  );
};

/** What rows hold in some columns, as one short text that changes with them. */
export const digestOf = (rows: readonly (Row | null)[], columns: readonly Column[]): string =>
  createHash("sha256")
    .update(JSON.stringify(rows.map((row) => row && columns.map(({ name }) => row[name] ?? null))))
    .digest("hex");

/**
 * Whether two texts are one value in a column of this type: numbers by size, truths by meaning, dates by
 * the clock they show. A date with a zone is in nobody's tenant time, and so never the same for certain.
 */
export function isSameCell(type: string, one: string | null, other: string | null): boolean {
  if ((one ?? "") === (other ?? "")) return true;
  if (one === null || other === null || one === "" || other === "") return false;
  if (type === "Number" || type === "Decimal") return Number(one) === Number(other);
  if (type === "Boolean") return truthOf(one) !== null && truthOf(one) === truthOf(other);
  if (type === "Date") return clockOf(one) !== null && clockOf(one) === clockOf(other);
  return false;
}

function truthOf(text: string): boolean | null {
  if (/^(?:true|1)$/i.test(text)) return true;
  return /^(?:false|0)$/i.test(text) ? false : null;
}

const american =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.0+)?(?:\s*(AM|PM))?)?$/i;
const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.0+)?)?$/;

/** Whether a date column takes this text: a day of the calendar in one of the two forms, with a zone or without. */
export function isDate(text: string): boolean {
  const clock = clockOf(text.replace(/(?<=T\S*)(?:Z|[+-]\d{2}:?\d{2})$/i, ""));
  const at = clock === null ? Number.NaN : Date.parse(`${clock}Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(clock ?? "");
}

/** `2026-10-01T15:00:00` of either form; null for another form, or one with a zone. */
function clockOf(text: string): string | null {
  const us = american.exec(text.trim());
  const [year, month, day, hour = "0", minute = "0", second = "0"] = us
    ? [us[3], us[1], us[2], hourOf(us[4], us[7]), us[5], us[6]]
    : (iso.exec(text.trim())?.slice(1) ?? []);
  if (year === undefined) return null;
  const two = (part: string | undefined) => (part ?? "0").padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}:${two(second)}`;
}

function hourOf(hour: string | undefined, half: string | undefined): string | undefined {
  if (hour === undefined || half === undefined) return hour;
  return String((Number(hour) % 12) + (half.toUpperCase() === "PM" ? 12 : 0));
}
