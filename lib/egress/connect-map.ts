import { isIP } from "node:net";
import { EgressConfigurationError } from "#lib/egress/errors.ts";
import { isPlainHostName } from "#lib/egress/host-name.ts";
import { isLoopbackOrigin } from "#lib/egress/public-address.ts";

const connectMapSetting = "EGRESS_CONNECT_MAP";

export type ConnectAddress = { address: string; port: number };

/** Test addresses by host. Only where the socket goes changes: URL rules and TLS names stay (NET-7). */
export type ConnectMap = { find(host: string): ConnectAddress | undefined };

const made = new WeakSet<ConnectMap>();

/** True for a map that `parseConnectMap` let pass. */
export function isConnectMap(map: ConnectMap): boolean {
  return made.has(map);
}

/**
 * Reads `host=ip:port,*.suffix=ip:port`. An exact name goes before a wildcard, a longer wildcard
 * before a shorter one.
 *
 * @param studioOrigin - the studio's own; the switch is for a machine's own use only
 * @throws {EgressConfigurationError} the origin is not loopback, or an entry cannot be read
 */
export function parseConnectMap(text: string, studioOrigin: string): ConnectMap {
  if (!isLoopbackOrigin(studioOrigin)) {
    throw new EgressConfigurationError(
      connectMapSetting,
      "is for tests on one machine and is refused while STUDIO_URL is not a loopback address",
    );
  }
  const exact = new Map<string, ConnectAddress>();
  const bySuffix = new Map<string, ConnectAddress>();
  text.split(",").forEach((entry, i) => {
    const { name, target } = parseEntry(entry.trim(), i + 1);
    if (name.startsWith("*.")) bySuffix.set(name.slice(1), target);
    else exact.set(name, target);
  });
  const suffixes = [...bySuffix.keys()].sort((a, b) => b.length - a.length);
  const map: ConnectMap = Object.freeze({
    find(host: string) {
      const suffix = suffixes.find((ending) => host.endsWith(ending));
      return exact.get(host) ?? (suffix === undefined ? undefined : bySuffix.get(suffix));
    },
  });
  made.add(map);
  return map;
}

function parseEntry(entry: string, position: number): { name: string; target: ConnectAddress } {
  const groups = /^(\*\.)?([^=*]+)=(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(entry);
  const name = groups?.[2] ?? "";
  const address = groups?.[3] ?? groups?.[4] ?? "";
  const port = Number(groups?.[5]);
  if (!isPlainHostName(name) || isIP(address) === 0 || !(port >= 1 && port <= 65_535)) {
    throw new EgressConfigurationError(
      connectMapSetting,
      `entry ${position} is not of the form host=ip:port`,
    );
  }
  return { name: `${groups?.[1] ?? ""}${name}`, target: { address, port } };
}
