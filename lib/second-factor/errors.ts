import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** Wrong, used already, or of another time: not told apart. */
export class WrongCodeError extends StudioError {
  readonly code = "second_factor.code_wrong";
  readonly status = 403;
  readonly userMessage =
    "This code does not fit, or was used already. Wait for the next one, then try again.";
  readonly remedy: Remedy = { do: "fix-input" };
}

export class WrongRecoveryCodeError extends StudioError {
  readonly code = "second_factor.recovery_code_wrong";
  readonly status = 403;
  readonly userMessage = "This is not a recovery code of yours, or it was used already.";
  readonly remedy: Remedy = { do: "fix-input" };
}

/** Whatever is wrong with what an authenticator sent; the cause stays in our logs. */
export class PasskeyRefusedError extends StudioError {
  readonly code = "second_factor.passkey_refused";
  readonly status = 403;
  readonly userMessage = "This passkey did not work here. Try again, or use another way.";
  readonly remedy: Remedy = { do: "fix-input" };
  constructor(cause?: unknown) {
    super("passkey refused", { cause });
  }
}

/** The last factor of somebody whose role wants one. */
export class LastFactorError extends StudioError {
  readonly code = "second_factor.last_one";
  readonly status = 409;
  readonly userMessage =
    "Your role needs a second factor. Add another one first, then remove this one.";
  readonly remedy: Remedy = { do: "none" };
}

export class TooManyFactorsError extends StudioError {
  readonly code = "second_factor.too_many";
  readonly status = 409;
  readonly userMessage = "You have ten second factors. Remove one first.";
  readonly remedy: Remedy = { do: "none" };
}
