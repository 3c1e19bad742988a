import type { Clock } from "#lib/core/clock.ts";

/** A clock that stands still until a test moves it; wall clock and monotonic time move together. */
export function testClock(start = new Date("2026-03-02T09:00:00.000Z")): Clock & {
  advanceSeconds(seconds: number): void;
} {
  let passedMs = 0;
  return {
    now: () => new Date(start.getTime() + passedMs),
    monotonicMs: () => passedMs,
    advanceSeconds(seconds) {
      passedMs += seconds * 1000;
    },
  };
}
