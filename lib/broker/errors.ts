import { type Remedy, StudioError } from "#lib/core/errors.ts";

/**
 * The agent's owner is not connected there now; only they can change that. Without the connection's name: a
 * teammate wrote it, or a provider, and agents read this (MCP-8).
 */
export class GrantNotUsableError extends StudioError {
  readonly code: "grants.needs_reconnect" | "grants.not_connected";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy;
  constructor({ connectionId, isNew }: { connectionId: string; isNew: boolean }) {
    super("the agent's owner has no live grant here");
    this.code = isNew ? "grants.not_connected" : "grants.needs_reconnect";
    this.userMessage = isNew
      ? "The agent's owner has not connected this connection. They can do it on its page in the studio."
      : "The sign-in on this connection does not count any more. The agent's owner has to reconnect it in the studio.";
    this.remedy = { do: "reconnect", connectionId };
  }
}

/** Why an agent does not get the access token itself. */
export type RawRefusal = "not_chosen" | "plan_mode" | "no_direct_writes";

const rawWords: Readonly<Record<RawRefusal, string>> = {
  not_chosen:
    "The owner of this sign-in has not allowed handing out its access token. Use the proxy, or ask them.",
  plan_mode:
    "An agent in plan mode only reads, and whoever holds the access token can write. Use the proxy.",
  no_direct_writes:
    "Whoever holds the access token can write without a plan. The owner has to allow this agent direct writes here first. Until then, use the proxy.",
};

export class RawLeaseRefusedError extends StudioError {
  readonly code = "broker.raw_not_allowed";
  readonly status = 403;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "ask-admin" };
  readonly reason: RawRefusal;
  constructor(reason: RawRefusal) {
    super(`raw lease refused: ${reason}`);
    this.reason = reason;
    this.userMessage = rawWords[reason];
  }
}

/** More life was asked for than this provider's tokens have. */
export class LifeNotAvailableError extends StudioError {
  readonly code = "broker.life_not_available";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(availableSeconds: number) {
    super(`asked for more than ${availableSeconds} s`);
    this.userMessage = `Tokens of this connection do not live that long: ${availableSeconds} seconds can be given now. Ask for less, and for a new lease before it ends.`;
  }
}

/** More was asked for in a while than this key, connection or person may (BRK-10). */
export class TooManyLeasesError extends StudioError {
  readonly code = "broker.too_many_leases";
  readonly status = 429;
  readonly userMessage: string;
  readonly remedy: Remedy & { do: "retry" };
  constructor(afterSeconds: number) {
    super(`limited for ${afterSeconds} s`);
    this.userMessage =
      "Many leases were asked for in a short time. A lease serves until it ends: keep it, and ask again later.";
    this.remedy = { do: "retry", afterSeconds };
  }
}
