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

/** The definition was edited between its reading and its use: nothing was begun or made. */
export class DefinitionMovedError extends StudioError {
  readonly code = "grants.definition_moved";
  readonly status = 409;
  readonly userMessage = "Somebody changed this connection just now. Look at it and try again.";
  readonly remedy: Remedy = { do: "retry", afterSeconds: 0 };
}

/** The flow is not in the state that this needs; what happened meanwhile stands. */
export class FlowMovedOnError extends StudioError {
  readonly code = "grants.flow_moved_on";
  readonly status = 409;
  readonly userMessage = "This sign-in has moved on meanwhile.";
  readonly remedy: Remedy = { do: "none" };
}

/** Why a tenant's business units cannot be listed with this grant. */
export type UnitsRefusal =
  | "not_offered"
  | "not_connected"
  | "child_unit"
  | "scope_missing"
  | "token_refused"
  | "permission_missing"
  | "provider_unavailable"
  | "answer_not_trusted";

const unitsWords: Readonly<Record<UnitsRefusal, string>> = {
  not_offered: "Only a Marketing Cloud tenant has business units.",
  not_connected: "Connect this connection yourself first: units are listed with your own sign-in.",
  child_unit:
    "This sign-in is in a child business unit, which sees only itself. Connect the parent unit to list all.",
  scope_missing:
    "The package does not give accounts_read. Tick Organizations: Read on it, then reconnect.",
  token_refused: "Marketing Cloud no longer accepts this sign-in. Reconnect to list the units.",
  permission_missing:
    "This Marketing Cloud user may not read the organization. Ask an admin for the right to view business units.",
  provider_unavailable: "Marketing Cloud did not answer. Nothing is lost; try again in a moment.",
  answer_not_trusted: "What the tenant answered is not a list of business units.",
};

function unitsRemedy(reason: UnitsRefusal, connectionId: string): Remedy {
  if (reason === "provider_unavailable") return { do: "retry", afterSeconds: 30 };
  if (reason === "permission_missing") return { do: "ask-admin" };
  const isReconnect =
    reason === "token_refused" || reason === "scope_missing" || reason === "not_connected";
  return isReconnect ? { do: "reconnect", connectionId } : { do: "none" };
}

export class UnitsUnavailableError extends StudioError {
  readonly code: string;
  readonly status: number;
  readonly userMessage: string;
  readonly remedy: Remedy;
  readonly reason: UnitsRefusal;
  constructor(reason: UnitsRefusal, connectionId: string) {
    super(`business units not listed: ${reason}`);
    this.reason = reason;
    this.code = `grants.units_${reason}`;
    this.status = reason === "provider_unavailable" || reason === "answer_not_trusted" ? 502 : 409;
    this.userMessage = unitsWords[reason];
    this.remedy = unitsRemedy(reason, connectionId);
  }
}

/** An edit would end other people's access than its editor was told. */
export class EditEndsAccessError extends StudioError {
  readonly code = "grants.edit_ends_access";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(names: readonly string[]) {
    super(`the edit voids ${names.length} grants`);
    this.userMessage =
      names.length === 0
        ? "Nobody is connected any more. Look again before you save."
        : `${names.length === 1 ? "One person" : `${names.length} people`} will have to reconnect: ${names.join(", ")}. Look again before you save.`;
  }
}
