import type { ZodError } from "zod";
import { InvalidInputError } from "#lib/core/errors.ts";

const MAX_ISSUES = 20;
const MAX_ISSUE_LENGTH = 300;

/** The input's faults in our words, by field; the refused values are not repeated. */
export function invalidInput(error: ZodError): InvalidInputError {
  const issues = error.issues.slice(0, MAX_ISSUES).map((issue) => ({
    path: issue.path.map(String).join(".").slice(0, MAX_ISSUE_LENGTH),
    message: issue.message.slice(0, MAX_ISSUE_LENGTH),
  }));
  return new InvalidInputError("Something in the input is not right.", issues);
}
