import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** Who is still a member, or still holds a grant, is removed before they are erased. */
export class StillHereError extends StudioError {
  readonly code = "team.still_here";
  readonly status = 409;
  readonly remedy: Remedy = { do: "fix-input" };
  readonly userMessage = "Remove this person from every team first; that ends what they hold.";
  constructor() {
    super("a person is still a member or holds a grant");
  }
}
