import { recordEvent } from "#lib/audit/record-event.ts";
import { underProof } from "#lib/connections/connection.ts";
import { findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { type Flow, findFlow, keepForRevocation, moveFlow } from "#lib/grants/flow-repository.ts";
import { openToRevoke, type RevokeDeps, revokeUnused } from "#lib/grants/revoke.ts";
import { pendingTokenContext } from "#lib/grants/secrets.ts";
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
 * Ends a flow of the principal's, or one under a connection that they may delete. Asked again for one
 * whose token is still to be revoked, it tries that again.
 *
 * @returns true when nothing of it is left at the provider, as far as that can be ended
 */
export async function endFlow(
  deps: RevokeDeps,
  principal: Principal,
  flow: Flow,
): Promise<boolean> {
  const from = flow.status;
  const isOpen = from === "waiting" || from === "exchanging" || from === "needs_confirmation";
  const isRevocable = providerOf(flow.provider).revocation.offered;
  await inTransaction(deps.db, async (tx) => {
    // Where the provider has no revocation, forgetting is all there is.
    if (!isRevocable) await keepForRevocation(tx, flow.id, null);
    if (!isOpen) return;
    const outcome = { status: "cancelled", reason: "cancelled" } as const;
    if (!(await moveFlow(tx, flow.id, from, outcome, deps.clock.now()))) return;
    await recordEvent(tx, deps, {
      action: "flow.cancelled",
      principal,
      target: { kind: "flow", id: flow.id },
      connectionId: flow.connectionId,
      ...(flow.userId === principal.userId ? {} : { onBehalfOf: flow.userId }),
      result: "success",
      detail: { from },
    });
  });
  if (!isRevocable || !flow.pendingRefreshTokenSealed) return true;
  const connection = await findConnection(deps.db, principal, flow.connectionId);
  const token = await openToRevoke(
    deps,
    principal,
    flow.pendingRefreshTokenSealed,
    pendingTokenContext(flow),
    flow.connectionId,
  );
  if (!connection || !token) return false;
  return revokeUnused(deps, principal, flow, underProof(connection), token);
}
