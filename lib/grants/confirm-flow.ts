import { findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import type { CompleteFlowDeps } from "#lib/grants/authorization.ts";
import { FlowMovedOnError } from "#lib/grants/errors.ts";
import { findFlow, moveFlow } from "#lib/grants/flow-repository.ts";
import { stateOf } from "#lib/grants/flow-state.ts";
import { findOwnGrant, lockConnection } from "#lib/grants/grant-repository.ts";
import { pendingSchema } from "#lib/grants/pending.ts";
import { revokeReplaced } from "#lib/grants/revoke.ts";
import { openForGrant, pendingTokenContext } from "#lib/grants/secrets.ts";
import { writeGrant } from "#lib/grants/write-grant.ts";

/**
 * The owner's word that another person or org than before is meant. The grant keeps its id; tokens of
 * the identity before are gone with it. The access token of the confirmed sign-in was never kept: the
 * next one comes with the first refresh.
 *
 * @throws {NotFoundError} absent, or another person's
 * @throws {FlowMovedOnError} it does not wait for a word (any more)
 */
export async function confirmFlow(
  deps: CompleteFlowDeps,
  principal: Principal,
  flowId: string,
): Promise<void> {
  const { written, connection } = await inTransaction(deps.db, async (tx) => {
    const flow = await findFlow(tx, principal, flowId);
    if (!flow) throw new NotFoundError();
    const isWaiting = stateOf(flow, deps.clock.now()).state === "needs_confirmation";
    if (!isWaiting || !(await lockConnection(tx, principal, flow.connectionId))) {
      throw new FlowMovedOnError();
    }
    const connection = await findConnection(tx, principal, flow.connectionId);
    const before = await findOwnGrant(tx, principal, flow.connectionId);
    if (!connection || !flow.pendingRefreshTokenSealed || !flow.claimedAt) {
      throw new FlowMovedOnError();
    }
    const grantId = before?.id ?? deps.random.uuid();
    const refreshToken = await openForGrant(
      { ...deps, db: tx },
      principal,
      flow.pendingRefreshTokenSealed,
      pendingTokenContext(flow),
      { purpose: "confirm_identity", connectionId: connection.id },
    );
    const outcome = { status: "connected", grantId } as const;
    if (!(await moveFlow(tx, flow.id, "needs_confirmation", outcome, deps.clock.now()))) {
      throw new FlowMovedOnError();
    }
    const written = await writeGrant(deps, tx, principal, {
      grantId,
      connection,
      surface: flow.surface,
      before,
      authorization: {
        ...pendingSchema.parse(flow.pending),
        refreshToken,
        provenAt: flow.claimedAt,
        accessTokenExpiresAt: null,
      },
    });
    return { written, connection };
  });
  deps.accessTokens.drop(written.grant.id);
  if (written.replaced) {
    await revokeReplaced(deps, principal, written.grant.id, connection, written.replaced);
  }
}
