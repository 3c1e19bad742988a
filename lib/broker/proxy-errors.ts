import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** Why the proxy itself sends a call back, each with what to do about it. */
const refusals = {
  "broker.body_too_large": {
    status: 413,
    userMessage: "This body is larger than the studio passes on.",
    remedy: { do: "fix-input" },
  },
  "broker.body_broken": {
    status: 400,
    userMessage: "The body of this request broke off.",
    remedy: { do: "fix-input" },
  },
  "broker.try_again": {
    status: 503,
    userMessage:
      "The provider's session had ended and is new again. The body was too large to keep: send the request once more.",
    remedy: { do: "retry", afterSeconds: 1 },
  },
  "broker.answer_stopped": {
    status: 502,
    userMessage:
      "The provider's answer held the connection's own token, so the studio stopped it. What the call does was done.",
    remedy: { do: "ask-admin" },
  },
  "broker.not_recorded": {
    status: 503,
    userMessage:
      "The studio could not record this call, so it was not made. Try again in a moment.",
    remedy: { do: "retry", afterSeconds: 5 },
  },
  "broker.rate_limited": {
    status: 429,
    userMessage: "This agent makes more calls than it may. Wait, then go on.",
    remedy: { do: "retry", afterSeconds: 1 },
  },
  "broker.no_such_door": {
    status: 404,
    userMessage: "This connection has no such address.",
    remedy: { do: "fix-input" },
  },
  "broker.provider_timeout": {
    status: 504,
    userMessage:
      "The provider did not answer in time. A write may have been done: look before you repeat it.",
    remedy: { do: "retry", afterSeconds: 30 },
  },
  "broker.soap_refused": {
    status: 400,
    userMessage:
      "This SOAP envelope is not one with exactly one plain token in its header. Put the agent key where the access token stands.",
    remedy: { do: "fix-input" },
  },
  "broker.wrong_business_unit": {
    status: 401,
    userMessage: "This connection is another business unit's.",
    remedy: { do: "fix-input" },
  },
} as const satisfies Record<string, { status: number; userMessage: string; remedy: Remedy }>;
export type ProxyRefusalCode = keyof typeof refusals;

/** The studio sends an agent's call back; the provider saw nothing of it unless the words say so. */
export class ProxyRefusedError extends StudioError {
  readonly code: string;
  readonly status: number;
  readonly userMessage: string;
  readonly remedy: Remedy;
  constructor(
    reason:
      | ProxyRefusalCode
      | { code: string; status: number; userMessage: string; remedy?: Remedy },
    options: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    const known = typeof reason === "string" ? { code: reason, ...refusals[reason] } : reason;
    super(known.code, { cause: options.cause });
    this.code = known.code;
    this.status = known.status;
    this.userMessage = known.userMessage;
    this.remedy =
      options.retryAfterSeconds === undefined
        ? (known.remedy ?? { do: "fix-input" })
        : { do: "retry", afterSeconds: options.retryAfterSeconds };
  }
}
