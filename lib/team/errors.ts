import { type Remedy, StudioError } from "#lib/core/errors.ts";

/** A mail domain leads to one team. */
export class DomainTakenError extends StudioError {
  readonly code = "team.domain_taken";
  readonly status = 409;
  readonly userMessage = "This domain is allowed already, by this team or another of this studio.";
  readonly remedy: Remedy = { do: "fix-input" };
}
