import type { LeaseBook } from "#lib/broker/lease-book.ts";
import type { Lease, LeaseWithNames } from "#lib/broker/lease-repository.ts";
import { makeLeaseToken } from "#lib/broker/lease-token.ts";
import type { IssuedLeaseJson, LeaseJson } from "#lib/broker/schema.ts";
import type { Environment } from "#lib/connections/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";

export type IssuedLeaseDeps = {
  studioUrl: string;
  addresses: ProviderAddresses;
  leaseBook: Pick<LeaseBook, "tokenKey">;
};

export type IssuedLease = {
  lease: Lease;
  expiresInSeconds: number;
  grant: Grant;
  /** The provider's own token, only in a raw lease. */
  accessToken: Secret | null;
};

/** Where an agent's calls for a connection go in place of the provider. */
export const proxyUrlOf = (studioUrl: string, connectionId: string): string =>
  `${studioUrl}/api/broker/proxy/${connectionId}`;

type Hosts = { instanceHost: string | null; restHost: string | null; soapHost: string | null };

/** A grant's addresses at its provider; null for what it does not have. */
export function addressesOf(
  { addresses }: { addresses: ProviderAddresses },
  environment: Environment,
  { instanceHost, restHost, soapHost }: Hosts,
) {
  const url = (host: string | null) =>
    host === null ? null : addresses.publicBase(environment, host);
  return {
    instanceUrl: url(instanceHost),
    restInstanceUrl: url(restHost),
    soapInstanceUrl: url(soapHost),
  };
}

/** A lease as its agent gets it; the provider's token is in it only where it is raw. */
export function toIssuedLeaseJson(deps: IssuedLeaseDeps, issued: IssuedLease): IssuedLeaseJson {
  const { lease, grant, accessToken } = issued;
  const { connectionId } = lease;
  const urls = addressesOf(deps, grant.connection.environment, grant);
  return {
    leaseId: lease.id,
    connectionId,
    tokenType: "Bearer",
    leaseToken: makeLeaseToken(deps.leaseBook.tokenKey, lease.id),
    ...(accessToken ? { accessToken: accessToken.reveal() } : {}),
    expiresAt: lease.expiresAt.toISOString(),
    expiresInSeconds: issued.expiresInSeconds,
    ...(urls.instanceUrl ? { instanceUrl: urls.instanceUrl } : {}),
    ...(urls.restInstanceUrl ? { restInstanceUrl: urls.restInstanceUrl } : {}),
    ...(urls.soapInstanceUrl ? { soapInstanceUrl: urls.soapInstanceUrl } : {}),
    proxyUrl: proxyUrlOf(deps.studioUrl, connectionId),
  };
}

/** A lease as pages see it: never its token. */
export const toLeaseJson = (
  principal: Pick<Principal, "userId">,
  lease: LeaseWithNames,
): LeaseJson => ({
  id: lease.id,
  connectionId: lease.connectionId,
  agent: { id: lease.agentId, name: lease.agentName },
  owner: { id: lease.ownerId, name: lease.ownerName },
  isMine: lease.ownerId === principal.userId,
  mode: lease.mode,
  isRaw: lease.isRaw,
  issuedAt: lease.issuedAt.toISOString(),
  expiresAt: lease.expiresAt.toISOString(),
});
