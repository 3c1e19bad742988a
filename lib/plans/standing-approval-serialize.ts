import type { StandingJson } from "#lib/plans/schema.ts";
import { standingState } from "#lib/plans/standing-approval.ts";
import type { ListedStanding } from "#lib/plans/standing-approval-repository.ts";
import { findOperation } from "#lib/providers/operations.ts";

/** Each field that leaves, listed (WEB-8). */
export function toStandingJson(row: ListedStanding, now: Date): StandingJson {
  return {
    id: row.id,
    operation: {
      id: row.operationId,
      title: findOperation(row.operationId)?.title ?? row.operationId,
      effect: row.effect,
    },
    connection: {
      id: row.connectionId,
      name: row.connectionName,
      environment: row.environment,
    },
    state: standingState(row, now),
    usesMost: row.usesMost,
    usesLeft: row.usesLeft,
    recordsMost: row.recordsMost,
    appliesAtOnce: row.appliesAtOnce,
    until: row.until.toISOString(),
    createdAt: row.createdAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
