import { recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import { findConnection } from "#lib/connections/repository.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import { isAsNoted } from "#lib/grants/as-noted.ts";
import { attemptRevocations } from "#lib/grants/attempt-revocation.ts";
import type { Authorization, CompleteFlowDeps } from "#lib/grants/authorization.ts";
import { failFlow } from "#lib/grants/fail-flow.ts";
import { type Flow, moveFlow } from "#lib/grants/flow-repository.ts";
import { findOwnGrant, type Grant, lockConnection } from "#lib/grants/grant-repository.ts";
import { isSameIdentity } from "#lib/grants/identity.ts";
import { isOfAnotherOrg, refuseOtherOrg } from "#lib/grants/other-org.ts";
import { pendingSchema } from "#lib/grants/pending.ts";
import { queueToken } from "#lib/grants/queue-revocation.ts";
import type { Revocation } from "#lib/grants/revocation-repository.ts";
import { pendingTokenContext } from "#lib/grants/secrets.ts";
import type { TokenVersion } from "#lib/grants/token-version.ts";
import { writeGrant } from "#lib/grants/write-grant.ts";
import { seal } from "#lib/vault/seal.ts";

type Settlement = {
  flow: Flow;
  /** As it was when the callback came; it may be gone, or changed, by now. */
  connection: Connection;
  authorization: Authorization;
};

type Outcome =
  | { end: "connected"; grant: TokenVersion; replaced: Revocation | null }
  /** Waits for the owner's word. */
  | { end: "pending" }
  /** Another org than the one teammates are connected to: nothing is stored of it. */
  | { end: "other_org" }
  /** Cancelled meanwhile, or the connection is gone. */
  | { end: "late" };

/**
 * Stores a proven authorization, its event and the flow's end together; nobody is handed an access
 * token before that is committed. Another person or org than before waits for the owner's word. What
 * is not stored, and what is replaced, is queued to be revoked in the same transaction.
 */
export async function settleFlow(
  deps: CompleteFlowDeps,
  principal: Principal,
  settlement: Settlement,
): Promise<void> {
  const { flow, authorization } = settlement;
  const { outcome, queued } = await inTransaction(deps.db, async (tx) => {
    const outcome = await settle(deps, tx, principal, settlement);
    if (outcome.end === "connected") return { outcome, queued: outcome.replaced };
    const isUnused = outcome.end !== "pending";
    const queued = isUnused
      ? await queueToken(deps, tx, flow, settlement.connection, authorization.refreshToken)
      : null;
    return { outcome, queued };
  });
  if (outcome.end === "connected") {
    const passedMs = deps.clock.monotonicMs() - authorization.receivedAtMs;
    const leftMs = authorization.lifetimeMs - passedMs;
    await deps.accessTokens.put(outcome.grant, authorization.accessToken, leftMs);
    await dropIfOvertaken(deps, principal, flow, outcome.grant);
  }
  await attemptRevocations(deps, principal, [queued]);
}

async function settle(
  deps: CompleteFlowDeps,
  tx: Transaction,
  principal: Principal,
  settlement: Settlement,
): Promise<Outcome> {
  const { flow, authorization } = settlement;
  const { identity } = authorization;
  const isThere = await lockConnection(tx, principal, flow.connectionId);
  // Read under the lock: a teammate may have been first and taught it its org.
  const connection = isThere && (await findConnection(tx, principal, flow.connectionId));
  if (!connection) return { end: "late" };
  if (!isAsNoted(flow, connection)) {
    await failFlow({ ...deps, db: tx }, principal, flow, { reason: "definition_changed" });
    return { end: "late" };
  }
  if (await isOfAnotherOrg(tx, principal, connection, identity)) {
    const claimed = { ...flow, status: "exchanging" } as const;
    await refuseOtherOrg(deps, tx, principal, claimed, identity);
    return { end: "other_org" };
  }
  const before = await findOwnGrant(tx, principal, connection.id);
  return before && !isSameIdentity(before, identity)
    ? awaitConfirmation(deps, tx, principal, settlement)
    : connect(deps, tx, principal, settlement, connection, before);
}

/** A disconnect or deletion between the commit and the token's keeping dropped nothing: this does. */
async function dropIfOvertaken(
  deps: CompleteFlowDeps,
  principal: Principal,
  flow: Flow,
  stored: { id: string; generation: number },
): Promise<void> {
  const grant = await findOwnGrant(deps.db, principal, flow.connectionId);
  if (grant?.generation !== stored.generation) deps.accessTokens.drop(stored.id);
}

async function connect(
  deps: CompleteFlowDeps,
  tx: Transaction,
  principal: Principal,
  { flow, authorization }: Settlement,
  connection: Connection,
  before: Grant | null,
): Promise<Outcome> {
  const now = deps.clock.now();
  const grantId = before?.id ?? deps.random.uuid();
  if (!(await moveFlow(tx, flow.id, "exchanging", { status: "connected", grantId }, now))) {
    return { end: "late" };
  }
  const written = await writeGrant(deps, tx, principal, {
    grantId,
    connection,
    surface: flow.surface,
    before,
    authorization: {
      ...authorization,
      provenAt: now,
      accessTokenExpiresAt: new Date(now.getTime() + authorization.lifetimeMs),
    },
  });
  return { end: "connected", ...written };
}

async function awaitConfirmation(
  deps: CompleteFlowDeps,
  tx: Transaction,
  principal: Principal,
  { flow, authorization }: Settlement,
): Promise<Outcome> {
  const { refreshToken, identity } = authorization;
  const isMoved = await moveFlow(
    tx,
    flow.id,
    "exchanging",
    {
      status: "needs_confirmation",
      pendingRefreshTokenSealed: await seal(deps.vault, refreshToken, pendingTokenContext(flow)),
      pending: pendingSchema.parse(authorization),
    },
    deps.clock.now(),
  );
  if (!isMoved) return { end: "late" };
  await recordEvent(tx, deps, {
    action: "flow.awaits_confirmation",
    principal,
    target: { kind: "flow", id: flow.id },
    connectionId: flow.connectionId,
    result: "success",
    detail: { providerUserId: identity.userId, orgId: identity.orgId, memberId: identity.memberId },
  });
  return { end: "pending" };
}
