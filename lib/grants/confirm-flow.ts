import { findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { FlowMovedOnError } from "#lib/grants/errors.ts";
import { findFlow, moveFlow } from "#lib/grants/flow-repository.ts";
import { findOwnGrant, lockConnection } from "#lib/grants/grant-repository.ts";
import { pendingSchema } from "#lib/grants/pending.ts";
import { openForGrant, pendingTokenContext, type VaultDeps } from "#lib/grants/secrets.ts";
import { writeGrant } from "#lib/grants/settle-flow.ts";

/**
 * The owner's word that another person or org than before is meant. The grant keeps its id; the
 * access token of that sign-in is gone by now and the next one comes with the first refresh.
 *
 * @throws {NotFoundError} absent, or another person's
 * @throws {FlowMovedOnError} it does not wait for a word (any more)
 */
export async function confirmFlow(
  deps: VaultDeps & { db: Database },
  principal: Principal,
  flowId: string,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const flow = await findFlow(tx, principal, flowId);
    if (!flow) throw new NotFoundError();
    if (!(await lockConnection(tx, principal, flow.connectionId))) throw new FlowMovedOnError();
    const connection = await findConnection(tx, principal, flow.connectionId);
    const before = await findOwnGrant(tx, principal, flow.connectionId);
    if (!connection || !flow.pendingRefreshTokenSealed) throw new FlowMovedOnError();
    const grantId = before?.id ?? deps.random.uuid();
    const refreshToken = await openForGrant(
      { ...deps, db: tx },
      principal,
      flow.pendingRefreshTokenSealed,
      pendingTokenContext(flow),
      { purpose: "confirm_identity", connectionId: connection.id },
    );
    const isMoved = await moveFlow(
      tx,
      flow.id,
      "needs_confirmation",
      { status: "connected", grantId },
      deps.clock.now(),
    );
    if (!isMoved) throw new FlowMovedOnError();
    await writeGrant(deps, tx, principal, {
      grantId,
      connection,
      surface: flow.surface,
      authorization: {
        ...pendingSchema.parse(flow.pending),
        refreshToken,
        accessTokenExpiresAt: null,
      },
      isReconnect: before !== null,
    });
  });
}
