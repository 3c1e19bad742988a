import { type Remedy, StudioError } from "#lib/core/errors.ts";
import { STANDING_MOST } from "#lib/plans/standing-approval-terms.ts";

export class TooManyStandingError extends StudioError {
  readonly code = "plans.too_many_standing";
  readonly status = 409;
  readonly userMessage = `An agent can have ${STANDING_MOST} standing approvals. Revoke one first.`;
  readonly remedy: Remedy = { do: "fix-input" };
}
