import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** The desktop surface signs in through its companion, not through this page. */
export class SurfaceNotHereError extends StudioError {
  readonly code = "grants.surface_not_here";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(surface: string) {
    super(`a flow on the ${surface} surface was asked for`);
    this.userMessage =
      surface === "web"
        ? "This connection is not set up for signing in on the web."
        : "Signing in on the desktop begins in the desktop companion.";
  }
}

export class TooManyFlowsError extends StudioError {
  readonly code = "grants.too_many_flows";
  readonly status = 429;
  readonly userMessage =
    "Many sign-ins are waiting already. Finish or cancel one, or try again in ten minutes.";
  readonly remedy: Remedy = { do: "retry", afterSeconds: 600 };
}

/** The flow is not in the state that this needs; what happened meanwhile stands. */
export class FlowMovedOnError extends StudioError {
  readonly code = "grants.flow_moved_on";
  readonly status = 409;
  readonly userMessage = "This sign-in has moved on meanwhile.";
  readonly remedy: Remedy = { do: "none" };
}

/** Access tokens live in memory and end; proving needs one. */
export class NoAccessTokenError extends StudioError {
  readonly code = "grants.no_access_token";
  readonly status = 409;
  readonly userMessage =
    "There is no live access token for this connection right now. Sign in again to prove it.";
  readonly remedy: Remedy;
  constructor(connectionId: string) {
    super("no access token in memory");
    this.remedy = { do: "reconnect", connectionId };
  }
}
