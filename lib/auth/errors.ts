import { InvalidInputError, type Remedy, StudioError } from "#lib/core/errors.ts";

export class NotSignedInError extends StudioError {
  readonly code = "auth.not_signed_in";
  readonly status = 401;
  readonly userMessage = "You are not signed in, or your session has ended.";
  readonly remedy: Remedy = { do: "sign-in" };
}

/** Too many failures: slowed, never shut out for good (WEB-2). */
export class ThrottledError extends StudioError {
  readonly code = "auth.throttled";
  readonly status = 429;
  readonly userMessage = "There were too many attempts. Wait a moment, then try again.";
  readonly remedy: Remedy & { do: "retry" };
  constructor(afterSeconds: number) {
    super(`throttled for ${afterSeconds} s`);
    this.remedy = { do: "retry", afterSeconds };
  }
}

export class SetUpCodeWrongError extends StudioError {
  readonly code = "auth.setup_code_wrong";
  readonly status = 403;
  readonly userMessage =
    "This is not a code of this studio. Copy the one that the server printed on its terminal last.";
  readonly remedy: Remedy = { do: "fix-input" };
}

export class SetUpDoneError extends StudioError {
  readonly code = "auth.setup_done";
  readonly status = 410;
  readonly userMessage = "This studio already has an owner. Sign in instead.";
  readonly remedy: Remedy = { do: "sign-in" };
}

export class WrongPasswordError extends StudioError {
  readonly code = "auth.password_wrong";
  readonly status = 403;
  readonly userMessage = "The current password is not right.";
  readonly remedy: Remedy = { do: "fix-input" };
}

/** A new password that somebody could guess. Says why without showing it. */
export class GuessablePasswordError extends InvalidInputError {
  override readonly code = "auth.password_guessable";
  constructor(path: string, message: string) {
    super(message, [{ path, message }]);
  }
}

/** A way to sign in is not set up as it must be. Nobody gets in (WEB-4). */
export class AuthMisconfiguredError extends StudioError {
  readonly code = "auth.misconfigured";
  readonly status = 500;
  readonly userMessage = "Signing in is not set up correctly on this server.";
  readonly remedy: Remedy = { do: "ask-admin" };
}

/** The sign-in is too long ago for what was asked. */
export class RecentSignInNeededError extends StudioError {
  readonly code = "auth.recent_sign_in_needed";
  readonly status = 403;
  readonly userMessage = "Show that it is you first: give your password, or sign in again.";
  readonly remedy: Remedy = { do: "sign-in" };
}

/** One identity lets in one person. */
export class IdentityTakenError extends StudioError {
  readonly code = "auth.identity_taken";
  readonly status = 409;
  readonly userMessage =
    "This sign-in belongs to another account of this studio. Remove it there first.";
  readonly remedy: Remedy = { do: "none" };
}

/** What waited to be linked is gone, or was never this account's. */
export class LinkExpiredError extends StudioError {
  readonly code = "auth.link_expired";
  readonly status = 410;
  readonly userMessage =
    "There is nothing to link any more: it waits for ten minutes, once. Start again in Settings.";
  readonly remedy: Remedy = { do: "none" };
}

export class LastWayInError extends StudioError {
  readonly code = "auth.last_way_in";
  readonly status = 409;
  readonly userMessage = "This is your only way in. Link another one first.";
  readonly remedy: Remedy = { do: "none" };
}

/** An identity provider cannot be used just now, or not as it is set. */
export class WayUnavailableError extends StudioError {
  readonly code: "auth.way_unreachable" | "auth.way_misconfigured";
  readonly status = 502;
  readonly userMessage: string;
  readonly remedy: Remedy;
  constructor(reason: "unreachable" | "misconfigured", name: string, fault: string) {
    super(`${name}: ${fault}`);
    const isDown = reason === "unreachable";
    this.code = `auth.way_${reason}`;
    this.userMessage = isDown
      ? `${name} does not answer. Try again in a moment, or sign in another way.`
      : `${name} is not set up correctly on this server. Tell whoever runs the studio.`;
    this.remedy = isDown ? { do: "retry", afterSeconds: 10 } : { do: "ask-admin" };
  }
}

/** The form's own token is not this browser's: the page stood open too long, or the form is a stranger's. */
export class FormExpiredError extends StudioError {
  readonly code = "auth.form_expired";
  readonly status = 403;
  readonly userMessage = "This page has been open too long. Reload it, then try again.";
  readonly remedy: Remedy = { do: "none" };
}
