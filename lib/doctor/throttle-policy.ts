import type { ThrottlePolicy } from "#lib/auth/throttle.ts";
import { type ThrottleBucket, throttleKey } from "#lib/auth/throttle.ts";
import type { Principal } from "#lib/core/principal.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** A check makes calls: a dozen at once, then ever slower, at most one a minute; calm after ten. */
const policy: ThrottlePolicy = {
  freeAttempts: 12,
  firstWaitMs: 5 * SECOND,
  longestWaitMs: MINUTE,
  lastResortAt: 90,
  lastResortWaitMs: MINUTE,
  forgetAfterMs: 10 * MINUTE,
};

/** A person's checks of every kind count together, whichever team they are in. */
export function doctorBucket(principal: Pick<Principal, "userId">): ThrottleBucket {
  return { key: throttleKey("doctor", principal.userId), policy };
}
