/** What a person, or a program, can do about a failure. */
export type Remedy =
  | { do: "retry"; afterSeconds: number }
  | { do: "reconnect"; connectionId: string }
  | { do: "second-factor"; step: "set-up" | "confirm" }
  | { do: "ask-admin" | "fix-input" | "sign-in" | "none" };

/**
 * A failure that somebody can act on. `code` is stable and for programs, `userMessage` and `remedy`
 * may be shown; `message` and `cause` stay in our logs.
 */
export abstract class StudioError extends Error {
  /** `room.reason` */
  abstract readonly code: string;
  /** HTTP status, read only where a response is made. */
  abstract readonly status: number;
  abstract readonly userMessage: string;
  abstract readonly remedy: Remedy;
}

/**
 * Known by its fields, not by its class: each Next entry and server.ts have their own copy of the
 * class, and a dependency made in one throws in another.
 */
export function isStudioError(error: unknown): error is StudioError {
  if (!(error instanceof Error)) return false;
  const { code, status, userMessage, remedy } = error as Partial<StudioError>;
  return (
    typeof code === "string" &&
    typeof status === "number" &&
    typeof userMessage === "string" &&
    typeof remedy?.do === "string"
  );
}

/** One field of an input that was refused, for the form that shows it. */
export type FieldIssue = { path: string; message: string };

/** What came in is not what is asked for. Nothing was done. */
export class InvalidInputError extends StudioError {
  readonly code: string = "input.invalid";
  readonly status: number = 400;
  readonly remedy: Remedy = { do: "fix-input" };
  readonly userMessage: string;
  readonly issues: readonly FieldIssue[];
  constructor(userMessage: string, issues: readonly FieldIssue[] = []) {
    super(userMessage);
    this.userMessage = userMessage;
    this.issues = issues;
  }
}

/** Absent, or somebody else's: the two are not told apart (TEN-2). */
export class NotFoundError extends StudioError {
  readonly code = "input.not_found";
  readonly status = 404;
  readonly userMessage = "There is nothing here under this id.";
  readonly remedy: Remedy = { do: "none" };
}

/** Known and signed in, but not for this role. */
export class ForbiddenError extends StudioError {
  readonly code = "policy.forbidden";
  readonly status = 403;
  readonly remedy: Remedy = { do: "ask-admin" };
  readonly userMessage: string;
  constructor(userMessage = "Your role in this team does not allow that.") {
    super(userMessage);
    this.userMessage = userMessage;
  }
}

/**
 * Allowed by role, but only with a second factor (WEB-11): `set-up` where the session has none,
 * `confirm` where it was given too long ago.
 */
export class SecondFactorRequiredError extends StudioError {
  readonly code = "auth.second_factor_required";
  readonly status = 403;
  readonly userMessage: string;
  readonly remedy: Remedy & { do: "second-factor" };
  constructor(step: "set-up" | "confirm") {
    super(`second factor required: ${step}`);
    this.remedy = { do: "second-factor", step };
    this.userMessage =
      step === "set-up"
        ? "This needs your second factor. Set one up in Settings, then try again."
        : "This needs your second factor again. Confirm it, then try again.";
  }
}
