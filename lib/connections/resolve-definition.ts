import type { Connection } from "#lib/connections/connection.ts";
import { demoMarketingCloud, demoSalesforce } from "#lib/connections/demo.ts";
import { AppNotConfiguredError } from "#lib/connections/errors.ts";
import type {
  ConnectionDefinition,
  MarketingCloudDefinition,
  SalesforceDefinition,
} from "#lib/connections/schema.ts";
import type { Env } from "#lib/core/env.ts";
import { InvalidInputError } from "#lib/core/errors.ts";
import { DemoOffError } from "#lib/providers/addresses.ts";
import { parseTenant, sameTenant } from "#lib/providers/marketing-cloud/hosts.ts";
import { companyKeyOf, loginHostFor } from "#lib/providers/salesforce/hosts.ts";

/** The parts of a definition that are stored; hosts are checked and kept as parts (NET-2). */
export type ResolvedDefinition = Pick<
  Connection,
  | "provider"
  | "method"
  | "name"
  | "environment"
  | "surfaces"
  | "loginHost"
  | "tenantSubdomain"
  | "accountId"
  | "clientId"
  | "scopes"
  | "pkce"
  | "groupKey"
  | "groupName"
>;

type Settings = Pick<Env, "salesforce" | "demoUrl">;

/**
 * Decides host, client id and scopes of a definition.
 *
 * @throws {InvalidInputError} a host that is no provider's, two tenants; with the field's name
 * @throws {AppNotConfiguredError} Quick Connect or the packaged app without the operator's client id
 */
export function resolveDefinition(
  settings: Settings,
  definition: ConnectionDefinition,
): ResolvedDefinition {
  if (definition.environment === "demo" && !settings.demoUrl) throw new DemoOffError();
  return definition.provider === "salesforce"
    ? resolveSalesforce(settings, definition)
    : resolveMarketingCloud(definition);
}

function resolveSalesforce(
  settings: Settings,
  definition: SalesforceDefinition,
): ResolvedDefinition {
  const host = loginHostFor({
    environment: definition.environment,
    ...(definition.customDomain === undefined ? {} : { customDomain: definition.customDomain }),
    demoLoginHost: demoSalesforce.loginHost,
  });
  if (!host.ok) {
    throw new InvalidInputError(host.message, [{ path: "customDomain", message: host.message }]);
  }
  // A login host serves every org: until somebody connects, only the name tells what is meant.
  const company = definition.environment === "custom" ? companyKeyOf(host.host) : null;
  return {
    provider: "salesforce",
    method: definition.method,
    name: definition.name,
    environment: definition.environment,
    surfaces: definition.surfaces,
    loginHost: host.host,
    tenantSubdomain: null,
    accountId: null,
    clientId: clientIdFor(settings, definition),
    // The least that a connection lives on: without them it cannot be proven, or ends within hours.
    scopes: [...new Set([...definition.scopes, "api", "refresh_token"])],
    pkce: definition.pkce,
    groupKey: company ?? definition.name.toLowerCase(),
    groupName: company ?? definition.name,
  };
}

/**
 * The app that people sign in with.
 *
 * @throws {AppNotConfiguredError} the operator has not set the studio's own up
 */
export function clientIdFor(settings: Settings, definition: SalesforceDefinition): string {
  if (definition.method === "custom-app") {
    if (definition.clientId) return definition.clientId;
    throw new InvalidInputError("The Client ID is missing.", [
      { path: "clientId", message: "Copy the Client ID (Consumer Key) from the app." },
    ]);
  }
  if (definition.environment === "demo") return demoSalesforce.clientId;
  if (definition.method === "quick") {
    if (settings.salesforce.clientId) return settings.salesforce.clientId;
    throw new AppNotConfiguredError("SALESFORCE_CLIENT_ID");
  }
  if (settings.salesforce.packageClientId) return settings.salesforce.packageClientId;
  throw new AppNotConfiguredError("SALESFORCE_PACKAGE_CLIENT_ID");
}

function resolveMarketingCloud(definition: MarketingCloudDefinition): ResolvedDefinition {
  const auth = parseTenant(definition.authBaseUri);
  if (!auth.ok) {
    throw new InvalidInputError(auth.message, [{ path: "authBaseUri", message: auth.message }]);
  }
  if (definition.restBaseUri) {
    const rest = parseTenant(definition.restBaseUri);
    const match = rest.ok ? sameTenant(auth.tenant, rest.tenant) : rest;
    if (!match.ok) {
      throw new InvalidInputError(match.message, [{ path: "restBaseUri", message: match.message }]);
    }
  }
  const { subdomain } = auth.tenant;
  const isDemo = definition.environment === "demo";
  return {
    provider: "marketing-cloud",
    method: "public-app",
    name: definition.name,
    environment: definition.environment,
    surfaces: definition.surfaces,
    loginHost: null,
    tenantSubdomain: subdomain,
    accountId: definition.accountId ?? null,
    clientId: definition.clientId,
    // Without `offline` the tokens die when the person signs out of Marketing Cloud.
    scopes: [...new Set([...definition.scopes, "offline"])],
    pkce: "required",
    groupKey: subdomain,
    groupName: isDemo ? demoMarketingCloud.company : subdomain,
  };
}
