import { authHostOf } from "#lib/connections/connection.ts";
import { healthOf } from "#lib/connections/health.ts";
import { redirectUris } from "#lib/connections/redirect-uris.ts";
import type { ConnectionWithGrants, GrantRecord } from "#lib/connections/repository.ts";
import type { ConnectionJson, GrantJson } from "#lib/connections/schema.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Env } from "#lib/core/env.ts";
import type { Principal } from "#lib/core/principal.ts";
import { mayDo } from "#lib/policy/role-matrix.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";
import { parseTenant } from "#lib/providers/marketing-cloud/hosts.ts";
import type { Environment } from "#lib/providers/vocabulary.ts";

export type SerializeDeps = {
  clock: Clock;
  settings: Pick<Env, "studioUrl" | "desktopAuthUrl">;
  addresses: ProviderAddresses;
};

const iso = (date: Date | null) => date?.toISOString() ?? null;

/** Each field that leaves, listed (WEB-8): never a token, never a sealed value. */
export function toGrantJson(
  deps: Pick<SerializeDeps, "addresses">,
  environment: Environment,
  grant: GrantRecord,
): GrantJson {
  const url = (host: string | null) =>
    host === null ? null : deps.addresses.publicBase(environment, host);
  return {
    id: grant.id,
    connectionId: grant.connectionId,
    state: grant.state,
    reason: grant.reason,
    surface: grant.surface,
    identity: {
      userId: grant.providerUserId,
      username: grant.username,
      email: grant.email,
      displayName: grant.displayName,
      orgId: grant.orgId,
      memberId: grant.memberId,
      enterpriseId: grant.enterpriseId,
      orgName: grant.orgName,
    },
    scopes: grant.scopes,
    missingScopes: grant.missingScopes,
    instanceUrl: url(grant.instanceHost),
    restInstanceUrl: url(grant.restHost),
    soapInstanceUrl: url(grant.soapHost),
    connectedAt: grant.connectedAt.toISOString(),
    lastRefreshedAt: iso(grant.lastRefreshedAt),
    lastProvenAt: iso(grant.lastProvenAt),
    lastUsedAt: iso(grant.lastUsedAt),
    accessTokenExpiresAt: iso(grant.accessTokenExpiresAt),
    idleDeadline: iso(grant.idleDeadline),
    allowsRawLeases: grant.allowsRawLeases,
    refresh: {
      failures: grant.refreshFailures,
      problem: grant.refreshProblem,
      retryAt: iso(grant.refreshRetryAt),
      dueAt: iso(grant.refreshDueAt),
    },
  };
}

/** A definition as one member sees it: their own grant whole, teammates' only by name and state. */
export function toConnectionJson(
  deps: SerializeDeps,
  principal: Principal,
  { connection, problem, createdBy, own, grants }: ConnectionWithGrants,
): ConnectionJson {
  const tenant = parseTenant(connection.tenantSubdomain ?? "");
  const base = (host: string) => deps.addresses.publicBase(connection.environment, host);
  return {
    id: connection.id,
    provider: connection.provider,
    method: connection.method,
    name: connection.name,
    environment: connection.environment,
    surfaces: connection.surfaces,
    loginHost: connection.loginHost,
    authBaseUri: tenant.ok ? `${base(tenant.tenant.authHost)}/` : null,
    restBaseUri: tenant.ok ? `${base(tenant.tenant.restHost)}/` : null,
    tenantSubdomain: connection.tenantSubdomain,
    accountId: connection.accountId,
    clientId: connection.clientId,
    hasClientSecret: connection.clientSecretSealed !== null,
    scopes: connection.scopes,
    pkce: connection.pkce,
    groupKey: connection.groupKey,
    groupName: connection.groupName,
    orgId: connection.orgId,
    orgName: connection.orgName,
    enterpriseId: connection.enterpriseId,
    host: connection.instanceHost ?? authHostOf(connection),
    createdBy,
    createdAt: connection.createdAt.toISOString(),
    version: connection.version,
    canEdit: mayDo(principal, "connection.edit", { ownerId: connection.createdById }),
    redirectUris: redirectUris(deps.settings, connection.provider),
    myGrant: own && toGrantJson(deps, connection.environment, own),
    health: healthOf(own, deps.clock.now(), problem !== null),
    problem: problem && { reason: problem.reason, at: problem.at.toISOString() },
    grants: grants.map(({ user, state, connectedAt }) => ({
      user,
      isMine: user.id === principal.userId,
      state,
      connectedAt: connectedAt.toISOString(),
    })),
  };
}
