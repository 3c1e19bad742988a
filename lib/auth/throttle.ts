import { createHash } from "node:crypto";
import { ThrottledError } from "#lib/auth/errors.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

export type ThrottlePolicy = {
  /** Attempts before the first wait. */
  freeAttempts: number;
  /** The first wait; each further attempt doubles it. */
  firstWaitMs: number;
  longestWaitMs: number;
  /** From this attempt on the wait is `lastResortWaitMs`. */
  lastResortAt: number;
  lastResortWaitMs: number;
  /** So long after the wait is over, counting begins anew. */
  forgetAfterMs: number;
};

/** 5 attempts at once, about 18 in two days, then one a day; never 100 in a row in half a year (WEB-2). */
export const accountPolicy: ThrottlePolicy = {
  freeAttempts: 5,
  firstWaitMs: 15 * SECOND,
  longestWaitMs: DAY,
  lastResortAt: 90,
  lastResortWaitMs: 30 * DAY,
  forgetAfterMs: 30 * DAY,
};
/** Many people may share a network: more freedom, shorter memory. */
export const networkPolicy: ThrottlePolicy = {
  freeAttempts: 50,
  firstWaitMs: 5 * SECOND,
  longestWaitMs: HOUR,
  lastResortAt: 90,
  lastResortWaitMs: HOUR,
  forgetAfterMs: HOUR,
};
/** Guesses at the set-up code, from anywhere. The code is random, so a short brake will do. */
export const setUpPolicy: ThrottlePolicy = {
  freeAttempts: 10,
  firstWaitMs: SECOND,
  longestWaitMs: 60 * SECOND,
  lastResortAt: 90,
  lastResortWaitMs: 60 * SECOND,
  forgetAfterMs: HOUR,
};

export type ThrottleBucket = { key: string; policy: ThrottlePolicy };

const COUNTED_ATTEMPTS = 100;
const SWEEP_AFTER_MS = 61 * DAY;

/** How long nobody may try again after the `attempt`-th attempt (from 1). */
function waitAfterMs(policy: ThrottlePolicy, attempt: number): number {
  if (attempt < policy.freeAttempts) return 0;
  if (attempt >= policy.lastResortAt) return policy.lastResortWaitMs;
  return Math.min(policy.longestWaitMs, policy.firstWaitMs * 2 ** (attempt - policy.freeAttempts));
}

/** A bucket's key says what it counts without showing whose it is. */
export function throttleKey(purpose: string, ...of: string[]): string {
  return `${purpose}:${createHash("sha256").update(of.join("\n")).digest("base64url")}`;
}

type Deps = { db: DatabaseOrTransaction; clock: Clock };

/**
 * Counts one attempt in each bucket, before it is known whether it succeeds, so that parallel guesses
 * cannot slip through. One statement a bucket; shared by all processes.
 *
 * @throws {ThrottledError} a bucket's wait is not over; buckets after it were not counted
 */
export async function beginAttempt(deps: Deps, buckets: readonly ThrottleBucket[]): Promise<void> {
  for (const { key, policy } of buckets) {
    const nowMs = deps.clock.now().getTime();
    const waits = Array.from({ length: COUNTED_ATTEMPTS }, (_, index) =>
      BigInt(waitAfterMs(policy, index + 1)),
    );
    const counted = await deps.db.$queryRaw<{ points: number }[]>`
      insert into rate_limits as held (key, points, expire)
      values (${key}, 1, ${BigInt(nowMs)}::bigint + (${waits}::bigint[])[1])
      on conflict (key) do update set
        points = case when held.expire + ${BigInt(policy.forgetAfterMs)}::bigint < ${BigInt(nowMs)}::bigint
          then 1 else least(held.points + 1, ${COUNTED_ATTEMPTS}::int) end,
        expire = ${BigInt(nowMs)}::bigint + (${waits}::bigint[])[
          case when held.expire + ${BigInt(policy.forgetAfterMs)}::bigint < ${BigInt(nowMs)}::bigint
            then 1 else least(held.points + 1, ${COUNTED_ATTEMPTS}::int) end]
      where held.expire <= ${BigInt(nowMs)}::bigint
      returning points`;
    if (counted.length > 0) continue;
    const row = await deps.db.rateLimit.findUnique({ where: { key } });
    const leftMs = Number(row?.expire ?? BigInt(nowMs)) - nowMs;
    throw new ThrottledError(Math.max(1, Math.ceil(leftMs / SECOND)));
  }
}

/** It succeeded: what was counted against the account is forgotten. */
export async function forgetAttempts(deps: Deps, bucket: ThrottleBucket): Promise<void> {
  await deps.db.rateLimit.deleteMany({ where: { key: bucket.key } });
}

/** It succeeded: takes this one attempt back and leaves the others counted. */
export async function refundAttempt(deps: Deps, bucket: ThrottleBucket): Promise<void> {
  await deps.db.rateLimit.updateMany({
    where: { key: bucket.key, points: { gt: 0 } },
    data: { points: { decrement: 1 } },
  });
}

/** Removes counters that no longer count. */
export async function sweepThrottle(deps: Deps): Promise<void> {
  const before = BigInt(deps.clock.now().getTime() - SWEEP_AFTER_MS);
  await deps.db.rateLimit.deleteMany({ where: { expire: { lt: before } } });
}
