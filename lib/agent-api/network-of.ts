import type { IncomingMessage } from "node:http";
import { LRUCache } from "lru-cache";
import { siteOf } from "#lib/auth/network.ts";
import { clientAddress } from "#lib/http/client-address.ts";

const sites = new LRUCache<string, string>({ max: 5_000 });

/** The network that an agent's request came from; `unknown` where there is no address to read. */
export function networkOf(
  { studioUrl }: { studioUrl: string },
  { headers, socket }: IncomingMessage,
): string {
  const address = clientAddress(studioUrl, headers, socket.remoteAddress);
  let site = sites.get(address);
  if (site === undefined) {
    site = siteOf(address);
    sites.set(address, site);
  }
  return site;
}
