import { z } from "zod";
import type { JsonObject } from "#lib/core/json.ts";
import {
  concludeRest,
  failed,
  notHappened,
  restFailure,
} from "#lib/providers/marketing-cloud/operations/answer.ts";
import {
  askedOf,
  type Column,
  getDataExtension,
  readColumns,
  type Summary,
  writeScopes,
} from "#lib/providers/marketing-cloud/operations/data-extension-schema.ts";
import {
  cellInput,
  customerKey,
  lineInput,
} from "#lib/providers/marketing-cloud/operations/inputs.ts";
import {
  bulkRows,
  changesOf,
  checkedRows,
  chunksOfRows,
  keysOf,
  previewOfRows,
  requireWhole,
  subjectOf,
} from "#lib/providers/marketing-cloud/operations/row-changes.ts";
import {
  digestOf,
  isSameCell,
  type Row,
  readRowsOf,
} from "#lib/providers/marketing-cloud/operations/rows.ts";
import {
  upsertRequest,
  writtenBy,
} from "#lib/providers/marketing-cloud/operations/rows-upsert-request.ts";
import { writeAnswerOf } from "#lib/providers/marketing-cloud/operations/soap-write.ts";
import { counted, quotedName } from "#lib/providers/marketing-cloud/operations/words.ts";
import {
  type Outcome,
  type PreparedStep,
  type ProviderApi,
  type ProviderRequest,
  type StoredStep,
  writeOperation,
} from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { emptyPreview, type Warning } from "#lib/providers/preview.ts";

const input = z.strictObject({
  key: customerKey(),
  rows: z
    .array(z.record(lineInput(128, "Name of a column."), cellInput))
    .min(1)
    .max(2_000)
    .describe(
      "Rows to write, each with its primary key; columns that a row leaves out stay as they are.",
    ),
});
const output = z.object({
  written: z.number().int(),
  added: z.number().int(),
  changed: z.number().int(),
});

type Given = ReturnType<typeof checkedRows>[number];
type Target = { dataExtension: Summary; columns: Column[]; keys: Column[] };

export const upsertRows = writeOperation({
  id: "marketing-cloud.rows.upsert",
  provider: "marketing-cloud",
  effect: "write",
  area: "Data extensions",
  title: "Write rows of a data extension",
  description:
    "Adds rows, or changes those that have the same primary key. Up to fifty rows go with one step; rows that are already so are left out.",
  scopes: writeScopes,
  input,
  output,
  example: { key: "Orders", rows: [{ OrderId: "O000001", Status: "on hold" }] },
  async prepare(api, { key, rows }) {
    const dataExtension = await getDataExtension(api, key);
    const columns = await readColumns(api, dataExtension.key);
    const target = { dataExtension, columns, keys: keysOf(columns) };
    const given = checkedRows(columns, rows);
    const steps: PreparedStep[] = [];
    let done = 0;
    for (const chunk of chunksOfRows(given)) {
      const step = await stepOf(api, target, chunk, given.length);
      if (step) steps.push(step);
      done += chunk.length;
      api.progress(done, given.length);
    }
    if (steps.length > 0) return steps;
    throw new OperationFailedError(
      "operations.nothing_to_change",
      "All of these rows are already as they would be written.",
    );
  },
  async observe(api, step) {
    return observedOf(await readNow(api, step));
  },
  async conclude(api, step, response) {
    const { key, added, written } = writtenBy(step);
    const asked = askedOf(key, writeScopes);
    if (step.request.door === "soap") {
      const answer = writeAnswerOf(response, "Update", written.length, asked);
      if (answer.kind === "open") return settle(api, step);
      return answer.kind === "done" ? applied(written.length, added) : answer.outcome;
    }
    // It sends back what it has taken, row by row.
    return concludeRest(response, z.array(z.unknown()).length(written.length), {
      done: () => applied(written.length, added),
      refused: () => failed(restFailure(response, asked)),
      settle: () => settle(api, step),
    });
  },
  settle,
});

function applied(written: number, added: number): Outcome {
  const changed = written - added;
  return {
    kind: "applied",
    summary: `${counted(written, "row")} written: ${added} new, ${changed} changed.`,
    output: { written, added, changed },
  };
}

/** What is written is shown whole, or not written (PLN-9). */
const mostColumns = 200;

/** Null where no row of the chunk would change. */
async function stepOf(
  api: ProviderApi,
  target: Target,
  chunk: readonly Given[],
  total: number,
): Promise<PreparedStep | null> {
  const { columns, keys, dataExtension } = target;
  const named = columns.filter(
    ({ name, isPrimaryKey }) => isPrimaryKey || chunk.some(({ row }) => Object.hasOwn(row, name)),
  );
  if (named.length > mostColumns) {
    throw new OperationFailedError(
      "operations.too_much",
      `A step shows at most ${mostColumns} columns. Write fewer of them at once.`,
    );
  }
  const now = await readRowsOf(api, dataExtension.key, {
    keys,
    columns: named,
    wanted: chunk.map(({ row }) => row),
  });
  const judged = chunk.map((given, at) => {
    const before = now[at] ?? null;
    if (before === null) requireWhole(columns, given.row, subjectOf(keys, given.row));
    return { given, before, changes: changesOf(named, keys, { before, after: given.row }) };
  });
  const kept = judged.filter(({ before, changes }) => before === null || changes.length > 0);
  if (kept.length === 0) return null;
  const rows = kept.map(({ given }) => given.row);
  const added = kept.filter(({ before }) => before === null).length;
  const key = dataExtension.key;
  const request = upsertRequest(
    key,
    keys,
    kept.map(({ given }) => given.cells),
  );
  const leftOut = judged.length - kept.length;
  return {
    title: `Write ${counted(kept.length, "row")} to ${quotedName(dataExtension.name)}: ${added} new, ${kept.length - added} changed`,
    effect: "write",
    request,
    preview: {
      ...emptyPreview,
      ...previewOfRows(
        named,
        rows,
        kept.flatMap(({ changes }) => changes),
      ),
      facts: [
        { label: "Data extension", value: `${dataExtension.name} (${key})` },
        { label: "New rows", value: String(added) },
        { label: "Changed rows", value: String(kept.length - added) },
        ...(leftOut > 0 ? [{ label: "Already so, left out", value: String(leftOut) }] : []),
      ],
      warnings: warningsOf(total, request),
    },
    records: kept.length,
    recipients: 0,
    observed: observedOf({ rows: kept.map(({ before }) => before), columns: named }),
    context: {
      key,
      columns: named,
      added,
      rows: request.door === "soap" ? rows : null,
    },
  };
}

function warningsOf(total: number, request: ProviderRequest): Warning[] {
  return [
    ...(total > bulkRows
      ? [{ code: "bulk" as const, text: `${counted(total, "row")} are written in all.` }]
      : []),
    ...(request.door === "soap"
      ? [
          {
            code: "part_may_fail" as const,
            text: "Marketing Cloud takes each row on its own: some may be refused.",
          },
        ]
      : []),
  ];
}

type Now = { rows: (Row | null)[]; columns: Column[] };

async function readNow(api: ProviderApi, step: StoredStep): Promise<Now & { written: Row[] }> {
  const { key, columns, written } = writtenBy(step);
  const rows = await readRowsOf(api, key, { keys: keysOf(columns), columns, wanted: written });
  return { rows, columns, written };
}

/** Of the columns that are written: what others change beside them is not our concern. */
const observedOf = ({ rows, columns }: Now): JsonObject => ({
  found: rows.filter((row) => row !== null).length,
  rows: digestOf(rows, columns),
});

async function settle(api: ProviderApi, step: StoredStep): Promise<Outcome> {
  const { added } = writtenBy(step);
  const now = await readNow(api, step);
  const isAsWritten = now.written.map((row, at) => {
    const found = now.rows[at];
    return (
      !!found &&
      now.columns.every(
        ({ name, type }) =>
          row[name] === undefined || isSameCell(type, found[name] ?? null, row[name]),
      )
    );
  });
  const same = isAsWritten.filter(Boolean).length;
  if (same === now.written.length) return applied(same, added);
  if (JSON.stringify(observedOf(now)) === JSON.stringify(step.observed)) {
    return notHappened("The rows are as they were before: nothing was written.");
  }
  return {
    kind: "unknown",
    summary: `${same} of ${counted(now.written.length, "row")} are as they should have been written; the others are not.`,
  };
}
