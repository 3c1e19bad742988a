import { type LeaseFilter, listActiveLeases } from "#lib/broker/lease-repository.ts";
import type { LeaseJson, LeaseListQuery } from "#lib/broker/schema.ts";
import { toLeaseJson } from "#lib/broker/serialize.ts";
import { findConnection } from "#lib/connections/repository.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { reachOf } from "#lib/policy/role-matrix.ts";

export type ListLeasesDeps = { db: Database; clock: Clock };

/**
 * The active leases on a connection, those that end last first: an admin's page shows everybody's, a
 * member's their own agents'.
 *
 * @throws {NotFoundError} the connection is absent, or another team's
 */
export async function listConnectionLeases(
  deps: ListLeasesDeps,
  principal: Principal,
  connectionId: string,
  query: LeaseListQuery,
): Promise<{ items: LeaseJson[]; nextCursor: string | null }> {
  if (!(await findConnection(deps.db, principal, connectionId))) throw new NotFoundError();
  return listLeases(deps, principal, { connectionId }, query);
}

/** The same of an agent; whoever may not see the agent's leases sees none. */
export const listAgentLeases = (
  deps: ListLeasesDeps,
  principal: Principal,
  agentId: string,
  query: LeaseListQuery,
): Promise<{ items: LeaseJson[]; nextCursor: string | null }> =>
  listLeases(deps, principal, { agentId }, query);

async function listLeases(
  deps: ListLeasesDeps,
  principal: Principal,
  of: Pick<LeaseFilter, "connectionId" | "agentId">,
  { cursor, limit }: LeaseListQuery,
) {
  const isOwnOnly = reachOf(principal, "lease.list") === "own";
  const found = await listActiveLeases(
    deps.db,
    { teamId: principal.teamId, ...of, ...(isOwnOnly ? { ownerId: principal.userId } : {}) },
    { now: deps.clock.now(), after: placeOf(cursor), limit: limit + 1 },
  );
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return {
    items: items.map((lease) => toLeaseJson(principal, lease)),
    nextCursor: last ? `${last.expiresAt.getTime()}_${last.id}` : null,
  };
}

function placeOf(cursor: string | undefined): { expiresAt: Date; id: string } | null {
  const [time, id] = cursor?.split("_") ?? [];
  return time === undefined || id === undefined ? null : { expiresAt: new Date(Number(time)), id };
}
