import type { DataExtension, Field, Row } from "./data-types.ts";

export type RowProblem = { problem: string };
export type RowAction = "insert" | "update" | "upsert";

const findField = (one: DataExtension, name: string): Field | undefined =>
  one.fields.find((field) => field.name.toLowerCase() === name.toLowerCase());

/**
 * The rows with one more, or one changed, found by its primary key.
 *
 * @param given - column names in any case
 * @returns a new list, or why the vendor would not take the row
 */
export function upsertRow(
  one: DataExtension,
  rows: readonly Row[],
  given: Readonly<Record<string, string>>,
  action: RowAction,
): Row[] | RowProblem {
  const row: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const field = findField(one, name);
    if (!field) return { problem: `The field ${name} does not exist in the data extension.` };
    const wrong = valueProblem(field, value);
    if (wrong) return { problem: wrong };
    row[field.name] = value;
  }
  const at = findRow(one, rows, row);
  if (at === "no-key") {
    return action === "update"
      ? { problem: "The data extension has no primary key to update by." }
      : [...rows, row];
  }
  if (at === "incomplete") return { problem: "Primary key value is required." };
  if (at >= 0 && action === "insert") {
    return { problem: "Violation of PRIMARY KEY constraint. Cannot insert duplicate key." };
  }
  if (at < 0 && action === "update") return { problem: "No row was found to update." };
  if (at >= 0) return rows.map((old, index) => (index === at ? { ...old, ...row } : old));
  const missing = one.fields.find((field) => field.isRequired && !row[field.name]);
  return missing ? { problem: `The field ${missing.name} is required.` } : [...rows, row];
}

/** @returns the rows without the one of these keys */
export function deleteRow(
  one: DataExtension,
  rows: readonly Row[],
  keys: Readonly<Record<string, string>>,
): Row[] | RowProblem {
  const named: Record<string, string> = {};
  for (const [name, value] of Object.entries(keys)) {
    const field = findField(one, name);
    if (!field) return { problem: `The field ${name} does not exist in the data extension.` };
    named[field.name] = value;
  }
  const at = findRow(one, rows, named);
  if (typeof at === "string") return { problem: "Primary key value is required." };
  if (at < 0) return { problem: "No row was found to delete." };
  return rows.filter((_, index) => index !== at);
}

function findRow(
  one: DataExtension,
  rows: readonly Row[],
  row: Row,
): number | "no-key" | "incomplete" {
  const keys = one.fields.filter((field) => field.isPrimaryKey).map((field) => field.name);
  if (keys.length === 0) return "no-key";
  if (keys.some((name) => !row[name])) return "incomplete";
  return rows.findIndex((old) => keys.every((name) => old[name] === row[name]));
}

function valueProblem(field: Field, value: string): string | null {
  if (value === "") return null;
  if (field.length !== null && field.type !== "Decimal" && value.length > field.length) {
    return `The value of ${field.name} is longer than ${field.length}.`;
  }
  const forms: Partial<Record<Field["type"], RegExp>> = {
    Number: /^-?\d+$/,
    Decimal: /^-?\d+(\.\d+)?$/,
    Boolean: /^(true|false|1|0)$/i,
    EmailAddress: /^[^@\s]+@[^@\s]+\.[^@\s]+$/,
  };
  return (forms[field.type] ?? /^/).test(value)
    ? null
    : `The value of ${field.name} is not a valid ${field.type}.`;
}
