import { type Remedy, StudioError } from "#lib/core/errors.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

type OfGrant = { id: string; connectionId: string };

/** The provider gave no token just now; nothing is lost, and nobody asks it again before the time given. */
export class ProviderUnavailableError extends StudioError {
  readonly code = "grants.provider_unavailable";
  readonly status = 503;
  readonly userMessage =
    "The provider gave no new token just now. Nothing is lost; try again shortly.";
  readonly remedy: Remedy & { do: "retry" };
  readonly reason: ReasonCode;
  constructor(grant: OfGrant, reason: ReasonCode, afterSeconds: number, cause?: unknown) {
    super(`refresh of grant ${grant.id} put off: ${reason}`, { cause });
    this.reason = reason;
    this.remedy = { do: "retry", afterSeconds };
  }
}

/** Only a new sign-in brings a token of this grant again. */
export class NeedsReconnectError extends StudioError {
  readonly code = "grants.needs_reconnect";
  readonly status = 409;
  readonly userMessage = "The provider no longer accepts this connection. Reconnect it.";
  readonly remedy: Remedy & { do: "reconnect" };
  readonly reason: ReasonCode;
  constructor(grant: OfGrant, reason: ReasonCode) {
    super(`grant ${grant.id} needs a new sign-in: ${reason}`);
    this.reason = reason;
    this.remedy = { do: "reconnect", connectionId: grant.connectionId };
  }
}

/** The provider refuses the app, or keeps this person out by a policy: an admin there can change it. */
export class AppRefusedError extends StudioError {
  readonly code = "grants.app_refused";
  readonly status = 409;
  readonly userMessage =
    "The provider refuses this connection by its settings. An admin there can change that; the sign-in is kept.";
  readonly remedy: Remedy = { do: "ask-admin" };
  readonly reason: ReasonCode;
  constructor(grant: OfGrant, reason: ReasonCode) {
    super(`refresh of grant ${grant.id} refused by settings: ${reason}`);
    this.reason = reason;
  }
}

/** A refresh is under way elsewhere, or cannot be begun: whoever asks again shortly finds its result. */
export class RefreshBusyError extends StudioError {
  readonly code = "grants.refresh_busy";
  readonly status = 503;
  readonly userMessage = "A new token is on its way. Try again in a moment.";
  readonly remedy: Remedy & { do: "retry" };
  constructor(grant: OfGrant, afterSeconds: number, cause?: unknown) {
    super(`refresh of grant ${grant.id} not ready`, { cause });
    this.remedy = { do: "retry", afterSeconds };
  }
}
