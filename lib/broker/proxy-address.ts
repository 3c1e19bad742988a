import type { ProxyDoor } from "#lib/providers/proxy-dialect.ts";

/** Everything below it is the proxy's. */
export const PROXY_PREFIX = "/api/broker/proxy/";

/** What stands in an address of the proxy, undecoded. */
export type ProxyAddress = {
  connectionId: string;
  door: ProxyDoor | "auth";
  /** Behind the door; empty or with its slash. */
  rawPath: string;
  /** Without the `?`. */
  rawQuery: string;
};

// The Salesforce CLI signs in at its instance URL and `services/…` joined without a slash.
const form =
  /^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\/+(?:(rest|soap|auth)(\/[^?]*)?|(rest)(services\/[^?]*))$/i;

const soapPath = /^\/+services\/+soap\//i;

/** The parts of an address below `PROXY_PREFIX`; null where it is none of the proxy's. */
export function parseProxyAddress(url: string): ProxyAddress | null {
  if (!url.startsWith(PROXY_PREFIX)) return null;
  const at = url.indexOf("?");
  const path = url.slice(PROXY_PREFIX.length, at < 0 ? undefined : at);
  // The doubled slashes of clients that join with one too many.
  const parts = form.exec(path.replace(/^\/+/, ""));
  if (!parts) return null;
  const door = (parts[2] ?? parts[4] ?? "").toLowerCase() as ProxyAddress["door"];
  const rawPath = parts[5] === undefined ? (parts[3] ?? "") : `/${parts[5]}`;
  return {
    connectionId: (parts[1] ?? "").toLowerCase(),
    // Clients of Salesforce have one address for both, and the agent key inside their envelopes.
    door: door === "rest" && soapPath.test(rawPath) ? "soap" : door,
    rawPath,
    rawQuery: at < 0 ? "" : url.slice(at + 1),
  };
}

/** Where a connection's door is, for clients; without a slash at the end. */
export const proxyUrl = (studioUrl: string, connectionId: string, door: ProxyAddress["door"]) =>
  `${studioUrl}${PROXY_PREFIX}${connectionId}/${door}`;
