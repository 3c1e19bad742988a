import { findHead } from "#lib/audit/chain-repository.ts";
import type { EventScope } from "#lib/audit/event-repository.ts";
import { exportLines } from "#lib/audit/export-lines.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { AuditFilters, ExportFormat, ExportQuery } from "#lib/audit/schema.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";

type Deps = { db: Database; clock: Clock; random: Random };

/**
 * Begins an export of the team's events. That it was asked for is recorded before the first byte,
 * what came of it after the last, or when the reader goes away (AUD-6).
 *
 * @returns text, a page of events a piece; the next is read when it is asked for
 * @throws {ForbiddenError} this role may not
 */
export async function exportEvents(
  deps: Deps,
  principal: Principal,
  query: ExportQuery,
  requestId: string,
): Promise<AsyncGenerator<string>> {
  requireMay(principal, "audit.export");
  const { format, ...filters } = query;
  return auditedExport(deps, { teamId: principal.teamId, onlyAbout: null }, filters, {
    format,
    principal,
    requestId,
  });
}

/** The same for whoever operates the studio, by its command line. */
export async function exportForOperator(
  deps: Deps,
  teamId: string,
  format: ExportFormat,
): Promise<AsyncGenerator<string>> {
  return auditedExport(deps, { teamId, onlyAbout: null }, { q: "", action: [] }, { format });
}

async function auditedExport(
  deps: Deps,
  scope: EventScope,
  filters: AuditFilters,
  by: { format: ExportFormat; principal?: Principal; requestId?: string },
): Promise<AsyncGenerator<string>> {
  const { format, principal = null } = by;
  const record = (result: "intent" | "success" | "failed", detail: Record<string, number>) =>
    inTransaction(deps.db, (tx) =>
      recordEvent(tx, deps, {
        action: "audit.exported",
        principal,
        teamId: scope.teamId,
        result,
        detail: {
          format,
          by: principal ? "person" : "operator",
          ...filterNames(filters),
          ...detail,
        },
        ...(by.requestId ? { requestId: by.requestId } : {}),
      }),
    );
  await record("intent", {});
  const head = await findHead(deps.db, scope.teamId);
  const upTo = head?.sequence ?? 0n;
  const pieces = (async function* () {
    let count = 0;
    let isWhole = false;
    try {
      yield "";
      for await (const piece of exportLines(deps.db, scope, filters, { format, upTo })) {
        count += piece.count;
        yield piece.text;
      }
      isWhole = true;
    } finally {
      await record(isWhole ? "success" : "failed", { count });
    }
  })();
  // Begun here: a generator that is ended before its first step would not run its end.
  await pieces.next();
  return pieces;
}

// Which filters narrowed it, not what was searched for.
const filterNames = (filters: AuditFilters) => ({
  filters: Object.entries(filters)
    .filter(([, value]) => (Array.isArray(value) ? value.length > 0 : Boolean(value)))
    .map(([name]) => name),
});
