import { storedValue, valueProblem } from "./cell-values.ts";
import type { DataExtension, Field, GivenRow, Row, RowAction } from "./data-types.ts";

export type RowProblem = { problem: string };

const findField = (one: DataExtension, name: string): Field | undefined =>
  one.fields.find((field) => field.name.toLowerCase() === name.toLowerCase());

const keyNames = (one: DataExtension): string[] =>
  one.fields.filter((field) => field.isPrimaryKey).map((field) => field.name);

/** The primary key's values as one text; null when one is missing. */
function identity(names: readonly string[], row: Row): string | null {
  const values = names.map((name) => row[name]);
  return values.some((value) => !value) ? null : JSON.stringify(values);
}

/**
 * Writes rows one after the other, each found by its primary key.
 *
 * @returns the rows as they are then, and for each given row why it was not taken, or null
 */
export function writeRows(
  one: DataExtension,
  rows: readonly Row[],
  given: readonly GivenRow[],
  action: RowAction,
): { rows: Row[]; problems: (string | null)[] } {
  const names = keyNames(one);
  const next = [...rows];
  const places = new Map<string, number>();
  if (names.length > 0) {
    for (const [at, row] of next.entries()) places.set(identity(names, row) ?? "", at);
  }
  const problems = given.map((values): string | null => {
    const row = toRow(one, values);
    if (typeof row === "string") return row;
    if (names.length === 0) {
      if (action === "update") return "The data extension has no primary key to update by.";
      next.push(row);
      return null;
    }
    const key = identity(names, row);
    if (key === null) return "Primary key value is required.";
    const at = places.get(key);
    if (at !== undefined) {
      if (action === "insert") {
        return "Violation of PRIMARY KEY constraint. Cannot insert duplicate key.";
      }
      next[at] = { ...next[at], ...row };
      return null;
    }
    if (action === "update") return "No row was found to update.";
    const whole = withDefaults(one, row);
    const missing = one.fields.find((field) => field.isRequired && !whole[field.name]);
    if (missing) return `The field ${missing.name} is required.`;
    places.set(key, next.length);
    next.push(whole);
    return null;
  });
  return { rows: next, problems };
}

/** As `writeRows`, with one row. */
export function upsertRow(
  one: DataExtension,
  rows: readonly Row[],
  given: GivenRow,
  action: RowAction,
): Row[] | RowProblem {
  const written = writeRows(one, rows, [given], action);
  const problem = written.problems[0];
  return problem ? { problem } : written.rows;
}

/** The row that has these values as its primary key. */
export function findRow(
  one: DataExtension,
  rows: readonly Row[],
  given: GivenRow,
): Row | undefined {
  const names = keyNames(one);
  const row = toRow(one, given);
  const key = typeof row === "string" ? null : identity(names, row);
  return key === null || names.length === 0
    ? undefined
    : rows.find((held) => identity(names, held) === key);
}

/** @returns the rows without the one of these keys */
export function deleteRow(
  one: DataExtension,
  rows: readonly Row[],
  keys: GivenRow,
): Row[] | RowProblem {
  const named = toRow(one, keys);
  if (typeof named === "string") return { problem: named };
  const names = keyNames(one);
  const key = names.length === 0 ? null : identity(names, named);
  if (key === null) return { problem: "Primary key value is required." };
  const at = rows.findIndex((held) => identity(names, held) === key);
  if (at < 0) return { problem: "No row was found to delete." };
  return rows.filter((_, index) => index !== at);
}

/** A new row has what its fields say where nothing was given. */
const withDefaults = ({ fields }: DataExtension, row: Row): Row => ({
  ...Object.fromEntries(
    fields.flatMap((field) =>
      field.defaultValue === null ? [] : [[field.name, storedValue(field, field.defaultValue)]],
    ),
  ),
  ...row,
});

/** Under the names of the fields, or why not. */
function toRow(one: DataExtension, given: GivenRow): Row | string {
  const row: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const field = findField(one, name);
    if (!field) return `The field ${name} does not exist in the data extension.`;
    const wrong = valueProblem(field, value);
    if (wrong) return wrong;
    row[field.name] = storedValue(field, value);
  }
  return row;
}
