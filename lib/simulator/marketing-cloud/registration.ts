import { isKnownScope } from "./scopes.ts";
import type { Package, Tenant } from "./world.ts";

/** The vendor takes up to this many redirect URIs on one integration. */
const maxRedirectUris = 10;

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);
const unregistrableSchemes = new Set(["http:", "javascript:", "data:", "file:", "blob:", "about:"]);

/**
 * Why the vendor's Setup page would not save this redirect URI, or null when it would:
 * https or a native scheme, no localhost, no wildcard, no fragment. `https://127.0.0.1:80/` is fine.
 */
export function redirectUriProblem(uri: string, allowsLoopback: boolean): string | null {
  let url: URL;
  try {
    url = new URL(uri);
  } catch {
    return "is not an absolute URL";
  }
  if (/[\s*]/.test(uri)) return "may hold neither spaces nor wildcards";
  if (uri.includes("#")) return "may not have a fragment";
  if (url.username || url.password) return "may not name a user";
  if (allowsLoopback && url.protocol === "http:" && loopbackNames.has(url.hostname)) return null;
  if (unregistrableSchemes.has(url.protocol)) return "must be https or a custom scheme";
  if (url.hostname === "localhost" || url.hostname.endsWith(".localhost")) {
    return "may not point to localhost";
  }
  if (url.protocol === "https:" && !/[.:]/.test(url.hostname)) return "must contain a base domain";
  if (url.protocol !== "https:" && !uri.includes("://")) return "must contain a base domain";
  return null;
}

/**
 * Checks a package as the vendor's Setup does when an admin presses Save.
 *
 * @throws {Error} naming the field that Setup would mark red
 */
export function checkPackage(tenant: Pick<Tenant, "businessUnits">, made: Package): void {
  const fail = (problem: string): never => {
    throw new Error(`package "${made.name}": ${problem}`);
  };
  if (!/^[a-z0-9]{24}$/.test(made.clientId)) fail("a client id has 24 characters a-z 0-9");
  if (made.type === "public-app" && made.clientSecret !== null) fail("a Public App has no secret");
  if (made.type !== "public-app" && !/^[A-Za-z0-9]{24}$/.test(made.clientSecret ?? "")) {
    fail("a client secret has 24 letters and digits");
  }
  for (const scope of made.scopes) if (!isKnownScope(scope)) fail(`no scope is called ${scope}`);
  if (made.redirectUris.length > maxRedirectUris) fail("at most 10 redirect URIs");
  if (made.type !== "server-to-server" && made.redirectUris.length === 0) {
    fail("at least one redirect URI");
  }
  for (const uri of made.redirectUris) {
    const problem = redirectUriProblem(uri, made.allowsLoopbackRedirects);
    if (problem) fail(`redirect URI ${uri} ${problem}`);
  }
  for (const mid of [made.homeMid, ...made.mids]) {
    if (!tenant.businessUnits.some((unit) => unit.mid === mid)) fail(`no business unit ${mid}`);
  }
}
