import { recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import { noteProof } from "#lib/connections/repository.ts";
import { chanceOf } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Transaction } from "#lib/db/client.ts";
import type { StoredAuthorization } from "#lib/grants/authorization.ts";
import type { Flow } from "#lib/grants/flow-repository.ts";
import { type Grant, type GrantValues, storeGrant } from "#lib/grants/grant-repository.ts";
import { pushOutOldest } from "#lib/grants/push-out-oldest.ts";
import { type QueueDeps, queueReplacedToken } from "#lib/grants/queue-revocation.ts";
import { idleDeadlineFrom, keepAliveAt } from "#lib/grants/refresh-schedule.ts";
import type { Revocation } from "#lib/grants/revocation-repository.ts";
import { refreshTokenContext } from "#lib/grants/secrets.ts";
import type { TokenVersion } from "#lib/grants/token-version.ts";
import { seal } from "#lib/vault/seal.ts";

/**
 * Writes a grant, what it teaches about the org, and the event, in the caller's transaction, which
 * holds the connection's row.
 *
 * @returns whose access token may be kept, and what is to be revoked: the token that it replaces (RF-15)
 */
export async function writeGrant(
  deps: QueueDeps,
  tx: Transaction,
  principal: Principal,
  grant: {
    grantId: string;
    connection: Connection;
    surface: Flow["surface"];
    before: Grant | null;
    authorization: StoredAuthorization;
  },
): Promise<{ grant: TokenVersion; replaced: Revocation | null }> {
  const { connection, authorization, grantId, before } = grant;
  const { identity, hosts, provenAt } = authorization;
  const idleDeadline = idleDeadlineFrom(provenAt, connection);
  const replaced = await queueReplacedToken(
    deps,
    tx,
    principal,
    before,
    authorization.refreshToken,
  );
  const values: GrantValues = {
    state: "active",
    reason: null,
    refreshTokenSealed: await seal(
      deps.vault,
      authorization.refreshToken,
      refreshTokenContext({ id: grantId, userId: principal.userId, connection }),
    ),
    surface: grant.surface,
    scopes: authorization.scopes,
    missingScopes: authorization.missingScopes,
    providerUserId: identity.userId,
    username: identity.username,
    email: identity.email,
    displayName: identity.displayName,
    orgId: identity.orgId,
    memberId: identity.memberId,
    enterpriseId: identity.enterpriseId,
    orgName: identity.orgName,
    ...hosts,
    connectedAt: deps.clock.now(),
    lastRefreshedAt: null,
    lastProvenAt: provenAt,
    lastUsedAt: null,
    accessTokenExpiresAt: authorization.accessTokenExpiresAt,
    idleDeadline,
    refreshDueAt: keepAliveAt(idleDeadline, chanceOf(deps.random)),
  };
  const key = { id: grantId, teamId: principal.teamId, connectionId: connection.id };
  const stored = await storeGrant(tx, { ...key, userId: principal.userId }, values);
  // Without a MID a Marketing Cloud connection is of the tenant: each person may be in another unit.
  const namesOneOrg = connection.provider === "salesforce" || connection.accountId !== null;
  await noteProof(tx, principal, connection.id, {
    ...(namesOneOrg ? { orgId: identity.orgId, orgName: identity.orgName } : {}),
    instanceHost: hosts.instanceHost,
    enterpriseId: identity.enterpriseId,
    ...(identity.group ? { groupKey: identity.group.key, groupName: identity.group.name } : {}),
    updatedAt: deps.clock.now(),
  });
  await recordEvent(tx, deps, {
    action: before ? "grant.reconnected" : "grant.connected",
    principal,
    target: { kind: "grant", id: grantId },
    connectionId: connection.id,
    result: "success",
    detail: {
      providerUserId: identity.userId,
      orgId: identity.orgId,
      memberId: identity.memberId,
      scopes: authorization.scopes,
      missingScopes: authorization.missingScopes,
    },
  });
  await pushOutOldest(deps, tx, principal, { connection, providerUserId: identity.userId });
  return { grant: { id: grantId, ...stored }, replaced };
}
