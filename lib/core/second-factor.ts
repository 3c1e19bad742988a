import type { Clock } from "#lib/core/clock.ts";
import { SecondFactorRequiredError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";

/** So long a second factor counts as just given, for steps that ask for it anew. */
const SECOND_FACTOR_FRESH_MINUTES = 10;
const MINUTE_MS = 60_000;

type Asked = Pick<Principal, "hasSecondFactor" | "secondFactorAt">;

/**
 * Refuses a session in which no second factor was given (WEB-11).
 * @throws {SecondFactorRequiredError} with the way to set one up
 */
export function requireSecondFactor(principal: Asked): void {
  if (!principal.hasSecondFactor) throw new SecondFactorRequiredError("set-up");
}

/**
 * Refuses unless the second factor was given within the last minutes: for steps that a stolen or a
 * forgotten session must not take (PLN-6).
 *
 * @throws {SecondFactorRequiredError} with the way to set one up, or to confirm it again
 */
export function requireFreshSecondFactor(
  principal: Asked,
  clock: Clock,
  maxAgeMinutes: number = SECOND_FACTOR_FRESH_MINUTES,
): void {
  requireSecondFactor(principal);
  if (!isSecondFactorFresh(principal, clock, maxAgeMinutes)) {
    throw new SecondFactorRequiredError("confirm");
  }
}

/** A moment in the future, from a clock that was set back, is not fresh. */
export function isSecondFactorFresh(
  principal: Asked,
  clock: Clock,
  maxAgeMinutes: number = SECOND_FACTOR_FRESH_MINUTES,
): boolean {
  const at = principal.hasSecondFactor ? principal.secondFactorAt : null;
  if (at === null) return false;
  const ageMs = clock.now().getTime() - at.getTime();
  return ageMs >= 0 && ageMs < maxAgeMinutes * MINUTE_MS;
}
