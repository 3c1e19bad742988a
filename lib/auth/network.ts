import ipaddr from "ipaddr.js";

const PREFIX_BITS = { ipv4: 24, ipv6: 64 };

/**
 * The network that an address is counted under: /24 for IPv4, /64 for IPv6, `unknown` where there
 * is no address to read (WEB-2).
 */
export function networkOf(address: string | null | undefined): string {
  if (!address || !ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address); // ::ffff:203.0.113.7 is an IPv4 address
  const bits = PREFIX_BITS[parsed.kind()];
  const first =
    parsed.kind() === "ipv4"
      ? ipaddr.IPv4.networkAddressFromCIDR(`${parsed.toString()}/${bits}`)
      : ipaddr.IPv6.networkAddressFromCIDR(`${withoutZone(parsed.toString())}/${bits}`);
  return `${first.toString()}/${bits}`;
}

const withoutZone = (address: string) => address.replace(/%.*$/, "");
