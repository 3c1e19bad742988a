import { recordEvent } from "#lib/audit/record-event.ts";
import { underProof } from "#lib/connections/connection.ts";
import { findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import {
  type Flow,
  findFlow,
  keepForRevocation,
  lockFlow,
  moveFlow,
} from "#lib/grants/flow-repository.ts";
import { openToRevoke, type RevokeDeps, revokeUnused } from "#lib/grants/revoke.ts";
import type { SeenReason } from "#lib/grants/schema.ts";
import { pendingTokenContext, type VaultDeps } from "#lib/grants/secrets.ts";
import { providerOf } from "#lib/providers/registry.ts";

/**
 * Ends a flow that has not ended: a later callback finds it void. One that waits for its owner's
 * word is refused by this, and its token is revoked where the provider can.
 *
 * @throws {NotFoundError} absent, or another person's
 */
export async function cancelFlow(
  deps: RevokeDeps,
  principal: Principal,
  flowId: string,
): Promise<void> {
  const flow = await findFlow(deps.db, principal, flowId);
  if (!flow) throw new NotFoundError();
  await endFlow(deps, principal, flow);
}

/**
 * Ends a waiting flow by what its person saw on the provider's own page, from where nobody is sent
 * back. One that ended meanwhile stays as it ended.
 *
 * @throws {NotFoundError} absent, or another person's
 */
export async function reportFlow(
  deps: Pick<VaultDeps, "clock" | "random"> & { db: Database },
  principal: Principal,
  flowId: string,
  saw: SeenReason,
): Promise<void> {
  const found = await findFlow(deps.db, principal, flowId);
  if (!found) throw new NotFoundError();
  await inTransaction(deps.db, async (tx) => {
    const outcome = { status: "failed", reason: saw } as const;
    if (!(await moveFlow(tx, flowId, "waiting", outcome, deps.clock.now()))) return;
    await recordEvent(tx, deps, {
      action: "flow.failed",
      principal,
      target: { kind: "flow", id: flowId },
      connectionId: found.connectionId,
      result: "failed",
      detail: { reason: saw, seenBy: "person" },
    });
  });
}

/**
 * Ends a flow, and the token that it keeps, be it of a sign-in that nobody will use or one that was
 * replaced. Asked again for one whose token is still to be revoked, it tries that again.
 *
 * @param principal - its owner, somebody who may delete its connection, or null for the studio itself
 * @returns true when nothing of it is left at the provider, as far as that can be ended
 */
export async function endFlow(
  deps: RevokeDeps,
  principal: Principal | null,
  flow: Pick<Flow, "id" | "teamId" | "provider" | "connectionId">,
): Promise<boolean> {
  const ended = await inTransaction(deps.db, (tx) => endHere(deps, tx, principal, flow));
  if (!ended?.isLeftAtProvider) return true;
  const connection = await findConnection(deps.db, flow, flow.connectionId);
  if (!connection || !ended.token) return false;
  return revokeUnused(deps, principal, ended.flow, underProof(connection), ended.token);
}

type Ended = { flow: Flow; token: Secret | null; isLeftAtProvider: boolean };

/** Under the row's lock: what a callback or a word made of the flow meanwhile stands. */
async function endHere(
  deps: VaultDeps,
  tx: Transaction,
  principal: Principal | null,
  { id, teamId, provider }: Pick<Flow, "id" | "teamId" | "provider">,
): Promise<Ended | null> {
  const flow = await lockFlow(tx, { teamId }, id);
  if (!flow) return null;
  await endOpenFlow(deps, tx, principal, flow);
  const sealed = flow.pendingRefreshTokenSealed;
  if (sealed === null) return { flow, token: null, isLeftAtProvider: false };
  if (!providerOf(provider).revocation.offered) {
    // Where the provider has no revocation, forgetting is all there is.
    await keepForRevocation(tx, id, null);
    return { flow, token: null, isLeftAtProvider: false };
  }
  const open = { ...deps, db: tx };
  const context = pendingTokenContext(flow);
  const token = await openToRevoke(open, principal, sealed, context, flow.connectionId);
  return { flow, token, isLeftAtProvider: true };
}

/** Ends a flow that is open, in the database alone; `flow` was read under its lock. */
export async function endOpenFlow(
  deps: Pick<VaultDeps, "clock" | "random">,
  tx: Transaction,
  principal: Principal | null,
  flow: Flow,
): Promise<void> {
  const from = flow.status;
  if (from !== "waiting" && from !== "exchanging" && from !== "needs_confirmation") return;
  const outcome = principal
    ? ({ status: "cancelled", reason: "cancelled" } as const)
    : ({ status: "expired", reason: "flow_expired" } as const);
  if (!(await moveFlow(tx, flow.id, from, outcome, deps.clock.now()))) return;
  await recordEvent(tx, deps, {
    action: principal ? "flow.cancelled" : "flow.expired",
    principal,
    teamId: flow.teamId,
    target: { kind: "flow", id: flow.id },
    connectionId: flow.connectionId,
    ...(flow.userId === principal?.userId ? {} : { onBehalfOf: flow.userId }),
    result: "success",
    detail: { from },
  });
}
