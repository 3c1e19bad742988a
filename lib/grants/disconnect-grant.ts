import { recordEvent } from "#lib/audit/record-event.ts";
import { underProof } from "#lib/connections/connection.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import type { AccessTokens } from "#lib/grants/access-tokens.ts";
import { endFlow } from "#lib/grants/cancel-flow.ts";
import { listFlowsWithToken } from "#lib/grants/flow-repository.ts";
import {
  endGrantRow,
  findTeamGrant,
  forgetToken,
  type Grant,
  lockGrant,
} from "#lib/grants/grant-repository.ts";
import {
  openToRevoke,
  type RevokeDeps,
  recordRevocation,
  revokeAtProvider,
} from "#lib/grants/revoke.ts";
import type { DisconnectReceipt } from "#lib/grants/schema.ts";
import { refreshTokenContext } from "#lib/grants/secrets.ts";
import { mayDo, requireMay } from "#lib/policy/role-matrix.ts";
import { providerOf } from "#lib/providers/registry.ts";

export type DisconnectDeps = RevokeDeps & { accessTokens: AccessTokens };

/** The reason of a grant that is ended here and perhaps not yet at the provider. */
export const revocationUnconfirmed = "revocation_unconfirmed";

/** How a grant stands once it is ended here. */
type Ended = {
  /** As it was before. */
  grant: Grant;
  /** After the end: what a revocation that takes long is about. */
  generation: number;
  token: Secret | null;
  isLeftAtProvider: boolean;
};

/**
 * Ends a grant here at once, then at the provider where that can be done, and says plainly what was
 * confirmed (OA-14). Asking again for one that is unconfirmed tries the revocation again; the sealed
 * token is kept only until it is confirmed.
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
  requireMay(principal, "grant.disconnect", { ownerId: found.userId });
  const ended = await inTransaction(deps.db, (tx) => endHere(deps, tx, principal, grantId));
  deps.accessTokens.drop(grantId);
  const isConfirmed = await endThere(deps, principal, ended);
  await endWaitingFlows(deps, principal, ended.grant);
  return receiptOf(deps, ended, isConfirmed);
}

/** From here on nobody gets anything of this grant, whatever the provider answers. */
async function endHere(
  deps: DisconnectDeps,
  tx: Transaction,
  principal: Principal,
  grantId: string,
): Promise<Ended> {
  const grant = await lockGrant(tx, principal, grantId);
  if (!grant) throw new NotFoundError();
  const { connection, refreshTokenSealed: sealed } = grant;
  const isLeftAtProvider = providerOf(connection.provider).revocation.offered && sealed !== null;
  const token = isLeftAtProvider
    ? await openToRevoke(
        { ...deps, db: tx },
        principal,
        sealed,
        refreshTokenContext(grant),
        connection.id,
      )
    : null;
  if (grant.state === "disconnected") {
    return { grant, generation: grant.generation, token, isLeftAtProvider };
  }
  const whyLeft = token ? revocationUnconfirmed : "unreadable_secret";
  await endGrantRow(tx, grant.id, {
    reason: isLeftAtProvider ? whyLeft : null,
    forgetsToken: !isLeftAtProvider,
  });
  await recordEvent(tx, deps, {
    action: "grant.disconnected",
    principal,
    target: { kind: "grant", id: grant.id },
    connectionId: connection.id,
    ...(grant.userId === principal.userId ? {} : { onBehalfOf: grant.userId }),
    result: "success",
    detail: { username: grant.username, revocation: token ? "asked" : "not_asked" },
  });
  return { grant, generation: grant.generation + 1, token, isLeftAtProvider };
}

async function endThere(
  deps: DisconnectDeps,
  principal: Principal,
  { grant, generation, token }: Ended,
): Promise<boolean> {
  if (!token) return false;
  const { connection } = grant;
  const noted = underProof(connection);
  const isConfirmed = await revokeAtProvider(deps, connection.provider, noted, token);
  await inTransaction(deps.db, async (tx) => {
    if (isConfirmed) await forgetToken(tx, grant.id, generation);
    const { id, teamId, userId: ownerId } = grant;
    const of = { kind: "grant", id, teamId, ownerId } as const;
    await recordRevocation(tx, deps, principal, {
      ...of,
      connectionId: connection.id,
      isConfirmed,
    });
  });
  return isConfirmed;
}

/** The same person's sign-in that still waits for a word ends with the grant that it was about. */
async function endWaitingFlows(
  deps: DisconnectDeps,
  principal: Principal,
  { userId, connectionId }: Grant,
): Promise<void> {
  const flows = await listFlowsWithToken(deps.db, principal, connectionId);
  await Promise.all(
    flows.filter((flow) => flow.userId === userId).map((flow) => endFlow(deps, principal, flow)),
  );
}

function receiptOf(
  deps: DisconnectDeps,
  { grant, isLeftAtProvider }: Ended,
  isConfirmed: boolean,
): DisconnectReceipt {
  const now = deps.clock.now();
  const expiresAt = grant.accessTokenExpiresAt;
  const lastsUntil = expiresAt && expiresAt > now ? expiresAt.toISOString() : null;
  const receipt = { grantId: grant.id, disconnectedAt: now.toISOString() };
  if (!providerOf(grant.connection.provider).revocation.offered) {
    return { ...receipt, revocation: "not_offered", accessMayLastUntil: lastsUntil };
  }
  if (!isLeftAtProvider) {
    return { ...receipt, revocation: "nothing_to_revoke", accessMayLastUntil: null };
  }
  return isConfirmed
    ? { ...receipt, revocation: "confirmed", accessMayLastUntil: null }
    : { ...receipt, revocation: "unconfirmed", accessMayLastUntil: lastsUntil };
}
