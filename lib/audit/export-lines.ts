import { stringify } from "csv-stringify/sync";
import { toHex } from "#lib/audit/chain.ts";
import { type EventScope, type NamedEvent, pageOfEvents } from "#lib/audit/event-repository.ts";
import type { AuditFilters, ExportFormat } from "#lib/audit/schema.ts";
import type { Database } from "#lib/db/client.ts";

const PAGE_SIZE = 500;

/** Columns of the export: every field that is under the hash, its place, and today's names. */
const columns = [
  "sequence",
  "at",
  "action",
  "result",
  "actorName",
  "connectionName",
  "detail",
  "id",
  "teamId",
  "actorKind",
  "actorId",
  "sessionId",
  "targetKind",
  "targetId",
  "connectionId",
  "onBehalfOf",
  "requestId",
  "keyId",
  "previousHash",
  "hash",
] as const;
type Row = Record<(typeof columns)[number], unknown>;

/**
 * A team's events as text, oldest first, a page of them at a time: memory does not grow with the
 * trail. NDJSON is exact; in CSV what a spreadsheet would take for a formula begins with an apostrophe
 * (AUD-6).
 *
 * @param upTo - the last sequence that belongs to it, so that an export ends
 */
export async function* exportLines(
  db: Database,
  scope: EventScope,
  filters: AuditFilters,
  options: { format: ExportFormat; upTo: bigint },
): AsyncGenerator<{ text: string; count: number }> {
  if (options.format === "csv") yield { text: csv([[...columns]]), count: 0 };
  let beyond: bigint | null = null;
  for (;;) {
    const page: NamedEvent[] = await pageOfEvents(db, scope, filters, {
      order: "oldest",
      beyond,
      upTo: options.upTo,
      limit: PAGE_SIZE,
    });
    const last = page.at(-1);
    if (!last) return;
    const rows = page.map(toRow);
    const text =
      options.format === "csv"
        ? csv(rows.map((row) => columns.map((column) => cell(row[column]))))
        : rows.map((row) => `${JSON.stringify(row)}\n`).join("");
    yield { text, count: page.length };
    if (page.length < PAGE_SIZE) return;
    beyond = last.sequence;
  }
}

const toRow = (event: NamedEvent): Row => ({
  sequence: Number(event.sequence),
  at: event.at.toISOString(),
  action: event.action,
  result: event.result,
  actorName: event.actorName,
  connectionName: event.connectionName,
  detail: event.detail,
  id: event.id,
  teamId: event.teamId,
  actorKind: event.actorKind,
  actorId: event.actorId,
  sessionId: event.sessionId,
  targetKind: event.targetKind,
  targetId: event.targetId,
  connectionId: event.connectionId,
  onBehalfOf: event.onBehalfOf,
  requestId: event.requestId,
  keyId: event.keyId,
  previousHash: toHex(event.previousHash),
  hash: toHex(event.hash),
});

const cell = (value: unknown) =>
  typeof value === "object" && value !== null ? JSON.stringify(value) : value;
const csv = (rows: readonly (readonly unknown[])[]) =>
  stringify(rows as unknown[][], { escape_formulas: true, record_delimiter: "windows" });
