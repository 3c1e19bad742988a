import type { Connection } from "#lib/connections/connection.ts";
import { providerOf } from "#lib/providers/registry.ts";

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A token that ends sooner is not handed out, whoever asks. */
const leastLeftMs = 30 * secondMs;
/** Of a token's life: what counts as its end, so that a short-lived one is not refreshed at every call. */
const leastLeftShare = 0.25;
/** The first part of its life, in which nobody has it replaced, or each call would refresh again. */
const youngShare = 0.2;
const youngMs = 90 * secondMs;
/** The last part of its life, in which the next one is fetched while this one still serves. */
const aheadShare = 0.2;
const aheadMs = 5 * minuteMs;

const firstPauseMs = secondMs;
const leastPauseMs = secondMs / 2;
const longestPauseMs = 5 * minuteMs;
/** A refused app or a locked-out person: somebody has to do something before it can work again. */
const refusedPauseMs = 15 * minuteMs;

/** How long before the idle deadline the background refreshes an unused grant (RF-11). */
const keepAliveAheadMs = 7 * dayMs;
const keepAliveSpreadMs = dayMs;

/** May this token still be handed to somebody who wants `minRemainingMs` of it? */
export function isFresh(
  token: { expiresAtMs: number; lifetimeMs: number },
  nowMs: number,
  minRemainingMs = 0,
): boolean {
  const least = Math.min(leastLeftMs, token.lifetimeMs * leastLeftShare);
  const youngFor = Math.min(youngMs, token.lifetimeMs * youngShare);
  const wanted = Math.min(minRemainingMs, token.lifetimeMs - youngFor);
  return token.expiresAtMs - nowMs > Math.max(least, wanted);
}

/**
 * Is it time to fetch the next one ahead? In the last fifth of the life, at most five minutes: a token of
 * eighteen minutes is not refreshed a quarter of an hour early.
 *
 * @param spread - from 0 to 1, the same for a grant each time: what began together does not end together
 */
export function isEndingSoon(
  token: { expiresAtMs: number; lifetimeMs: number },
  nowMs: number,
  spread: number,
): boolean {
  const ahead = Math.min(aheadMs, token.lifetimeMs * aheadShare);
  return token.expiresAtMs - nowMs < ahead * (1 - spread / 2);
}

/**
 * How long nobody tries again after a failure: for a passing one from a second doubling to five minutes,
 * with full jitter, and never less than the provider asked for (RF-8).
 *
 * @param failures - in a row, the one that just happened included
 * @param chance - from 0 to 1
 */
export function pauseMs(of: {
  kind: "transient" | "app" | "person";
  failures: number;
  chance: number;
  askedToWaitMs: number;
}): number {
  if (of.kind !== "transient") return refusedPauseMs * (1 + of.chance / 4);
  const most = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(of.failures - 1, 20));
  const jittered = Math.max(leastPauseMs, most * of.chance);
  return Math.max(jittered, Math.min(of.askedToWaitMs, hourMs));
}

/** Until when an unused grant lives, counted from its last use; null where that is not known. */
export function idleDeadlineFrom(
  from: Date,
  connection: Pick<Connection, "provider" | "method">,
): Date | null {
  const { idleDays } = providerOf(connection.provider);
  // A custom app's idle limit is the org's own choice and not told.
  if (idleDays === null || connection.method === "custom-app") return null;
  return new Date(from.getTime() + idleDays * dayMs);
}

/**
 * When the background refreshes a grant that nobody used: in time before its idle deadline, spread over a
 * day. Null: never of itself.
 */
export function keepAliveAt(idleDeadline: Date | null, chance: number): Date | null {
  if (idleDeadline === null) return null;
  return new Date(
    idleDeadline.getTime() - keepAliveAheadMs - Math.round(chance * keepAliveSpreadMs),
  );
}
