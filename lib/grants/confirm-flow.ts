import { findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { isAsNoted } from "#lib/grants/as-noted.ts";
import { attemptRevocations } from "#lib/grants/attempt-revocation.ts";
import type { CompleteFlowDeps } from "#lib/grants/authorization.ts";
import { FlowMovedOnError } from "#lib/grants/errors.ts";
import { findFlow, moveFlow } from "#lib/grants/flow-repository.ts";
import { stateOf } from "#lib/grants/flow-state.ts";
import { findOwnGrant, lockConnection } from "#lib/grants/grant-repository.ts";
import { isOfAnotherOrg, refuseOtherOrg } from "#lib/grants/other-org.ts";
import { pendingSchema } from "#lib/grants/pending.ts";
import { queueToken } from "#lib/grants/queue-revocation.ts";
import { openForGrant, pendingTokenContext } from "#lib/grants/secrets.ts";
import { writeGrant } from "#lib/grants/write-grant.ts";

/**
 * The owner's word that another person or org than before is meant. The grant keeps its id; tokens of
 * the identity before are gone with it. The access token of the confirmed sign-in was never kept: the
 * next one comes with the first refresh. Where teammates use another org by now, the flow fails as
 * `wrong_identity` and its token is revoked.
 *
 * @throws {NotFoundError} absent, or another person's
 * @throws {FlowMovedOnError} it does not wait for a word (any more)
 */
export async function confirmFlow(
  deps: CompleteFlowDeps,
  principal: Principal,
  flowId: string,
): Promise<void> {
  const settled = await inTransaction(deps.db, async (tx) => {
    const flow = await findFlow(tx, principal, flowId);
    if (!flow) throw new NotFoundError();
    const isWaiting = stateOf(flow, deps.clock.now()).state === "needs_confirmation";
    if (!isWaiting || !(await lockConnection(tx, principal, flow.connectionId))) {
      throw new FlowMovedOnError();
    }
    const connection = await findConnection(tx, principal, flow.connectionId);
    const before = await findOwnGrant(tx, principal, flow.connectionId);
    const pending = pendingSchema.parse(flow.pending);
    if (!connection || !flow.pendingRefreshTokenSealed || !flow.claimedAt) {
      throw new FlowMovedOnError();
    }
    if (!isAsNoted(flow, connection)) throw new FlowMovedOnError();
    const grantId = before?.id ?? deps.random.uuid();
    const refreshToken = await openForGrant(
      { ...deps, db: tx },
      principal,
      flow.pendingRefreshTokenSealed,
      pendingTokenContext(flow),
      { purpose: "confirm_identity", connectionId: connection.id },
    );
    if (await isOfAnotherOrg(tx, principal, connection, pending.identity)) {
      await refuseOtherOrg(deps, tx, principal, flow, pending.identity);
      const unused = await queueToken(deps, tx, flow, connection, refreshToken);
      return { queued: unused, grantId: null };
    }
    const outcome = { status: "connected", grantId } as const;
    if (!(await moveFlow(tx, flow.id, "needs_confirmation", outcome, deps.clock.now()))) {
      throw new FlowMovedOnError();
    }
    const { replaced } = await writeGrant(deps, tx, principal, {
      grantId,
      connection,
      surface: flow.surface,
      before,
      authorization: {
        ...pending,
        refreshToken,
        provenAt: flow.claimedAt,
        accessTokenExpiresAt: null,
      },
    });
    return { queued: replaced, grantId };
  });
  if (settled.grantId) deps.accessTokens.drop(settled.grantId);
  await attemptRevocations(deps, principal, [settled.queued]);
}
