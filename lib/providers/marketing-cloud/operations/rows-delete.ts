import { z } from "zod";
import { notHappened } from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  askedOf,
  type Column,
  columnSchema,
  getDataExtension,
  readColumns,
  writeScopes,
} from "#lib/providers/marketing-cloud/operations/data-extension-schema.ts";
import {
  cellInput,
  customerKey,
  lineInput,
  shown,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  bulkRows,
  checkedRows,
  chunksOf,
  keysOf,
  previewOfRows,
  rowsPerStep,
  subjectOf,
} from "#lib/providers/marketing-cloud/operations/row-changes.ts";
import { digestOf, type Row, readRowsOf } from "#lib/providers/marketing-cloud/operations/rows.ts";
import {
  writeAnswerOf,
  writeRequest,
} from "#lib/providers/marketing-cloud/operations/soap-write.ts";
import { counted, quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import { el } from "#lib/providers/marketing-cloud/xml.ts";
import {
  type Outcome,
  type PreparedStep,
  type ProviderApi,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { emptyPreview } from "#lib/providers/preview.ts";

const input = z.strictObject({
  key: customerKey(),
  rows: z
    .array(z.record(lineInput(128, "Name of a key column."), cellInput))
    .min(1)
    .max(2_000)
    .describe("Rows to remove, each by its primary key."),
});

const contextSchema = z.object({
  key: z.string(),
  columns: z.array(columnSchema),
  /** Primary keys of the rows that are removed. */
  rows: z.array(z.record(z.string(), z.string().nullable())),
});

export const deleteRows = writeOperation({
  id: "marketing-cloud.rows.delete",
  provider: "marketing-cloud",
  effect: "destructive",
  area: "Data extensions",
  title: "Delete rows of a data extension",
  description:
    "Removes rows by their primary keys, fifty with one step. What they hold is shown before.",
  scopes: writeScopes,
  input,
  output: z.object({ deleted: z.number().int() }),
  example: { key: "Orders", rows: [{ OrderId: "O000001" }] },
  async prepare(api, { key, rows }) {
    const dataExtension = await getDataExtension(api, key);
    const columns = await readColumns(api, dataExtension.key);
    const keys = keysOf(columns);
    const given = checkedRows(columns, rows).map(({ row }) => keysOnly(keys, row));
    const steps: PreparedStep[] = [];
    let missing = 0;
    for (const chunk of chunksOf(given, rowsPerStep)) {
      const found = await readRowsOf(api, dataExtension.key, { keys, columns, wanted: chunk });
      const there = found.filter((row) => row !== null);
      missing += chunk.length - there.length;
      if (there.length > 0) {
        const absent = chunk.length - there.length;
        steps.push(stepOf(dataExtension, { columns, keys, rows: there, absent }, given.length));
      }
      api.progress(steps.length * rowsPerStep, given.length);
    }
    if (steps.length > 0) return steps;
    throw new OperationFailedError(
      "operations.nothing_to_change",
      `None of these ${counted(missing, "row")} is in the data extension.`,
    );
  },
  async observe(api, step) {
    const { columns } = contextSchema.parse(step.context);
    return observedOf(await readNow(api, step), columns);
  },
  async conclude(api, step, response) {
    const { key, rows } = contextSchema.parse(step.context);
    const answer = writeAnswerOf(response, "Delete", rows.length, askedOf(key, writeScopes));
    if (answer.kind === "open") return settle(api, step);
    return answer.kind === "done" ? applied(rows.length) : answer.outcome;
  },
  settle,
});

const applied = (deleted: number): Outcome => ({
  kind: "applied",
  summary: `${counted(deleted, "row")} deleted.`,
  output: { deleted },
});

function keysOnly(keys: readonly Column[], row: Row): Row {
  const others = Object.keys(row).filter((name) => !keys.some((key) => key.name === name));
  if (others.length === 0) return row;
  throw new OperationFailedError(
    "operations.bad_query",
    "Rows are deleted by their primary key alone: leave other columns out.",
  );
}

function stepOf(
  { key, name }: { key: string; name: string },
  {
    columns,
    keys,
    rows,
    absent,
  }: { columns: readonly Column[]; keys: readonly Column[]; rows: readonly Row[]; absent: number },
  total: number,
): PreparedStep {
  const keyRows = rows.map(
    (row): Row => Object.fromEntries(keys.map((column) => [column.name, row[column.name] ?? null])),
  );
  const objects = keyRows.map((row) =>
    el(
      "Objects",
      [
        el("CustomerKey", key),
        el(
          "Keys",
          keys.map((column) =>
            el("Key", [el("Name", column.name), el("Value", row[column.name] ?? "")]),
          ),
        ),
      ],
      "DataExtensionObject",
    ),
  );
  const changes = rows.flatMap((row) =>
    columns.flatMap((column) => {
      const before = row[column.name] ?? null;
      if (before === null) return [];
      const subject = subjectOf(keys, row);
      return [{ subject, subjectId: null, field: column.name, before: shown(before), after: null }];
    }),
  );
  return {
    title: `Delete ${counted(rows.length, "row")} of ${quotedName(name)}`,
    effect: "destructive",
    request: writeRequest("Delete", objects),
    preview: {
      ...emptyPreview,
      ...previewOfRows(columns, rows, changes),
      facts: [
        { label: "Data extension", value: `${name} (${key})` },
        ...(absent > 0 ? [{ label: "Not there, left out", value: String(absent) }] : []),
      ],
      warnings: [
        { code: "delete", text: `${counted(rows.length, "row")} are removed for good.` },
        { code: "cannot_be_undone", text: "Marketing Cloud keeps no copy of deleted rows." },
        {
          code: "part_may_fail",
          text: "Marketing Cloud takes each row on its own: some may be refused.",
        },
        ...(total > bulkRows
          ? [{ code: "bulk" as const, text: `${counted(total, "row")} are deleted in all.` }]
          : []),
      ],
    },
    records: rows.length,
    recipients: 0,
    observed: observedOf(rows, columns),
    context: { key, columns: [...columns], rows: keyRows },
  };
}

async function readNow(api: ProviderApi, step: StoredStep): Promise<(Row | null)[]> {
  const { key, columns, rows } = contextSchema.parse(step.context);
  return readRowsOf(api, key, { keys: keysOf(columns), columns, wanted: rows });
}

/** A person saw all of a row: whatever changed in it meanwhile, they did not see go. */
const observedOf = (rows: readonly (Row | null)[], columns: readonly Column[]) => ({
  found: rows.filter((row) => row !== null).length,
  rows: digestOf(rows, columns),
});

async function settle(api: ProviderApi, step: StoredStep): Promise<Outcome> {
  const { rows } = contextSchema.parse(step.context);
  const left = (await readNow(api, step)).filter((row) => row !== null).length;
  if (left === 0) return applied(rows.length);
  if (left === rows.length) return notHappened("All of these rows are still there.");
  return {
    kind: "unknown",
    summary: `${rows.length - left} of ${counted(rows.length, "row")} are gone, the others still there.`,
  };
}
