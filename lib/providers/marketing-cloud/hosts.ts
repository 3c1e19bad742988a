import {
  type HostProblem,
  hostProblemWords,
  isPlainHostName,
  parseHttpsAddress,
} from "#lib/egress/host-name.ts";

/** One tenant's three hosts, always rebuilt from its subdomain. */
export type Tenant = { subdomain: string; authHost: string; restHost: string; soapHost: string };

export type TenantRefusalReason =
  | HostProblem
  | "legacy_host"
  | "app_host"
  | "no_tenant"
  | "bad_subdomain"
  | "has_path"
  | "not_marketing_cloud"
  | "other_tenant";

/** `message` is for the person who entered the address. */
export type TenantRefusal = { ok: false; reason: TenantRefusalReason; message: string };
export type TenantChoice = { ok: true; tenant: Tenant } | TenantRefusal;

const domain = "marketingcloudapis.com";
const hostPattern = /^([a-z0-9-]+)\.(auth|rest|soap)\.marketingcloudapis\.com$/;
const subdomainPattern = /^mc[a-z0-9-]{3,61}$/;
/** What people paste behind a base address; nothing else is expected there. */
const knownPaths = ["/", "/service.asmx", "/v2/authorize", "/v2/token", "/v2/userinfo"];
const legacyDomains = ["exacttargetapis.com", "exacttarget.com"];
const appDomains = ["marketingcloud.com", "marketingcloudapps.com", "salesforce.com", "force.com"];

const words: Readonly<Record<Exclude<TenantRefusalReason, HostProblem | "other_tenant">, string>> =
  {
    legacy_host:
      "This is an address from before tenant subdomains. Copy the Auth Base URI from the installed package; it ends in .auth.marketingcloudapis.com.",
    app_host:
      "This is an address for people, not for programs. Copy the Auth Base URI from the installed package.",
    no_tenant:
      "The tenant is missing. A base URI begins with it, like mc….auth.marketingcloudapis.com.",
    bad_subdomain:
      "A tenant subdomain begins with mc and has only lower-case letters, digits and hyphens.",
    has_path: "Enter the base URI only, without what comes after the host.",
    not_marketing_cloud:
      "This is not a Marketing Cloud address. It ends in .auth.marketingcloudapis.com, .rest. or .soap.",
  };

const refuse = (reason: Exclude<TenantRefusalReason, "other_tenant">): TenantRefusal => ({
  ok: false,
  reason,
  message: { ...hostProblemWords, ...words }[reason],
});

/** `^mc[a-z0-9-]{3,61}$`, not ending in a hyphen. */
export function isTenantSubdomain(text: string): boolean {
  return subdomainPattern.test(text) && !text.endsWith("-");
}

function tenantFrom(subdomain: string): Tenant {
  return {
    subdomain,
    authHost: `${subdomain}.auth.${domain}`,
    restHost: `${subdomain}.rest.${domain}`,
    soapHost: `${subdomain}.soap.${domain}`,
  };
}

/** The subdomain of a host we may call as Marketing Cloud, in the form it is sent; else null (NET-2). */
export function tenantOfHost(host: string): string | null {
  const subdomain = isPlainHostName(host) ? hostPattern.exec(host)?.[1] : undefined;
  return subdomain !== undefined && isTenantSubdomain(subdomain) ? subdomain : null;
}

/** A tenant's auth, REST or SOAP host (NET-2). */
export function isMarketingCloudHost(host: string): boolean {
  return tenantOfHost(host) !== null;
}

/**
 * The tenant of what a person entered: its subdomain, or any one of its base URIs, with or without
 * `https://` and a slash or `Service.asmx` behind. All else is refused with a reason (NET-2).
 */
export function parseTenant(input: string): TenantChoice {
  const text = input.trim().toLowerCase();
  if (/^[a-z0-9-]+$/.test(text)) {
    return isTenantSubdomain(text)
      ? { ok: true, tenant: tenantFrom(text) }
      : refuse("bad_subdomain");
  }
  const address = parseHttpsAddress(input);
  if (!address.ok) return refuse(address.reason);
  const reason = reasonAgainst(address.host);
  if (reason !== undefined) return refuse(reason);
  if (address.hasQuery || !knownPaths.includes(address.path.toLowerCase()))
    return refuse("has_path");
  const subdomain = tenantOfHost(address.host);
  return subdomain === null
    ? refuse("not_marketing_cloud")
    : { ok: true, tenant: tenantFrom(subdomain) };
}

function reasonAgainst(host: string): Exclude<TenantRefusalReason, "other_tenant"> | undefined {
  const isUnder = (name: string) => host === name || host.endsWith(`.${name}`);
  if (legacyDomains.some(isUnder)) return "legacy_host";
  if (appDomains.some(isUnder)) return "app_host";
  if (!isUnder(domain)) return "not_marketing_cloud";
  if (["", "auth.", "rest.", "soap.", "www."].some((role) => host === role + domain))
    return "no_tenant";
  const subdomain = hostPattern.exec(host)?.[1];
  if (subdomain === undefined) return "not_marketing_cloud";
  return isTenantSubdomain(subdomain) ? undefined : "bad_subdomain";
}

/** Whether two base URIs are of one tenant; a refusal names both. */
export function sameTenant(first: Tenant, second: Tenant): { ok: true } | TenantRefusal {
  if (first.subdomain === second.subdomain) return { ok: true };
  return {
    ok: false,
    reason: "other_tenant",
    message: `These addresses belong to two tenants: ${first.subdomain} and ${second.subdomain}. Use the base URIs of one installed package.`,
  };
}
