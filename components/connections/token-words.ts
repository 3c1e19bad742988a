import type { GrantJson } from "#lib/connections/schema.ts";
import { clockTime, lengthInWords, relativeTime, shortDate } from "#lib/core/relative-time.ts";

/** The last part of a token's life, in which the next one is fetched at the next use. */
const AHEAD_SHARE = 0.2;
const AHEAD_MS = 5 * 60 * 1000;

type Life = Pick<
  GrantJson,
  "connectedAt" | "lastRefreshedAt" | "accessTokenExpiresAt" | "idleDeadline" | "refresh" | "state"
>;

export type TokenWords = {
  /** "7 min old, 11 min left" */
  access: string;
  /** When the next one comes, and what asks for it. */
  next: string;
  /** When it is refreshed of itself, so that it does not go idle; null: never. */
  background: string | null;
};

/** What the token life says in words, by the clock of whoever reads. */
export function tokenWords(grant: Life, now: Date, timeZone = "UTC"): TokenWords {
  const issued = new Date(grant.lastRefreshedAt ?? grant.connectedAt);
  const expires = grant.accessTokenExpiresAt === null ? null : new Date(grant.accessTokenExpiresAt);
  const leftMs = expires === null ? 0 : expires.getTime() - now.getTime();
  return {
    access: accessWords({ issued, expires, leftMs }, now),
    next: nextWords(grant, { issued, expires, leftMs }, now, timeZone),
    background:
      grant.refresh.dueAt === null || grant.state !== "active"
        ? null
        : `${shortDate(new Date(grant.refresh.dueAt), now, timeZone)} at the latest, so that it does not go idle`,
  };
}

type Access = { issued: Date; expires: Date | null; leftMs: number };

function accessWords({ issued, expires, leftMs }: Access, now: Date): string {
  if (expires === null) return "None held";
  if (leftMs <= 0) return `Ran out ${relativeTime(expires, now)}`;
  const age = lengthInWords(now.getTime() - issued.getTime());
  const old = age === "now" ? "New" : `${age} old`;
  return `${old}, ${lengthInWords(leftMs)} left`;
}

function nextWords(
  { state, refresh }: Life,
  { issued, expires, leftMs }: Access,
  now: Date,
  timeZone: string,
): string {
  if (state === "needs_reconnect") return "None before you reconnect";
  const lifeMs = (expires?.getTime() ?? 0) - issued.getTime();
  const ending =
    expires === null || leftMs <= 0
      ? now.getTime()
      : expires.getTime() - Math.min(AHEAD_MS, lifeMs * AHEAD_SHARE);
  // Not before the one is about to end, nor before a failure is long enough ago.
  const from = Math.max(ending, refresh.retryAt === null ? 0 : Date.parse(refresh.retryAt));
  if (from <= now.getTime()) return "When an agent asks next";
  return `When an agent asks next, from ${clockTime(new Date(from), timeZone)} on`;
}
