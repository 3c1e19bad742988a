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
