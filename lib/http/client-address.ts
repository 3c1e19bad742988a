import type { IncomingHttpHeaders } from "node:http";

/** Where server.ts puts the network address that a request came from. */
export const CLIENT_ADDRESS_HEADER = "x-studio-client-address";
/** Where server.ts puts the id of a request, in the request and in its answer. */
export const REQUEST_ID_HEADER = "x-studio-request-id";

/**
 * The network address a request came from. This server speaks no TLS, so behind an https origin
 * there is a proxy, and the last address in `x-forwarded-for` is the one that proxy itself saw;
 * without one the header is anybody's claim.
 */
export function clientAddress(
  studioUrl: string,
  headers: IncomingHttpHeaders,
  socketAddress: string | undefined,
): string {
  const forwarded = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",").at(-1)?.trim();
  const isProxied = studioUrl.startsWith("https:");
  const address = (isProxied && forwarded) || socketAddress || "unknown";
  return /^[0-9a-fA-F.:]{2,45}$/.test(address) ? address.replace(/^::ffff:/i, "") : "unknown";
}

/**
 * Replaces every header that could make the studio believe in another origin, address or request id
 * with what is configured and seen (OA-6).
 */
export function trustOnlyOurHeaders(
  headers: IncomingHttpHeaders,
  {
    studioUrl,
    requestId,
    socketAddress,
  }: { studioUrl: string; requestId: string; socketAddress: string | undefined },
): void {
  const { host, protocol } = new URL(studioUrl);
  const address = clientAddress(studioUrl, headers, socketAddress);
  for (const name of Object.keys(headers)) {
    if (/^(?:forwarded|x-forwarded-.*|x-middleware-.*|x-real-ip|x-studio-.*)$/.test(name)) {
      delete headers[name];
    }
  }
  headers.host = host;
  headers["x-forwarded-host"] = host;
  headers["x-forwarded-proto"] = protocol.slice(0, -1);
  headers["x-forwarded-for"] = address;
  headers[CLIENT_ADDRESS_HEADER] = address;
  headers[REQUEST_ID_HEADER] = requestId;
}
