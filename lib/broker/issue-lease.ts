import type { AgentActivity } from "#lib/agents/agent-activity.ts";
import { type AuthenticateDeps, agentOfKey } from "#lib/agents/authenticate-agent.ts";
import { eventOf } from "#lib/audit/record-event.ts";
import {
  GrantNotUsableError,
  LifeNotAvailableError,
  RawLeaseRefusedError,
  TooManyLeasesError,
} from "#lib/broker/errors.ts";
import type { LeaseBook } from "#lib/broker/lease-book.ts";
import { leaseFault } from "#lib/broker/lease-fault.ts";
import type { Lease } from "#lib/broker/lease-repository.ts";
import { leaseSeconds, rawRefusal, tokenLifeFor } from "#lib/broker/lease-terms.ts";
import type { LeaseRequest } from "#lib/broker/schema.ts";
import type { IssuedLease } from "#lib/broker/serialize.ts";
import { type UsableGrantDeps, usableGrant } from "#lib/broker/usable-grant.ts";
import { noteGrantUse } from "#lib/broker/use-repository.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Metrics } from "#lib/core/metrics.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Tracer } from "#lib/core/tracing.ts";
import type { HotPool } from "#lib/db/hot-pool.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import type { RefreshEngine } from "#lib/grants/refresh-engine.ts";
import type { Usage } from "#lib/grants/usage.ts";
import { limitsOfLease } from "#lib/limits/limit-table.ts";
import type { Limits } from "#lib/limits/limits.ts";

export type IssueLeaseDeps = UsableGrantDeps &
  AuthenticateDeps & {
    clock: Clock;
    random: Random;
    leaseBook: LeaseBook;
    refreshes: RefreshEngine;
    limits: Limits;
    metrics: Metrics;
    tracer: Tracer;
    usage: Usage;
    agentActivity: AgentActivity;
    hotPool: HotPool;
    log: Logger;
  };

type Asked = { agent: AgentPrincipal; request: LeaseRequest; requestId: string };

/**
 * Lends an agent its owner's grant for a while: bound to key, owner, connection and mode, no longer than
 * 20 minutes nor than what is left of the token (BRK-2). The lease and its event are stored before it is
 * answered (AUD-1, AUD-2). Waits for a refresh where what is held is too short.
 *
 * @throws {NotFoundError | GrantNotUsableError} as `usableGrant`
 * @throws {TooManyLeasesError} this key, connection or owner asked too often (BRK-10)
 * @throws {BudgetSpentError} the agent has used up its day (BRK-9)
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
  const beganMs = deps.clock.monotonicMs();
  const seen: { grant: Grant | null } = { grant: null };
  try {
    const issued = await deps.tracer.span("lease", requestId, () =>
      issue(deps, { agent, request, requestId }, seen),
    );
    tell(deps, seen.grant, beganMs, null);
    note(deps, agent, request, beganMs, null);
    noteGrantUse(deps, issued.grant);
    return issued;
  } catch (error) {
    tell(deps, seen.grant, beganMs, error);
    note(deps, agent, request, beganMs, error);
    throw error;
  }
}

function note(
  deps: IssueLeaseDeps,
  agent: AgentPrincipal,
  { connectionId, raw: isRaw }: LeaseRequest,
  beganMs: number,
  error: unknown,
): void {
  const { code } = (error ?? {}) as { code?: unknown };
  deps.agentActivity.note(agent, {
    door: "lease",
    connectionId: agent.connections.has(connectionId) ? connectionId : null,
    operation: isRaw ? "lease.raw" : "lease",
    effect: "read",
    status: null,
    code: error === null ? null : typeof code === "string" ? code : "server_error",
    durationMs: deps.clock.monotonicMs() - beganMs,
  });
}

async function issue(
  deps: IssueLeaseDeps,
  { agent: caller, request, requestId }: Asked,
  seen: { grant: Grant | null },
): Promise<IssuedLease> {
  const { connectionId, minRemainingSeconds, raw: isRaw } = request;
  const grant = await usableGrant(deps, caller, connectionId);
  seen.grant = grant;
  deps.tracer.note({ provider: grant.connection.provider });
  const { keyId, ownerId } = caller;
  const turn = deps.limits.take(limitsOfLease({ keyId, connectionId, ownerId }));
  if (!turn.allowed) throw new TooManyLeasesError(turn.retryAfterSeconds);
  await deps.agentActivity.admit(caller);
  if (isRaw) requireRawAllowed(deps, caller, grant);

  const live = await freshAccessToken(deps, grant, {
    minRemainingMs: tokenLifeFor(minRemainingSeconds),
  });
  const { agent, standing } = await afterTheWait(deps, caller, grant);
  if (isRaw) requireRawAllowed(deps, agent, standing);
  const issuedAt = deps.clock.now();
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

function requireRawAllowed({ clock }: IssueLeaseDeps, agent: AgentPrincipal, grant: Grant): void {
  const refusal = rawRefusal(agent, grant, clock.now());
  if (refusal !== null) throw new RawLeaseRefusedError(refusal);
}

/** Agent and grant once a token is there: what was taken back meanwhile is not lent any more (BRK-11). */
async function afterTheWait(
  deps: IssueLeaseDeps,
  { keyId }: AgentPrincipal,
  { id, generation, connectionId }: Grant,
): Promise<{ agent: AgentPrincipal; standing: Grant }> {
  const agent = await agentOfKey(deps, keyId);
  if (agent === null) throw new NotFoundError();
  const standing = await usableGrant(deps, agent, connectionId);
  if (standing.id !== id || standing.generation !== generation) {
    throw new GrantNotUsableError({ connectionId, isNew: false });
  }
  return { agent, standing };
}

/** For the operator's counters, and for the connection's health: how it went, and how long it took. */
function tell(
  { clock, metrics, usage }: IssueLeaseDeps,
  grant: Grant | null,
  beganMs: number,
  error: unknown,
): void {
  const tookMs = clock.monotonicMs() - beganMs;
  const outcome = outcomeOf(error);
  metrics.observe("studio_lease_duration_seconds", { outcome }, tookMs / 1000);
  if (grant === null) return;
  const { id: grantId, connectionId, teamId, connection } = grant;
  metrics.count("studio_leases_total", { provider: connection.provider, outcome });
  const problem = error === null ? null : leaseFault(error);
  // Refused for what was asked: no word about the connection.
  if (error !== null && problem === null) return;
  usage.note({ grantId, connectionId, teamId }, { kind: "lease", tookMs, problem });
}

function outcomeOf(error: unknown): "issued" | "refused" | "limited" | "failed" {
  if (error === null) return "issued";
  const { status } = error as { status?: unknown };
  if (status === 429) return "limited";
  return typeof status === "number" && status < 500 ? "refused" : "failed";
}
