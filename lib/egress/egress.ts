import { Agent } from "undici";
import { InvalidInputError } from "#lib/core/errors.ts";
import { type ConnectMap, isConnectMap } from "#lib/egress/connect-map.ts";
import { ConnectFailure, createConnector, type Lookup } from "#lib/egress/connector.ts";
import { decodeBody } from "#lib/egress/decode-body.ts";
import { EgressError, type EgressFailureKind } from "#lib/egress/errors.ts";
import {
  assertMethod,
  type OutgoingParts,
  outgoingHeaders,
  outgoingPath,
} from "#lib/egress/outgoing-request.ts";
import { isLoopbackOrigin } from "#lib/egress/public-address.ts";
import { type EgressTarget, isEgressTarget } from "#lib/egress/target.ts";

export type { EgressTarget } from "#lib/egress/target.ts";

export type EgressLimits = {
  /** From asking for the name to a ready connection; fixed for the whole client. */
  connectMs: number;
  /** From the request's first byte to the end of the answer's headers. */
  headersMs: number;
  totalMs: number;
  /** Holds for the bytes on the wire and again for the decoded body. */
  maxBodyBytes: number;
};

export type EgressRequest = OutgoingParts & {
  body?: string | Uint8Array;
  limits?: Partial<Omit<EgressLimits, "connectMs">>;
};

export type EgressResponse = {
  status: number;
  /** As answered, without those of the encoding that was undone. */
  headers: Headers;
  body: Buffer;
  /** A 3xx that names another place. It was not followed (NET-4). */
  isRedirect: boolean;
};

export type Egress = {
  /**
   * Sends one request, once, and gives the whole answer, whatever its status.
   *
   * @throws {EgressError} no whole answer; `sentBytes` says whether the provider may have seen it
   * @throws {InvalidInputError} the request is not fit to be sent; nothing was sent
   */
  send(request: EgressRequest): Promise<EgressResponse>;
  /** Lets running calls end, then closes all connections. */
  close(): Promise<void>;
};

export type EgressOptions = {
  /** The only origin that demo targets may have; absent where the demo is off. */
  demoOrigin?: string | null;
  /** Origins of the operator's identity providers: only they may be on this machine or on another port. */
  issuerOrigins?: readonly string[];
  connectMap?: ConnectMap;
  ca?: readonly string[];
  lookup?: Lookup;
  limits?: Partial<EgressLimits>;
};

const defaultLimits: EgressLimits = {
  connectMs: 5_000,
  headersMs: 30_000,
  totalMs: 60_000,
  maxBodyBytes: 16 * 1024 * 1024,
};

/** For token endpoints (NET-5). */
export const tokenEndpointLimits = {
  headersMs: 15_000,
  totalMs: 15_000,
  maxBodyBytes: 64 * 1024,
} as const satisfies EgressRequest["limits"];

const maxHeaderBytes = 32 * 1024;
const keepAliveMs = 10_000;
const connectionsPerOrigin = 32;

/**
 * The one way out (RF-14). It goes only to checked targets and checked addresses (NET-2, NET-3),
 * follows no redirect (NET-4), ends within its limits (NET-5) and repeats nothing.
 */
export function createEgress(options: EgressOptions = {}): Egress {
  if (options.connectMap && !isConnectMap(options.connectMap)) {
    throw new TypeError("a connect map comes from parseConnectMap");
  }
  const limits = { ...defaultLimits, ...options.limits };
  const { connectMs } = limits;
  const agent = new Agent({
    connect: createConnector({ ...options, connectMs }),
    connections: connectionsPerOrigin,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: maxHeaderBytes,
    // Our own timers are exact to the millisecond; undici's are coarse.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  return {
    async send(request) {
      assertTarget(request.target, options);
      assertMethod(request.method);
      const callLimits = { ...limits, ...request.limits };
      const raw = await exchange(agent, request, callLimits);
      const encoding = raw.headers.get("content-encoding") ?? "";
      const decoded = await decodeBody(raw.body, encoding, callLimits.maxBodyBytes);
      if (!decoded.ok) throw new EgressError(decoded.kind, { sentBytes: true });
      if (encoding !== "") {
        raw.headers.delete("content-encoding");
        raw.headers.delete("content-length");
      }
      const isRedirect = raw.status >= 300 && raw.status < 400 && raw.headers.has("location");
      return { ...raw, body: decoded.body, isRedirect };
    },
    close: () => agent.close(),
  };
}

function assertTarget(target: EgressTarget, options: EgressOptions): void {
  const isOurs = isEgressTarget(target);
  const isWrongDemo = target.kind === "demo" && target.origin !== (options.demoOrigin ?? null);
  const isWrongIssuer =
    target.kind === "issuer" &&
    (target.origin !== `https://${target.host}` || isLoopbackOrigin(target.origin)) &&
    !options.issuerOrigins?.includes(target.origin);
  if (!isOurs || isWrongDemo || isWrongIssuer) {
    throw new InvalidInputError("This address is not one we call.");
  }
}

function kindOf(error: unknown): EgressFailureKind {
  if (error instanceof ConnectFailure) return error.kind;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === "UND_ERR_HEADERS_OVERFLOW" || code === "HPE_HEADER_OVERFLOW"
    ? "too_large"
    : "cut";
}

function headersOf(fields: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  return headers;
}

type RawAnswer = { status: number; headers: Headers; body: Buffer };

function exchange(agent: Agent, request: EgressRequest, limits: EgressLimits): Promise<RawAnswer> {
  const path = outgoingPath(request);
  const headers = outgoingHeaders(request.headers);
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  let abort: ((reason: Error) => void) | undefined;
  let failed: EgressError | undefined;
  let status = 0;
  let answerHeaders = new Headers();
  let headersTimer: NodeJS.Timeout | undefined;
  const chunks: Buffer[] = [];
  let received = 0;

  const fail = (kind: EgressFailureKind, cause?: unknown) => {
    if (failed) return;
    failed = new EgressError(kind, { sentBytes: abort !== undefined, cause });
    clearTimers();
    reject(failed);
    abort?.(failed);
  };
  const totalTimer = setTimeout(() => fail("timeout"), limits.totalMs);
  const clearTimers = () => {
    clearTimeout(totalTimer);
    clearTimeout(headersTimer);
  };

  agent.dispatch(
    {
      origin: request.target.origin,
      path,
      method: request.method,
      headers,
      body: request.body === undefined ? null : Buffer.from(request.body),
    },
    {
      onRequestStart(controller) {
        // Given up while waiting for a connection, or undici would send a second time: neither leaves.
        if (failed || abort) {
          controller.abort(failed ?? new Error("a request is sent once"));
          fail("cut");
          return;
        }
        abort = (reason) => controller.abort(reason);
        headersTimer = setTimeout(() => fail("timeout"), limits.headersMs);
      },
      onResponseStart(_controller, statusCode, fields) {
        if (statusCode < 200) return;
        clearTimeout(headersTimer);
        status = statusCode;
        answerHeaders = headersOf(fields);
        const announced = Number(answerHeaders.get("content-length") ?? 0);
        if (request.method !== "HEAD" && announced > limits.maxBodyBytes) fail("too_large");
      },
      onResponseData(_controller, chunk) {
        received += chunk.byteLength;
        if (received > limits.maxBodyBytes) fail("too_large");
        else chunks.push(Buffer.from(chunk));
      },
      onResponseEnd() {
        clearTimers();
        resolve({ status, headers: answerHeaders, body: Buffer.concat(chunks) });
      },
      onResponseError(_controller, error) {
        fail(kindOf(error), error);
      },
      onRequestUpgrade(controller) {
        controller.abort(new Error("no upgrades"));
        fail("cut");
      },
    },
  );
  return promise;
}
