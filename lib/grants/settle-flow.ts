import { recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import type { Authorization, CompleteFlowDeps } from "#lib/grants/authorization.ts";
import { type Flow, moveFlow } from "#lib/grants/flow-repository.ts";
import {
  findOwnGrant,
  type Grant,
  hasOthersConnected,
  lockConnection,
} from "#lib/grants/grant-repository.ts";
import { isSameIdentity, isSameOrg } from "#lib/grants/identity.ts";
import { pendingSchema } from "#lib/grants/pending.ts";
import { revokeReplaced, revokeUnused } from "#lib/grants/revoke.ts";
import { pendingTokenContext } from "#lib/grants/secrets.ts";
import { writeGrant } from "#lib/grants/write-grant.ts";
import type { ConnectionUnderProof } from "#lib/providers/provider.ts";
import { seal } from "#lib/vault/seal.ts";

type Settlement = {
  flow: Flow;
  connection: Connection;
  noted: ConnectionUnderProof;
  authorization: Authorization;
};

type Outcome =
  | { end: "connected"; grant: { id: string; generation: number }; replaced: Secret | null }
  /** Waits for the owner's word. */
  | { end: "pending" }
  /** Another org than the one teammates are connected to: nothing is stored of it. */
  | { end: "other_org" }
  /** Cancelled meanwhile, or the connection is gone. */
  | { end: "late" };

/**
 * Stores a proven authorization, its event and the flow's end together; nobody is handed an access
 * token before that is committed. Another person or org than before waits for the owner's word. What
 * is not stored, and what is replaced, is revoked.
 */
export async function settleFlow(
  deps: CompleteFlowDeps,
  principal: Principal,
  settlement: Settlement,
): Promise<void> {
  const { flow, connection, noted, authorization } = settlement;
  const outcome = await inTransaction(deps.db, async (tx): Promise<Outcome> => {
    if (!(await lockConnection(tx, principal, connection.id))) return { end: "late" };
    if (await isOfAnotherOrg(tx, principal, settlement)) {
      return refuseOtherOrg(deps, tx, principal, settlement);
    }
    const before = await findOwnGrant(tx, principal, connection.id);
    return before && !isSameIdentity(before, authorization.identity)
      ? awaitConfirmation(deps, tx, principal, settlement)
      : connect(deps, tx, principal, settlement, before);
  });
  switch (outcome.end) {
    case "connected": {
      const passedMs = deps.clock.monotonicMs() - authorization.receivedAtMs;
      const leftMs = authorization.lifetimeMs - passedMs;
      deps.accessTokens.put(outcome.grant, authorization.accessToken, leftMs);
      if (outcome.replaced) {
        await revokeReplaced(deps, principal, outcome.grant.id, connection, outcome.replaced);
      }
      return;
    }
    case "late":
    case "other_org":
      await revokeUnused(deps, principal, flow, noted, authorization.refreshToken);
      return;
    case "pending":
      return;
  }
}

/** A definition names one org for everybody: nobody turns it into another while teammates use it. */
async function isOfAnotherOrg(
  tx: Transaction,
  principal: Principal,
  { connection, authorization }: Settlement,
): Promise<boolean> {
  if (isSameOrg(connection.orgId, authorization.identity.orgId)) return false;
  return hasOthersConnected(tx, principal, connection.id);
}

async function refuseOtherOrg(
  deps: CompleteFlowDeps,
  tx: Transaction,
  principal: Principal,
  { flow, authorization }: Settlement,
): Promise<Outcome> {
  const { orgName, orgId } = authorization.identity;
  const outcome = { status: "failed", reason: "wrong_identity", providerCode: orgId } as const;
  if (!(await moveFlow(tx, flow.id, "exchanging", outcome, deps.clock.now()))) {
    return { end: "late" };
  }
  await recordEvent(tx, deps, {
    action: "flow.failed",
    principal,
    target: { kind: "flow", id: flow.id },
    connectionId: flow.connectionId,
    result: "failed",
    detail: { reason: "wrong_identity", orgId, orgName },
  });
  return { end: "other_org" };
}

async function connect(
  deps: CompleteFlowDeps,
  tx: Transaction,
  principal: Principal,
  { flow, connection, authorization }: Settlement,
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
    detail: { username: identity.username, orgId: identity.orgId, memberId: identity.memberId },
  });
  return { end: "pending" };
}
