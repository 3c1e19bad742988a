import type { Readable } from "node:stream";
import type { Agent } from "undici";
import { ConnectFailure } from "#lib/egress/connector.ts";
import { EgressError, type EgressFailureKind } from "#lib/egress/errors.ts";
import {
  type Encodings,
  type OutgoingParts,
  outgoingHeaders,
  outgoingPath,
} from "#lib/egress/outgoing-request.ts";
import { type CappedBody, capBody } from "#lib/egress/request-body.ts";

/** Header fields as undici parsed them: lower case, several of one name as a list. */
export type AnswerFields = Readonly<Record<string, string | string[] | undefined>>;

export type ExchangeLimits = {
  /** From the request's last byte to the end of the answer's headers. */
  headersMs: number;
  totalMs: number;
  /** Holds for the bytes on the wire. */
  maxBodyBytes: number;
  maxRequestBytes: number;
};

export type ExchangeRequest = OutgoingParts & {
  body?: string | Uint8Array | Readable;
  /** Bytes of a body that is a stream, where they are known. */
  bodyBytes?: number;
  /** Asked in the moment in which the first byte would leave: with false none does. */
  isStillWanted?(): boolean;
};

/** Holds the answer back while whoever reads it is slower than the provider. */
export type Flow = { pause(): void; resume(): void };

/** Takes an answer as it comes. Exactly one of `end` and `fail` is called, last. */
export type AnswerSink = {
  start(status: number, fields: AnswerFields, flow: Flow): void;
  /** The bytes are undici's: copy what is kept. */
  data(chunk: Buffer): void;
  end(): void;
  fail(error: EgressError): void;
};

/** Gives a call up, from whatever side: its connection and its timers are gone at once. */
export type GiveUp = (kind: EgressFailureKind, cause?: unknown) => void;

function kindOf(error: unknown): EgressFailureKind {
  if (error instanceof ConnectFailure) return error.kind;
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === "UND_ERR_HEADERS_OVERFLOW" || code === "HPE_HEADER_OVERFLOW"
    ? "too_large"
    : "cut";
}

const announcedBytes = (fields: AnswerFields) => Number(fields["content-length"] ?? 0);

/**
 * One request on the wire, once, with its limits of time and size, whole or streamed both ways.
 *
 * @throws {InvalidInputError} at once, with nothing sent
 */
export function exchange(
  agent: Agent,
  request: ExchangeRequest,
  limits: ExchangeLimits,
  sink: AnswerSink,
  encodings: Encodings,
): GiveUp {
  const path = outgoingPath(request);
  const headers = outgoingHeaders(request.headers, encodings);
  let abort: ((reason: Error) => void) | undefined;
  let isOver = false;
  let isAnswered = false;
  let received = 0;
  let headersTimer: NodeJS.Timeout | undefined;

  const finish = () => {
    isOver = true;
    clearTimeout(totalTimer);
    clearTimeout(headersTimer);
  };
  const fail: GiveUp = (kind, cause) => {
    if (isOver) return;
    finish();
    const error = new EgressError(kind, { sentBytes: abort !== undefined, cause });
    body.stop();
    abort?.(error);
    sink.fail(error);
  };
  const totalTimer = setTimeout(() => fail("timeout"), limits.totalMs);
  const waitForHeaders = () => {
    if (!isOver && !isAnswered) {
      headersTimer = setTimeout(() => fail("timeout"), limits.headersMs);
    }
  };
  const body: CappedBody = capBody(request.body, limits.maxRequestBytes, fail);
  if (body.source !== null && request.bodyBytes !== undefined) {
    headers["content-length"] = String(request.bodyBytes);
  }

  agent.dispatch(
    {
      origin: request.target.origin,
      path,
      method: request.method,
      headers,
      body: body.source ?? body.whole,
    },
    {
      onRequestStart(controller) {
        // Given up while waiting for a connection, or undici would send a second time: neither leaves.
        if (isOver || abort) {
          controller.abort(new Error("a request is sent once"));
          fail("cut");
          return;
        }
        if (request.isStillWanted?.() === false) {
          fail("unwanted");
          controller.abort(new Error("nobody wants it any more"));
          return;
        }
        abort = (reason) => controller.abort(reason);
        if (body.source === null) waitForHeaders();
        else body.source.once("end", waitForHeaders);
      },
      onResponseStart(controller, status, fields) {
        if (status < 200 || isOver) return;
        isAnswered = true;
        clearTimeout(headersTimer);
        if (request.method !== "HEAD" && announcedBytes(fields) > limits.maxBodyBytes) {
          fail("too_large");
          return;
        }
        sink.start(status, fields, controller);
      },
      onResponseData(_controller, chunk) {
        if (isOver) return;
        received += chunk.byteLength;
        if (received > limits.maxBodyBytes) fail("too_large");
        else sink.data(chunk);
      },
      onResponseEnd() {
        if (isOver) return;
        finish();
        body.stop();
        sink.end();
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
  return fail;
}
