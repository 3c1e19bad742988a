import ipaddr from "ipaddr.js";

const NETWORK_BITS = { ipv4: 24, ipv6: 64 };
const SITE_BITS = { ipv4: 24, ipv6: 48 };

/**
 * The network that an address is counted under: /24 for IPv4, /64 for IPv6, `unknown` where there
 * is no address to read (WEB-2).
 */
export const networkOf = (address: string | null | undefined): string =>
  prefixOf(address, NETWORK_BITS);

/** A little coarser: /48 for IPv6, which is what one site or household has at its providers (RFC 6177). */
export const siteOf = (address: string | null | undefined): string => prefixOf(address, SITE_BITS);

function prefixOf(
  address: string | null | undefined,
  { ipv4, ipv6 }: { ipv4: number; ipv6: number },
): string {
  if (!address || !ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address); // ::ffff:203.0.113.7 is an IPv4 address
  const bits = parsed.kind() === "ipv4" ? ipv4 : ipv6;
  const first =
    parsed.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(`${parsed.toString()}/${bits}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${withoutZone(parsed.toString())}/${bits}`);
  return `${first.toString()}/${bits}`;
}

const withoutZone = (address: string) => address.replace(/%.*$/, "");
