import { type AuthenticateDeps, agentOfKey } from "#lib/agents/authenticate-agent.ts";
import type { HeldLease, LeaseBook } from "#lib/broker/lease-book.ts";
import type { Lease } from "#lib/broker/lease-repository.ts";
import { leaseIdOfToken } from "#lib/broker/lease-token.ts";
import { findUsableGrant, type UsableGrantDeps } from "#lib/broker/usable-grant.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";

export type AuthenticateLeaseDeps = AuthenticateDeps & UsableGrantDeps & { leaseBook: LeaseBook };

/**
 * Who a lease's token stands for, as everything stands now: its agent, on the lease's connection alone, in
 * no higher mode than the lease was issued in (BRK-2). Refused alike: a token of nobody, a lease that
 * ended or was given back, and one whose key, agent, owner, connection or grant does not count any more,
 * within a second of their end (BRK-11).
 *
 * @throws {Error} the database does not answer, and memory is not known to be current: refuse
 */
export async function authenticateLease(
  deps: AuthenticateLeaseDeps,
  token: string,
): Promise<AgentPrincipal | null> {
  const { leaseBook, clock } = deps;
  const id = leaseIdOfToken(leaseBook.tokenKey, token);
  if (id === null) return null;
  // From now on the wall clock may be set: the lease ends when it was to end (RF-9).
  const held = (lease: Lease): HeldLease => ({
    lease,
    endsAtMs: clock.monotonicMs() + lease.expiresAt.getTime() - clock.now().getTime(),
  });
  const found = await leaseBook.find(deps.changes, id, held);
  if (found === null || found.endsAtMs <= clock.monotonicMs()) return null;
  const { lease } = found;
  if (lease.endedAt !== null) return null;
  const agent = await agentOfKey(deps, lease.keyId);
  const reach = agent?.connections.get(lease.connectionId);
  if (!agent || !reach) return null;
  const isSame =
    agent.teamId === lease.teamId &&
    agent.agentId === lease.agentId &&
    agent.ownerId === lease.ownerId;
  if (!isSame) return null;
  const grant = await findUsableGrant(deps, agent, lease.connectionId);
  if (grant?.id !== lease.grantId || grant.generation !== lease.generation) return null;
  return {
    ...agent,
    mode: lease.mode === "plan" ? "plan" : agent.mode,
    connections: new Map([[lease.connectionId, reach]]),
  };
}
