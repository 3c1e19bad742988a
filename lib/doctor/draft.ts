import { demoSalesforce } from "#lib/connections/demo.ts";
import { clientIdFor } from "#lib/connections/resolve-definition.ts";
import type {
  ConnectionDefinition,
  MarketingCloudDefinition,
  SalesforceDefinition,
} from "#lib/connections/schema.ts";
import type { Env } from "#lib/core/env.ts";
import { parseTenant, sameTenant } from "#lib/providers/marketing-cloud/hosts.ts";
import { loginHostFor } from "#lib/providers/salesforce/hosts.ts";

/** Hosts of a definition, or what keeps it from having any. */
export type DraftAddress =
  | { ok: true; loginHost: string; apiHost: string | null }
  | { ok: false; message: string };

/** Whether the addresses that were entered are of one tenant; null where there is one address only. */
export type DraftTenant = { ok: true; subdomain: string } | { ok: false; message: string } | null;

export type DraftApp = { ok: true; clientId: string } | { ok: false; message: string };

export type Draft = { address: DraftAddress; tenant: DraftTenant; app: DraftApp };

const demoOff = { ok: false, message: "The demo is switched off on this studio." } as const;

/** Reads a definition part by part: one that cannot be used leaves the others to be checked. */
export function readDraft(
  settings: Pick<Env, "salesforce" | "demoUrl">,
  definition: ConnectionDefinition,
): Draft {
  const isDemoOff = definition.environment === "demo" && settings.demoUrl === null;
  const draft =
    definition.provider === "salesforce"
      ? readSalesforce(settings, definition)
      : readMarketingCloud(definition);
  return isDemoOff ? { ...draft, address: demoOff } : draft;
}

function readSalesforce(
  settings: Pick<Env, "salesforce">,
  definition: SalesforceDefinition,
): Draft {
  const host = loginHostFor({
    environment: definition.environment,
    ...(definition.customDomain === undefined ? {} : { customDomain: definition.customDomain }),
    demoLoginHost: demoSalesforce.loginHost,
  });
  return {
    address: host.ok
      ? { ok: true, loginHost: host.host, apiHost: null }
      : { ok: false, message: host.message },
    tenant: null,
    app: appOf(() => clientIdFor({ ...settings, demoUrl: null }, definition)),
  };
}

function readMarketingCloud(definition: MarketingCloudDefinition): Draft {
  const auth = parseTenant(definition.authBaseUri);
  const rest = definition.restBaseUri ? parseTenant(definition.restBaseUri) : auth;
  const match = auth.ok && rest.ok ? sameTenant(auth.tenant, rest.tenant) : auth.ok ? rest : auth;
  return {
    address: auth.ok
      ? { ok: true, loginHost: auth.tenant.authHost, apiHost: auth.tenant.restHost }
      : { ok: false, message: auth.message },
    tenant:
      auth.ok && match.ok
        ? { ok: true, subdomain: auth.tenant.subdomain }
        : { ok: false, message: match.ok ? "" : match.message },
    app: { ok: true, clientId: definition.clientId },
  };
}

function appOf(decide: () => string): DraftApp {
  try {
    return { ok: true, clientId: decide() };
  } catch (error) {
    const message = (error as { userMessage?: unknown }).userMessage;
    if (typeof message !== "string") throw error;
    return { ok: false, message };
  }
}
