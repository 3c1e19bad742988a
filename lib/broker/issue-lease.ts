import { eventOf } from "#lib/audit/record-event.ts";
import { LifeNotAvailableError, RawLeaseRefusedError } from "#lib/broker/errors.ts";
import type { LeaseBook } from "#lib/broker/lease-book.ts";
import type { Lease } from "#lib/broker/lease-repository.ts";
import { leaseSeconds, rawRefusal, tokenLifeFor } from "#lib/broker/lease-terms.ts";
import type { LeaseRequest } from "#lib/broker/schema.ts";
import type { IssuedLease } from "#lib/broker/serialize.ts";
import { type UsableGrantDeps, usableGrant } from "#lib/broker/usable-grant.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import type { RefreshEngine } from "#lib/grants/refresh-engine.ts";

export type IssueLeaseDeps = UsableGrantDeps & {
  clock: Clock;
  random: Random;
  leaseBook: LeaseBook;
  refreshes: RefreshEngine;
};

/**
 * Lends an agent its owner's grant for a while: bound to key, owner, connection and mode, no longer than
 * 20 minutes nor than what is left of the token (BRK-2). The lease and its event are stored before it is
 * answered (AUD-1, AUD-2). Waits for a refresh where what is held is too short.
 *
 * @throws {NotFoundError | GrantNotUsableError} as `usableGrant`
 * @throws {RawLeaseRefusedError} the access token itself is not this agent's to have (BRK-3)
 * @throws {LifeNotAvailableError} this provider's tokens do not live as long as was asked
 * @throws as `freshAccessToken`
 */
export async function issueLease(
  deps: IssueLeaseDeps,
  agent: AgentPrincipal,
  request: LeaseRequest,
  { requestId }: { requestId: string },
): Promise<IssuedLease> {
  const { connectionId, minRemainingSeconds, raw: isRaw } = request;
  const grant = await usableGrant(deps, agent, connectionId);
  const issuedAt = deps.clock.now();
  const refusal = isRaw ? rawRefusal(agent, grant, issuedAt) : null;
  if (refusal !== null) throw new RawLeaseRefusedError(refusal);

  const live = await freshAccessToken(deps, grant, {
    minRemainingMs: tokenLifeFor(minRemainingSeconds),
  });
  const nowMs = deps.clock.monotonicMs();
  const endsAtMs = [live.expiresAtMs];
  const approvedUntil = agent.connections.get(connectionId)?.directWritesUntil;
  if (isRaw && approvedUntil) {
    endsAtMs.push(nowMs + approvedUntil.getTime() - issuedAt.getTime());
  }
  const expiresInSeconds = leaseSeconds(nowMs, endsAtMs);
  if (expiresInSeconds < Math.max(1, minRemainingSeconds)) {
    throw new LifeNotAvailableError(expiresInSeconds);
  }

  const lease: Lease = {
    id: deps.random.uuid(),
    teamId: agent.teamId,
    agentId: agent.agentId,
    keyId: agent.keyId,
    ownerId: agent.ownerId,
    connectionId,
    grantId: grant.id,
    generation: live.generation,
    mode: agent.mode,
    isRaw,
    issuedAt,
    expiresAt: new Date(issuedAt.getTime() + expiresInSeconds * 1000),
    endedAt: null,
  };
  const event = eventOf(deps, {
    action: "lease.issued",
    principal: agent,
    target: { kind: "lease", id: lease.id },
    connectionId,
    result: "success",
    detail: {
      grantId: grant.id,
      generation: live.generation,
      mode: agent.mode,
      isRaw,
      expiresInSeconds,
    },
    requestId,
  });
  await deps.leaseBook.enter(lease, event);
  return { lease, expiresInSeconds, grant, accessToken: isRaw ? live.token : null };
}
