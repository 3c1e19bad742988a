import { recordEvent } from "#lib/audit/record-event.ts";
import { underProof } from "#lib/connections/connection.ts";
import { findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import type { Egress } from "#lib/egress/egress.ts";
import { findFlow, moveFlow } from "#lib/grants/flow-repository.ts";
import { openForGrant, pendingTokenContext, type VaultDeps } from "#lib/grants/secrets.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import { providerOf } from "#lib/providers/registry.ts";

/**
 * Ends a flow that has not ended: a later callback finds it void. One that waits for its owner's
 * word is refused by this, and its tokens are revoked where the provider can.
 *
 * @returns false when it had ended already; nothing is changed then
 * @throws {NotFoundError} absent, or another person's
 */
export async function cancelFlow(
  deps: VaultDeps & { db: Database; egress: Egress; addresses: ProviderAddresses },
  principal: Principal,
  flowId: string,
): Promise<boolean> {
  const flow = await findFlow(deps.db, principal, flowId);
  if (!flow) throw new NotFoundError();
  const from = flow.status;
  if (from !== "waiting" && from !== "exchanging" && from !== "needs_confirmation") return false;
  const refused = await inTransaction(deps.db, async (tx) => {
    const refreshToken = flow.pendingRefreshTokenSealed
      ? await openForGrant(
          { ...deps, db: tx },
          principal,
          flow.pendingRefreshTokenSealed,
          pendingTokenContext(flow),
          { purpose: "revoke", connectionId: flow.connectionId },
        )
      : null;
    const outcome = { status: "cancelled", reason: "cancelled" } as const;
    if (!(await moveFlow(tx, flow.id, from, outcome, deps.clock.now()))) return null;
    await recordEvent(tx, deps, {
      action: "flow.cancelled",
      principal,
      target: { kind: "flow", id: flow.id },
      connectionId: flow.connectionId,
      result: "success",
      detail: { from },
    });
    return { refreshToken };
  });
  if (!refused) return false;
  const provider = providerOf(flow.provider);
  const connection = await findConnection(deps.db, principal, flow.connectionId);
  if (refused.refreshToken && connection && provider.revocation.offered) {
    await provider.revocation
      .revoke(deps, underProof(connection), refused.refreshToken)
      .catch(() => false);
  }
  return true;
}
