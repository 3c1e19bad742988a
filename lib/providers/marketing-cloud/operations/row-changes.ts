import { named } from "#lib/providers/marketing-cloud/operations/answer.ts";
import type { Column } from "#lib/providers/marketing-cloud/operations/data-extension-schema.ts";
import { type Cell, cellText, shown } from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  columnNamed,
  isDate,
  isSameCell,
  type Row,
} from "#lib/providers/marketing-cloud/operations/rows.ts";
import { wordOr } from "#lib/providers/marketing-cloud/operations/words.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import type { Change, Preview } from "#lib/providers/preview.ts";

/** How many rows go with one request: all of them stand in its preview. */
export const rowsPerStep = 50;
/** Above this many rows a person is told that it is a lot. */
export const bulkRows = 200;

const bad = (words: string) => new OperationFailedError("operations.bad_query", words);

/** @throws {OperationFailedError} rows of it cannot be told apart */
export function keysOf(columns: readonly Column[]): Column[] {
  const keys = columns.filter(({ isPrimaryKey }) => isPrimaryKey);
  if (keys.length > 0) return keys;
  throw bad("This data extension has no primary key, so its rows cannot be told apart.");
}

/**
 * Rows as they were given, under the columns' own names, with what the provider would refuse said now and
 * with the row's number.
 *
 * @throws {OperationFailedError}
 */
export function checkedRows(
  columns: readonly Column[],
  given: readonly Readonly<Record<string, Cell>>[],
): { cells: Readonly<Record<string, Cell>>; row: Row }[] {
  const keys = keysOf(columns);
  const seen = new Set<string>();
  return given.map((cells, at) => {
    const pairs = Object.entries(cells).map(([name, cell]) => {
      const column = columnNamed(columns, name);
      const problem = problemOf(column, cell);
      if (problem) throw bad(`Row ${at + 1}: ${named("the column", name)} ${problem}.`);
      return [column.name, cell] as const;
    });
    if (new Set(pairs.map(([name]) => name)).size < pairs.length) {
      throw bad(`Row ${at + 1} names a column twice.`);
    }
    const own = Object.fromEntries(pairs);
    const missing = keys.find(({ name }) => (cellText(own[name] ?? null) ?? "") === "");
    if (missing) {
      throw bad(
        `Row ${at + 1} lacks its key, the column ${wordOr(missing.name, "that rows are told apart by")}.`,
      );
    }
    const row = Object.fromEntries(pairs.map(([name, cell]) => [name, cellText(cell)]));
    const key = JSON.stringify(keys.map(({ name }) => row[name]?.toLowerCase()));
    if (seen.has(key)) throw bad(`Row ${at + 1} has the same key as a row before it.`);
    seen.add(key);
    return { cells: own, row };
  });
}

const forms: Readonly<Record<string, readonly [takes: (text: string) => boolean, words: string]>> =
  {
    Number: [(text) => /^-?\d+$/.test(text), "takes whole numbers"],
    Decimal: [(text) => /^-?\d+(?:\.\d+)?$/.test(text), "takes numbers"],
    Boolean: [(text) => /^(?:true|false|0|1)$/i.test(text), "takes true or false"],
    Date: [isDate, "takes dates such as 2026-10-01 or 10/1/2026 3:00 PM"],
    EmailAddress: [(text) => /^[^@\s]+@[^@\s]+$/.test(text), "takes mail addresses"],
  };

function problemOf({ type, length }: Column, cell: Cell): string | null {
  const text = cellText(cell);
  if (text === null || text === "") return null;
  const form = Object.hasOwn(forms, type) ? forms[type] : undefined;
  if (form && !form[0](text)) return form[1];
  const isLong = length !== null && type !== "Decimal" && [...text].length > length;
  return isLong ? `takes at most ${length} characters` : null;
}

/** A row that is not there yet must have what it cannot be without. */
export function requireWhole(columns: readonly Column[], row: Row, subject: string): void {
  const missing = columns.find(
    ({ name, isRequired, defaultValue }) =>
      isRequired && defaultValue === null && (row[name] ?? "") === "",
  );
  if (!missing) return;
  throw bad(
    `${subject} is not there yet, and a new row needs the column ${wordOr(missing.name, "that is required")}.`,
  );
}

/** A row as people know it. */
export const subjectOf = (keys: readonly Column[], row: Row): string =>
  shown(keys.map(({ name }) => row[name] ?? "").join(", ")) ?? "";

/** What becomes another value in one row; `before` null where there is no such row yet. */
export function changesOf(
  columns: readonly Column[],
  keys: readonly Column[],
  { before, after }: { before: Row | null; after: Row },
): Change[] {
  const subject = subjectOf(keys, after);
  return columns.flatMap(({ name, type, isPrimaryKey }) => {
    const value = after[name];
    if (value === undefined || (before && isPrimaryKey)) return [];
    const old = before?.[name] ?? null;
    if (isSameCell(type, old, value)) return [];
    return [{ subject, subjectId: null, field: name, before: shown(old), after: shown(value) }];
  });
}

const mostShown = { changes: 500, rows: 50, columns: 200 };

/** Changes and rows as far as a preview holds them, with how many there are. */
export function previewOfRows(
  columns: readonly Column[],
  rows: readonly Row[],
  changes: readonly Change[],
): Pick<Preview, "changes" | "changesTotal" | "rows"> {
  const named = columns.slice(0, mostShown.columns).map(({ name }) => name);
  return {
    changes: changes.slice(0, mostShown.changes),
    changesTotal: changes.length,
    rows: {
      columns: named,
      sample: rows
        .slice(0, mostShown.rows)
        .map((row) => named.map((name) => shown(row[name] ?? null))),
      total: rows.length,
    },
  };
}

export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let at = 0; at < items.length; at += size) chunks.push(items.slice(at, at + size));
  return chunks;
}

/** What one step's rows may weigh; as XML they weigh several times as much. */
const bytesPerStep = 150_000;

/** Rows by the fifty, and fewer where they are long. */
export function chunksOfRows<T extends { cells: unknown }>(rows: readonly T[]): T[][] {
  const chunks: T[][] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = Buffer.byteLength(JSON.stringify(row.cells));
    const last = chunks.at(-1);
    if (!last || last.length === rowsPerStep || bytes + size > bytesPerStep) {
      chunks.push([row]);
      bytes = size;
    } else {
      last.push(row);
      bytes += size;
    }
  }
  return chunks;
}
