import type { ConnectionMethod, PkceMode } from "#lib/connections/schema.ts";
import { parseTenant } from "#lib/providers/marketing-cloud/hosts.ts";
import type { ConnectionUnderProof } from "#lib/providers/provider.ts";
import type { Environment, ProviderName, Surface } from "#lib/providers/vocabulary.ts";
import type { SecretContext } from "#lib/vault/secret-context.ts";

/**
 * The team's definition of one org or business unit. Comes only from this room's functions, which
 * ask for a principal: who holds one may see it.
 */
export type Connection = {
  id: string;
  teamId: string;
  provider: ProviderName;
  method: ConnectionMethod;
  name: string;
  environment: Environment;
  surfaces: Surface[];
  loginHost: string | null;
  tenantSubdomain: string | null;
  accountId: number | null;
  clientId: string;
  clientSecretSealed: string | null;
  scopes: string[];
  pkce: PkceMode;
  groupKey: string;
  groupName: string;
  orgId: string | null;
  orgName: string | null;
  instanceHost: string | null;
  /** Marketing Cloud: MID of the tenant's parent unit; null until somebody has proven it. */
  enterpriseId: number | null;
  /** Counts edits. */
  version: number;
  createdById: string | null;
  createdAt: Date;
};

/** The host that signs people in and answers for tokens. */
export function authHostOf(
  connection: Pick<Connection, "provider" | "loginHost" | "tenantSubdomain">,
): string {
  if (connection.provider === "salesforce" && connection.loginHost) return connection.loginHost;
  const tenant = parseTenant(connection.tenantSubdomain ?? "");
  if (connection.provider === "marketing-cloud" && tenant.ok) return tenant.tenant.authHost;
  throw new TypeError("a connection without a host");
}

export function underProof(connection: Connection): ConnectionUnderProof {
  return {
    environment: connection.environment,
    tokenHost: authHostOf(connection),
    accountId: connection.accountId,
  };
}

/** The place of a custom app's secret (VA-2). */
export function clientSecretContext(
  connection: Pick<
    Connection,
    "id" | "teamId" | "provider" | "loginHost" | "tenantSubdomain" | "clientId"
  >,
): SecretContext {
  return {
    table: "connections",
    column: "client_secret_sealed",
    rowId: connection.id,
    ownerId: null,
    teamId: connection.teamId,
    provider: connection.provider,
    tenantHost: authHostOf(connection),
    clientId: connection.clientId,
    kind: "client_secret",
  };
}
