import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** A mail domain leads to one team. */
export class DomainTakenError extends StudioError {
  readonly code = "team.domain_taken";
  readonly status = 409;
  readonly userMessage = "This domain is allowed already, by this team or another of this studio.";
  readonly remedy: Remedy = { do: "fix-input" };
}
/** The team would be left without an owner. */
export class LastOwnerError extends StudioError {
  readonly code = "team.last_owner";
  readonly status = 409;
  readonly userMessage = "A team keeps at least one owner. Make somebody else an owner first.";
  readonly remedy: Remedy = { do: "fix-input" };
}

export class AlreadyMemberError extends StudioError {
  readonly code = "team.already_member";
  readonly status = 409;
  readonly userMessage = "Somebody with this address is in the team already.";
  readonly remedy: Remedy = { do: "fix-input" };
}

export class TooManyError extends StudioError {
  readonly code = "team.too_many";
  readonly status = 409;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(userMessage: string) {
    super(userMessage);
    this.userMessage = userMessage;
  }
}

/** Why an invitation cannot be accepted. */
export type InvitationEnd = "unknown" | "accepted" | "revoked" | "expired";

const ends: Readonly<Record<InvitationEnd, string>> = {
  unknown: "This is not a link of this studio, or only a part of it. Copy the whole link.",
  accepted: "This invitation was used already. Sign in instead.",
  revoked: "This invitation was withdrawn. Ask for a new one.",
  expired: "This invitation has expired. Ask for a new one.",
};

export class InvitationOverError extends StudioError {
  readonly code = "team.invitation_over";
  readonly status = 410;
  readonly userMessage: string;
  readonly remedy: Remedy = { do: "ask-admin" };
  constructor(end: InvitationEnd) {
    super(`invitation ${end}`);
    this.userMessage = ends[end];
  }
}

/** Signed in with another address than the invited one. */
export class InvitationForAnotherError extends StudioError {
  readonly code = "team.invitation_for_another";
  readonly status = 403;
  readonly userMessage = "This invitation is for another address than the one you use here.";
  readonly remedy: Remedy = { do: "sign-in" };
}

/** The invited address has an account, and this is not its password. */
export class AccountPasswordError extends StudioError {
  readonly code = "team.account_password_wrong";
  readonly status = 403;
  readonly userMessage =
    "This address has an account here already, and this is not its password. Enter the one you sign in with.";
  readonly remedy: Remedy = { do: "fix-input" };
}

/** The invited address has an account without a password: it signs in another way. */
export class SignInFirstError extends StudioError {
  readonly code = "team.sign_in_first";
  readonly status = 409;
  readonly userMessage =
    "This address has an account here already. Sign in as you do otherwise, then open this link again.";
  readonly remedy: Remedy = { do: "sign-in" };
}

/** The page that asks was made for another team than the session is in now. */
export class TeamSwitchedError extends StudioError {
  readonly code = "team.switched";
  readonly status = 409;
  readonly userMessage =
    "This page belongs to another team than the one you switched to. Reload it to go on.";
  readonly remedy: Remedy = { do: "none" };
}
