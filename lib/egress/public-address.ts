import { isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");
const documentation = ipaddr.IPv6.parseCIDR("3fff::/20");
const isatapMarker = 0x5efe;

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (text.includes("%") || !isIPv6(text)) return undefined;
  // ipaddr.js reads ::1.2.3.4 as a mapped address, sockets do not; without dots both agree.
  const address = ipaddr.IPv6.parse(new URL(`http://[${text}]`).hostname.slice(1, -1));
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

/**
 * Whether an IP address is one of the public internet (NET-3). IPv6 forms that carry an IPv4 address
 * to somewhere else (compatible, NAT64, 6to4, Teredo, ISATAP) are not; a mapped one is what it maps.
 */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  if (address === undefined || address.range() !== "unicast") return false;
  if (address instanceof ipaddr.IPv4) return true;
  const isIsatap = address.parts[5] === isatapMarker && ((address.parts[4] ?? 0) & ~0x0200) === 0;
  return address.match(globalUnicast) && !address.match(documentation) && !isIsatap;
}

/** Whether an IP address is this machine's own. */
export function isLoopbackAddress(text: string): boolean {
  return parseAddress(text)?.range() === "loopback";
}

/** Whether an origin is this machine's own: `localhost`, a name below it, or a loopback address. */
export function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const host = new URL(origin).hostname;
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  return isLoopbackAddress(host.replace(/^\[|\]$/g, ""));
}
