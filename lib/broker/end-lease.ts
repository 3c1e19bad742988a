import { recordEvent } from "#lib/audit/record-event.ts";
import { endLeaseRow, type Lease, lockLease } from "#lib/broker/lease-repository.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Metrics } from "#lib/core/metrics.ts";
import type { AgentPrincipal, Principal } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { mayDo, requireMay } from "#lib/policy/role-matrix.ts";

export type EndLeaseDeps = { db: Database; clock: Clock; random: Random; metrics: Metrics };

/**
 * Ends a lease before its time; its token opens nothing any more, anywhere, within a second (BRK-11). One
 * that has ended already stays as it is. A raw lease's access token lives on until it runs out, or until
 * its grant is disconnected.
 *
 * @throws {NotFoundError} absent, another team's, or a teammate's and the principal is no admin
 * @throws {SecondFactorRequiredError} a teammate's, from a session without one
 */
export async function endLease(
  deps: EndLeaseDeps,
  principal: Principal,
  leaseId: string,
  { requestId }: { requestId: string },
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const lease = await lockLease(tx, principal, leaseId);
    const of = { ownerId: lease?.ownerId ?? null };
    if (!lease || !mayDo(principal, "lease.end", of)) throw new NotFoundError();
    requireMay(principal, "lease.end", of);
    await end(deps, tx, principal, lease, requestId);
  });
}

/**
 * An agent gives a lease back: with the key that it was issued to.
 *
 * @throws {NotFoundError} absent, or issued to another key
 */
export async function giveBackLease(
  deps: EndLeaseDeps,
  agent: AgentPrincipal,
  leaseId: string,
  { requestId }: { requestId: string },
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const lease = await lockLease(tx, agent, leaseId);
    if (lease?.keyId !== agent.keyId) throw new NotFoundError();
    await end(deps, tx, agent, lease, requestId);
  });
}

async function end(
  deps: EndLeaseDeps,
  tx: Transaction,
  principal: Principal | AgentPrincipal,
  lease: Lease,
  requestId: string,
): Promise<void> {
  const endedAt = deps.clock.now();
  if (lease.endedAt !== null || lease.expiresAt <= endedAt) return;
  await endLeaseRow(tx, lease.id, endedAt);
  await announceChange(tx, { kind: "lease", id: lease.id });
  const isOwners = principal.kind === "agent" || principal.userId === lease.ownerId;
  deps.metrics.count("studio_leases_returned_total", {});
  await recordEvent(tx, deps, {
    action: "lease.ended",
    principal,
    target: { kind: "lease", id: lease.id },
    connectionId: lease.connectionId,
    ...(isOwners ? {} : { onBehalfOf: lease.ownerId }),
    result: "success",
    detail: { agentId: lease.agentId, isRaw: lease.isRaw },
    requestId,
  });
}
