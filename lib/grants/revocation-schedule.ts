const secondMs = 1000;
const hourMs = 60 * 60 * secondMs;

/** How long one process may be asking: well over the longest that a provider's answer is waited for. */
export const claimMs = 60 * secondMs;
const firstPauseMs = 60 * secondMs;
const longestPauseMs = 6 * hourMs;
/** After so long a token that nobody used is dead by itself almost everywhere; then we stop asking. */
const giveUpAfterMs = 30 * 24 * hourMs;

/** When a revocation that was queued then is given up. */
export const givesUpAt = (createdAt: Date): Date => new Date(createdAt.getTime() + giveUpAfterMs);

/**
 * When to ask again: the pause doubles from a minute to six hours, and between half and all of it is
 * taken by chance, so that what failed together does not come back together.
 *
 * @param attempts - how many were made, the one that just failed included
 * @param chance - from 0 to 1
 * @param askedToWaitMs - what the provider asked for (`Retry-After`)
 * @returns null when the time to give up is over by then
 */
export function nextAttemptAt(of: {
  now: Date;
  createdAt: Date;
  attempts: number;
  chance: number;
  askedToWaitMs: number;
}): Date | null {
  const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(of.attempts - 1, 20));
  const jitteredMs = pauseMs * (0.5 + of.chance / 2);
  const waitMs = Math.max(jitteredMs, Math.min(of.askedToWaitMs, longestPauseMs));
  const next = new Date(of.now.getTime() + Math.round(waitMs));
  return next < givesUpAt(of.createdAt) ? next : null;
}
