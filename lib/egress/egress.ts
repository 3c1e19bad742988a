import type { Readable } from "node:stream";
import { Agent } from "undici";
import { InvalidInputError } from "#lib/core/errors.ts";
import { type ConnectMap, isConnectMap } from "#lib/egress/connect-map.ts";
import { createConnector, type Lookup } from "#lib/egress/connector.ts";
import { acceptedEncodings, decodeBody } from "#lib/egress/decode-body.ts";
import { EgressError, type EgressFailureKind } from "#lib/egress/errors.ts";
import {
  type AnswerFields,
  type AnswerSink,
  type ExchangeLimits,
  type ExchangeRequest,
  exchange,
} from "#lib/egress/exchange.ts";
import { assertMethod, type OutgoingParts } from "#lib/egress/outgoing-request.ts";
import { isLoopbackOrigin } from "#lib/egress/public-address.ts";
import { AnswerBody, decodeStream } from "#lib/egress/streamed-answer.ts";
import { type EgressTarget, isEgressTarget } from "#lib/egress/target.ts";

export type { EgressTarget } from "#lib/egress/target.ts";

/** `maxBodyBytes` holds for the bytes on the wire and again for the decoded body. */
export type EgressLimits = {
  /** From asking for the name to a ready connection; fixed for the whole client. */
  connectMs: number;
} & ExchangeLimits;

export type EgressRequest = OutgoingParts & {
  body?: string | Uint8Array;
  /** Asked in the moment in which the first byte would leave: with false none does. */
  isStillWanted?(): boolean;
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

export type StreamRequest = ExchangeRequest & {
  limits?: Partial<Omit<EgressLimits, "connectMs">>;
  /** Gives the call up, before its answer and during it. */
  signal?: AbortSignal;
  /** An answer that announces at most so many bytes is given whole: a stream costs more than it does. */
  holdBytes?: number;
};

export type StreamedAnswer = {
  status: number;
  headers: AnswerFields;
  /** Whole only where `holdBytes` asked for it. */
  body: Readable | Buffer;
  /** As in `EgressResponse`. */
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
  /**
   * The same with streams both ways: gives the answer when its headers are there, and reads its body
   * no faster than it is read. It asks for no content encoding and undoes one that comes nevertheless.
   *
   * @returns `body` must be read or destroyed; it ends with an `EgressError` where the rest never came
   * @throws {EgressError} no answer began; `sentBytes` says whether the provider may have seen it
   * @throws {InvalidInputError} the request is not fit to be sent; nothing was sent
   */
  stream(request: StreamRequest): Promise<StreamedAnswer>;
  /** Lets running calls end, then closes all connections. */
  close(): Promise<void>;
};

export type EgressOptions = {
  /** The only origin that demo targets may have; absent where the demo is off. */
  demoOrigin?: string | null;
  /** Origins of the operator's identity providers: only they may be on this machine or on another port. */
  issuerOrigins?: readonly string[];
  /** The operator's collector: then this egress calls it and nothing else, whatever its address is. */
  collectorOrigin?: string;
  connectMap?: ConnectMap;
  ca?: readonly string[];
  lookup?: Lookup;
  limits?: Partial<EgressLimits>;
  /** To one origin, of each of the two kinds of call. */
  connections?: number;
};

const defaultLimits: EgressLimits = {
  connectMs: 5_000,
  headersMs: 30_000,
  totalMs: 60_000,
  maxBodyBytes: 16 * 1024 * 1024,
  maxRequestBytes: 16 * 1024 * 1024,
};

/** For token endpoints (NET-5). */
export const tokenEndpointLimits = {
  headersMs: 15_000,
  totalMs: 15_000,
  maxBodyBytes: 64 * 1024,
} as const satisfies EgressRequest["limits"];

const maxHeaderBytes = 32 * 1024;
const keepAliveMs = 10_000;
/** One call holds one: so many sent whole, and so many streams, a host may have under way at once. */
const defaultConnections = 256;

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
  const connect = createConnector({ ...options, connectMs });
  const pool = () =>
    new Agent({
      connect,
      connections: options.connections ?? defaultConnections,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      maxHeaderSize: maxHeaderBytes,
      // Our own timers are exact to the millisecond; undici's are coarse.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  // Of their own: agents that read slowly never hold up a refresh at the same host.
  const [forWhole, forStreams] = [pool(), pool()];

  return {
    async send(request) {
      assertTarget(request.target, options);
      assertMethod(request.method);
      const callLimits = { ...limits, ...request.limits };
      const raw = await whole(forWhole, request, callLimits);
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
    async stream(request) {
      assertTarget(request.target, options);
      assertMethod(request.method);
      return streamed(forStreams, request, { ...limits, ...request.limits });
    },
    async close() {
      await Promise.all([forWhole.close(), forStreams.close()]);
    },
  };
}

function assertTarget(target: EgressTarget, options: EgressOptions): void {
  const isOurs = isEgressTarget(target);
  const isWrongDemo = target.kind === "demo" && target.origin !== (options.demoOrigin ?? null);
  const isWrongIssuer =
    target.kind === "issuer" &&
    (target.origin !== `https://${target.host}` || isLoopbackOrigin(target.origin)) &&
    !options.issuerOrigins?.includes(target.origin);
  // One egress for the collector, which may be anywhere; another for everything else, which may not.
  const isWrongCollector =
    target.kind === "collector"
      ? target.origin !== options.collectorOrigin
      : options.collectorOrigin !== undefined;
  if (!isOurs || isWrongDemo || isWrongIssuer || isWrongCollector) {
    throw new InvalidInputError("This address is not one we call.");
  }
}

function headersOf(fields: AnswerFields): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(fields)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  return headers;
}

type RawAnswer = { status: number; headers: Headers; body: Buffer };

function whole(agent: Agent, request: EgressRequest, limits: EgressLimits): Promise<RawAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const chunks: Buffer[] = [];
  let status = 0;
  let headers = new Headers();
  const sink: AnswerSink = {
    start(answered, fields) {
      status = answered;
      headers = headersOf(fields);
    },
    data: (chunk) => void chunks.push(Buffer.from(chunk)),
    end: () => resolve({ status, headers, body: Buffer.concat(chunks) }),
    fail: reject,
  };
  exchange(agent, request, limits, sink, acceptedEncodings);
  return promise;
}

const isPlain = (fields: AnswerFields) =>
  /^(?:identity)?$/i.test(String(fields["content-encoding"] ?? ""));
const joined = ([only, ...more]: Buffer[]) =>
  only && more.length === 0 ? only : Buffer.concat(only ? [only, ...more] : []);

function streamed(
  agent: Agent,
  request: StreamRequest,
  limits: EgressLimits,
): Promise<StreamedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<StreamedAnswer>();
  const { signal } = request;
  const failure = (kind: EgressFailureKind, cause?: unknown) =>
    new EgressError(kind, { sentBytes: true, cause });
  const { holdBytes = -1 } = request;
  let body: AnswerBody | undefined;
  let held: { answer: Omit<StreamedAnswer, "body">; chunks: Buffer[] } | undefined;
  const onAbort = () => giveUp("request_cut");
  const sink: AnswerSink = {
    start(status, fields, flow) {
      const isRedirect = status >= 300 && status < 400 && fields.location !== undefined;
      if (isPlain(fields) && Number(fields["content-length"] ?? Number.NaN) <= holdBytes) {
        held = { answer: { status, headers: fields, isRedirect }, chunks: [] };
        return;
      }
      body = new AnswerBody(flow, giveUp);
      const encoding = String(fields["content-encoding"] ?? "");
      const hasBody = request.method !== "HEAD";
      const decoded = hasBody
        ? decodeStream(body, encoding, limits.maxBodyBytes, failure)
        : ({ ok: true, body, isDecoded: false } as const);
      if (!decoded.ok) {
        giveUp(decoded.kind);
        return;
      }
      const plain = { ...fields, "content-encoding": undefined, "content-length": undefined };
      const headers = decoded.isDecoded ? plain : fields;
      resolve({ status, headers, body: decoded.body, isRedirect });
    },
    data(chunk) {
      if (held) held.chunks.push(chunk);
      else body?.arrived(chunk);
    },
    end() {
      signal?.removeEventListener("abort", onAbort);
      body?.finish();
      if (held) resolve({ ...held.answer, body: joined(held.chunks) });
    },
    fail(error) {
      signal?.removeEventListener("abort", onAbort);
      reject(error); // nothing where the answer has begun: then its body ends with the error
      body?.destroy(error);
    },
  };
  const giveUp = exchange(agent, request, limits, sink, "identity");
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  return promise;
}
