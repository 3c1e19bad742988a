import { recordEvent } from "#lib/audit/record-event.ts";
import { underProof } from "#lib/connections/connection.ts";
import { ForbiddenError, NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import type { Egress } from "#lib/egress/egress.ts";
import type { AccessTokens } from "#lib/grants/access-tokens.ts";
import { findTeamGrant, type Grant, updateGrant } from "#lib/grants/grant-repository.ts";
import type { DisconnectReceipt } from "#lib/grants/schema.ts";
import { openForGrant, refreshTokenContext, type VaultDeps } from "#lib/grants/secrets.ts";
import { mayDo } from "#lib/policy/role-rules.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import { providerOf } from "#lib/providers/registry.ts";

export type DisconnectDeps = VaultDeps & {
  db: Database;
  egress: Egress;
  addresses: ProviderAddresses;
  accessTokens: AccessTokens;
};

/** The reason of a grant that is ended here and perhaps not yet at the provider. */
export const revocationUnconfirmed = "revocation_unconfirmed";

/**
 * Ends a grant here at once, then at the provider where that can be done, and says plainly what was
 * confirmed (OA-14). Asking again for one that is unconfirmed tries the revocation again; the sealed
 * token is kept only until it is confirmed.
 *
 * @throws {NotFoundError} absent, or another team's
 * @throws {ForbiddenError} a teammate's, and the principal is no admin
 */
export async function disconnectGrant(
  deps: DisconnectDeps,
  principal: Principal,
  grantId: string,
): Promise<DisconnectReceipt> {
  const grant = await findTeamGrant(deps.db, principal, grantId);
  if (!grant) throw new NotFoundError();
  if (!mayDo(principal, { do: "grant.disconnect", ownerId: grant.userId })) {
    throw new ForbiddenError("Only its owner or an admin can disconnect this.");
  }
  const provider = providerOf(grant.connection.provider);
  deps.accessTokens.drop(grant.id);
  const refreshToken = await endHere(deps, principal, grant, provider.revocation.offered);
  const now = deps.clock.now();
  const receipt = {
    grantId: grant.id,
    disconnectedAt: now.toISOString(),
    accessMayLastUntil: futureOrNull(grant.accessTokenExpiresAt, now),
  };
  if (!provider.revocation.offered) return { ...receipt, revocation: "not_offered" };
  if (!refreshToken) {
    return { ...receipt, revocation: "nothing_to_revoke", accessMayLastUntil: null };
  }
  const isConfirmed = await provider.revocation
    .revoke(deps, underProof(grant.connection), refreshToken)
    .catch(() => false);
  await noteRevocation(deps, principal, grant, isConfirmed);
  return isConfirmed
    ? { ...receipt, revocation: "confirmed", accessMayLastUntil: null }
    : { ...receipt, revocation: "unconfirmed" };
}

/** From here on nobody gets anything of this grant, whatever the provider answers. */
async function endHere(
  deps: DisconnectDeps,
  principal: Principal,
  grant: Grant,
  isRevocable: boolean,
): Promise<Secret | null> {
  const { connection } = grant;
  return inTransaction(deps.db, async (tx) => {
    const token =
      isRevocable && grant.refreshTokenSealed
        ? await openForGrant(
            { ...deps, db: tx },
            principal,
            grant.refreshTokenSealed,
            refreshTokenContext({ ...grant, connection }),
            { purpose: "revoke", connectionId: connection.id },
          )
        : null;
    const isMine = await updateGrant(tx, grant, {
      state: "disconnected",
      reason: token ? revocationUnconfirmed : null,
      ...(token ? {} : { refreshTokenSealed: null }),
    });
    if (!isMine) throw new NotFoundError();
    await recordEvent(tx, deps, {
      action: "grant.disconnected",
      principal,
      target: { kind: "grant", id: grant.id },
      connectionId: connection.id,
      ...(grant.userId === principal.userId ? {} : { onBehalfOf: grant.userId }),
      result: token ? "intent" : "success",
      detail: { username: grant.username, revocation: isRevocable ? "asked" : "not_offered" },
    });
    return token;
  });
}

async function noteRevocation(
  deps: DisconnectDeps,
  principal: Principal,
  grant: Grant,
  isConfirmed: boolean,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    if (isConfirmed) {
      await updateGrant(tx, grant, { refreshTokenSealed: null, reason: null });
    }
    await recordEvent(tx, deps, {
      action: "grant.revocation_attempted",
      principal,
      target: { kind: "grant", id: grant.id },
      connectionId: grant.connectionId,
      ...(grant.userId === principal.userId ? {} : { onBehalfOf: grant.userId }),
      result: isConfirmed ? "success" : "failed",
      detail: { host: grant.instanceHost },
    });
  });
}

function futureOrNull(at: Date | null, now: Date): string | null {
  return at && at > now ? at.toISOString() : null;
}
