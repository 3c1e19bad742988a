import type { Clock } from "#lib/core/clock.ts";
import type { Intent } from "#lib/grants/refresh-repository.ts";

/**
 * A holder whose lock is away for so long, without a break, is dead: a living one takes its lock again
 * within a moment when the database comes back, and presents nothing that it began longer ago.
 */
const deadAfterMs = 2_500;
/** Between two looks further apart the holder may have been there. */
const unseenMs = 1_500;
/** Even a living holder is not waited for beyond this: no call takes so long. */
const overdueAfterMs = 120_000;
const forgottenAfterMs = 10 * 60_000;

export type Verdict = "wait" | "dead" | "overdue";

type Seen = { firstMs: number; lastMs: number; goneSinceMs: number | null };

/** Judges from repeated looks, on this process's own stopwatch, whether an intent's holder is dead. */
export type HolderWatch = {
  look(intent: Pick<Intent, "fence" | "isHolderAlive">): Verdict;
};

/** @param waitsForLiving - a living holder is waited for however long it takes */
export function createHolderWatch(
  stopwatch: Clock,
  { waitsForLiving = false }: { waitsForLiving?: boolean } = {},
): HolderWatch {
  const seen = new Map<string, Seen>();
  return {
    look({ fence, isHolderAlive }) {
      const now = stopwatch.monotonicMs();
      for (const [other, { lastMs }] of seen) {
        if (now - lastMs <= forgottenAfterMs) break;
        seen.delete(other);
      }
      const before = seen.get(fence);
      const isContinuous = before !== undefined && now - before.lastMs <= unseenMs;
      const goneSinceMs = isHolderAlive ? null : (isContinuous && before.goneSinceMs) || now;
      const firstMs = before?.firstMs ?? now;
      seen.delete(fence);
      seen.set(fence, { firstMs, lastMs: now, goneSinceMs });
      if (!waitsForLiving && now - firstMs >= overdueAfterMs) return "overdue";
      return goneSinceMs !== null && now - goneSinceMs >= deadAfterMs ? "dead" : "wait";
    },
  };
}
