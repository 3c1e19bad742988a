import { type Remedy, StudioError } from "#lib/core/errors.ts";

export type EgressFailureKind =
  | "dns"
  | "refused_address"
  | "connect"
  | "tls"
  | "timeout"
  | "too_large"
  | "cut"
  /** The caller's own body: beyond its cap, or never finished. */
  | "request_too_large"
  | "request_cut"
  | "bad_encoding"
  /** Its moment had passed before it left. */
  | "unwanted";

const egressErrorCode = "egress.unreachable";

/**
 * A call that brought no whole answer. `kind` is for our own decisions and logs; outside, all look
 * alike, so that nobody maps a network by our words (NET-6).
 */
export class EgressError extends StudioError {
  readonly code = egressErrorCode;
  readonly status = 502;
  readonly userMessage = "The provider could not be reached.";
  readonly remedy: Remedy = { do: "retry", afterSeconds: 30 };
  readonly kind: EgressFailureKind;
  /** False only where no byte of the request can have left: such a call may be repeated (OA-12). */
  readonly sentBytes: boolean;
  constructor(kind: EgressFailureKind, details: { sentBytes: boolean; cause?: unknown }) {
    super(`outbound call failed: ${kind}`, { cause: details.cause });
    this.kind = kind;
    this.sentBytes = details.sentBytes;
  }
}

/**
 * True for an `EgressError` of any copy of this module: the client is made by the server's copy, and
 * Next's entries have theirs, so `instanceof` would not see it.
 */
export function isEgressError(error: unknown): error is EgressError {
  return error instanceof Error && "code" in error && error.code === egressErrorCode;
}

/** A setting of the outbound client that must not be used here. The studio must not start. */
export class EgressConfigurationError extends StudioError {
  readonly code = "egress.configuration";
  readonly status = 500;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "ask-admin" };
  readonly setting: string;
  constructor(setting: string, problem: string) {
    super(`${setting}: ${problem}`);
    this.setting = setting;
    this.userMessage = `${setting}: ${problem}`;
  }
}
