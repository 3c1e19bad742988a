import { lookup as dnsLookup } from "node:dns/promises";
import type { Socket } from "node:net";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";
import { buildConnector } from "undici";
import type { ConnectMap } from "#lib/egress/connect-map.ts";
import type { EgressFailureKind } from "#lib/egress/errors.ts";
import {
  isLoopbackAddress,
  isLoopbackOrigin,
  isPublicAddress,
} from "#lib/egress/public-address.ts";

/** All addresses of a name, as the system knows them. */
export type Lookup = (host: string) => Promise<readonly { address: string }[]>;

/** What the system resolves a name to, hosts file and all. */
export const systemLookup: Lookup = (host) => dnsLookup(host, { all: true, order: "verbatim" });

/** Why no connection came about: nothing was sent. */
export class ConnectFailure extends Error {
  readonly kind: EgressFailureKind;
  constructor(kind: EgressFailureKind, cause?: unknown) {
    super(`no connection: ${kind}`, { cause });
    this.kind = kind;
  }
}

export type ConnectorOptions = {
  connectMs: number;
  lookup?: Lookup;
  connectMap?: ConnectMap;
  /** The one origin whose addresses may be private: the operator named it. */
  collectorOrigin?: string;
  /** Certificate authorities to trust beside Node's own, as PEM. */
  ca?: readonly string[];
};

const mostAddresses = 3;

const networkErrors = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "EPIPE",
  "EACCES",
  "EPERM",
]);

function failureOf(error: unknown): ConnectFailure {
  if (error instanceof ConnectFailure) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  if (code === "UND_ERR_CONNECT_TIMEOUT" || code === "ETIMEDOUT") {
    return new ConnectFailure("timeout", error);
  }
  return new ConnectFailure(networkErrors.has(code) ? "connect" : "tls", error);
}

function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new ConnectFailure("timeout")), limitMs);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/**
 * The checked addresses of a name (NET-3): all of them public or, for this machine's own demo, all
 * of them loopback. One that is not spoils the whole answer.
 */
async function checkedAddresses(
  lookup: Lookup,
  origin: URL,
  collectorOrigin: string | undefined,
): Promise<string[]> {
  const host = origin.hostname.replace(/^\[|\]$/g, "");
  let answers: readonly { address: string }[];
  try {
    answers = await lookup(host);
  } catch (error) {
    throw new ConnectFailure("dns", error);
  }
  if (answers.length === 0) throw new ConnectFailure("dns");
  const isAllowed = isLoopbackOrigin(origin.origin) ? isLoopbackAddress : isPublicAddress;
  const addresses = answers.map(({ address }) => address);
  const isNamed = origin.origin === collectorOrigin;
  if (!isNamed && !addresses.every(isAllowed)) throw new ConnectFailure("refused_address");
  return addresses;
}

/**
 * Opens sockets for the outbound client: resolves the name once, checks every answer, and connects
 * to an address that was checked, under the name's TLS identity.
 */
export function createConnector(options: ConnectorOptions): buildConnector.connector {
  const lookup = options.lookup ?? systemLookup;
  let context: SecureContext | undefined;
  const secureContext = () => {
    context ??= createSecureContext(
      options.ca ? { ca: [...getCACertificates("default"), ...options.ca] } : {},
    );
    return context;
  };
  const connectors = new Map<boolean, buildConnector.connector>();
  const connectorFor = (isTls: boolean) => {
    const held =
      connectors.get(isTls) ??
      buildConnector({
        timeout: options.connectMs,
        allowH2: false,
        rejectUnauthorized: true,
        minVersion: "TLSv1.2",
        ...(isTls ? { secureContext: secureContext() } : {}),
      });
    connectors.set(isTls, held);
    return held;
  };

  const connectTo = (request: buildConnector.Options, hostname: string, port: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const connect = connectorFor(request.protocol === "https:");
    const servername = request.hostname.replace(/^\[|\]$/g, "");
    const isTls = request.protocol === "https:";
    connect(
      // Without TLS a server name would be resolved again: only the checked address is given.
      { hostname, port, protocol: request.protocol, ...(isTls ? { servername } : {}) },
      (error, socket) => (socket ? resolve(socket) : reject(error)),
    );
    return promise;
  };

  const open = async (request: buildConnector.Options): Promise<Socket> => {
    const port = request.port || (request.protocol === "https:" ? "443" : "80");
    const mapped = options.connectMap?.find(request.hostname);
    if (mapped) return connectTo(request, mapped.address, String(mapped.port));
    const origin = new URL(`${request.protocol}//${request.hostname}:${port}`);
    const addresses = await within(
      checkedAddresses(lookup, origin, options.collectorOrigin),
      options.connectMs,
    );
    let failure: unknown;
    for (const address of addresses.slice(0, mostAddresses)) {
      try {
        return await connectTo(request, address, port);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };

  return (request, callback) => {
    open(request).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(failureOf(error), null),
    );
  };
}
