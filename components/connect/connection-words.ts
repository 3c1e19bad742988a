import type { ConnectionJson, GrantJson } from "#lib/connections/schema.ts";
import { type DecoderFacts, groupMid } from "#lib/grants/decoder.ts";
import type { FlowJson } from "#lib/grants/schema.ts";
import { classify, installUrl, sandboxNameOf } from "#lib/providers/salesforce/hosts.ts";
import type { Environment, ProviderName } from "#lib/providers/vocabulary.ts";

export const providerLabels: Record<ProviderName, string> = {
  salesforce: "Salesforce",
  "marketing-cloud": "Marketing Cloud",
};

const environmentNames: Record<Environment, string> = {
  production: "Production",
  sandbox: "Sandbox",
  custom: "Custom domain",
  demo: "Demo",
};

/** The environment, with the sandbox's own name where its host tells it: "Sandbox uat". */
export function environmentName(environment: Environment, host: string | null): string {
  if (environment === "demo" || host === null) return environmentNames[environment];
  const sandbox = sandboxNameOf(host);
  if (sandbox !== null) return `Sandbox ${sandbox}`;
  if (environment === "custom" && classify(host) === "production") return "Production";
  return environmentNames[environment];
}

/** Host within an address of ours or a provider's; null where there is none. */
export function hostIn(url: string | null): string | null {
  return url?.match(/([a-z0-9.-]+\.[a-z]+)\/?$/i)?.[1] ?? null;
}

/** Who is connected where: "dana@acme.example" in "Acme" — "Sandbox uat". */
export function connectedWords(
  connection: Pick<ConnectionJson, "provider" | "environment" | "name" | "host" | "loginHost">,
  grant: Pick<GrantJson, "identity" | "instanceUrl">,
): { who: string; where: string; environment: string } {
  const { identity } = grant;
  const unit = identity.memberId === null ? null : `MID ${groupMid(identity.memberId)}`;
  const org = identity.orgName ?? null;
  return {
    who: identity.email ?? identity.username,
    where:
      connection.provider === "marketing-cloud"
        ? org && unit
          ? `${org}, ${unit}`
          : (org ?? unit ?? connection.name)
        : (org ?? connection.host),
    environment: environmentName(
      connection.environment,
      connection.provider === "salesforce"
        ? (hostIn(grant.instanceUrl) ?? connection.loginHost)
        : null,
    ),
  };
}

/** What the decoder may say about a flow of a connection. */
export function factsOf(
  connection: ConnectionJson,
  flow: Pick<FlowJson, "redirectUri" | "scopes" | "providerCode" | "authorizeHost"> | null,
  packageId: string,
): DecoderFacts {
  return {
    provider: connection.provider,
    method: connection.method,
    environment: connection.environment,
    connectionId: connection.id,
    connectionName: connection.name,
    host: flow?.authorizeHost ?? connection.loginHost ?? connection.host,
    redirectUri: flow?.redirectUri ?? connection.redirectUris.web,
    clientId: connection.method === "quick" ? null : connection.clientId,
    scopes: flow?.scopes ?? connection.scopes,
    accountId: connection.accountId,
    actualAccountId: Number(flow?.providerCode?.match(/^MID (\d{1,12})$/)?.[1]) || null,
    installUrl: connection.provider === "salesforce" ? installLink(connection, packageId) : null,
  };
}

/** Install page on the host the connection signs in at; null where there can be none. */
function installLink(connection: ConnectionJson, packageId: string): string | null {
  if (connection.environment === "demo" || connection.loginHost === null) return null;
  try {
    return installUrl(connection.loginHost, packageId);
  } catch {
    // The operator's package id is no package version's: the steps go without the link.
    return null;
  }
}
