import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { type AttemptDeps, attemptRevocations } from "#lib/grants/attempt-revocation.ts";
import { endFlow } from "#lib/grants/cancel-flow.ts";
import { type EndGrantsDeps, endGrant } from "#lib/grants/end-grants.ts";
import { listOpenFlows } from "#lib/grants/flow-repository.ts";
import { findTeamGrant, lockConnection, lockGrant } from "#lib/grants/grant-repository.ts";
import type { DisconnectReceipt } from "#lib/grants/schema.ts";
import { toRevocationJson } from "#lib/grants/serialize.ts";
import { mayDo, requireMay } from "#lib/policy/role-matrix.ts";

export type DisconnectDeps = AttemptDeps & EndGrantsDeps;

/**
 * Ends a grant here at once, then at the provider where that can be done, and says plainly what was
 * confirmed (OA-14); what was not stays queued. Its owner's sign-ins that are under way end with it. One
 * that is ended already has nothing left to revoke.
 *
 * @throws {NotFoundError} absent, another team's, or a teammate's and the principal is no admin
 */
export async function disconnectGrant(
  deps: DisconnectDeps,
  principal: Principal,
  grantId: string,
): Promise<DisconnectReceipt> {
  const found = await findTeamGrant(deps.db, principal, grantId);
  const isVisible = found && mayDo(principal, "grant.disconnect", { ownerId: found.userId });
  if (!isVisible) throw new NotFoundError();
  const { teamId, userId, connectionId } = found;
  const { own, others } = await inTransaction(deps.db, async (tx) => {
    await lockConnection(tx, principal, connectionId);
    const grant = await lockGrant(tx, principal, grantId);
    if (!grant) throw new NotFoundError();
    requireMay(principal, "grant.disconnect", { ownerId: grant.userId });
    const others = [];
    for (const flow of await listOpenFlows(tx, { teamId, userId, connectionId })) {
      others.push(await endFlow(deps, tx, principal, flow));
    }
    const isLive = grant.state !== "disconnected";
    return {
      own: isLive ? await endGrant(deps, tx, principal, grant, "disconnected") : null,
      others,
    };
  });
  const attempted = await attemptRevocations(deps, principal, [own, ...others]);
  const revocation = own && (attempted.get(own.id) ?? own);
  return {
    grantId,
    disconnectedAt: (own?.createdAt ?? deps.clock.now()).toISOString(),
    revocation: revocation && toRevocationJson(principal, { revocation, person: null }),
  };
}
