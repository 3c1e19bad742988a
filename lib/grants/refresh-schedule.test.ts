import { describe, expect, test } from "vitest";
import { createHolderWatch } from "#lib/grants/holder-watch.ts";
import {
  idleDeadlineFrom,
  isEndingSoon,
  isFresh,
  keepAliveAt,
  pauseMs,
} from "#lib/grants/refresh-schedule.ts";
import { testClock } from "#lib/testing/clock.ts";

const minute = 60_000;
const token = (leftMs: number, lifetimeMs = 18 * minute) => ({ expiresAtMs: leftMs, lifetimeMs });

describe("when a token is refreshed", () => {
  test("one of eighteen minutes serves until half a minute before its end", () => {
    expect(isFresh(token(31_000), 0)).toBe(true);
    expect(isFresh(token(30_000), 0)).toBe(false);
  });

  test("one of twenty seconds is not refreshed at every call", () => {
    expect(isFresh(token(19_000, 20_000), 0)).toBe(true);
    expect(isFresh(token(4_000, 20_000), 0)).toBe(false);
  });

  test("whoever wants more of it than there ever is gets what there is", () => {
    expect(isFresh(token(17 * minute), 0, 60 * minute)).toBe(true);
    expect(isFresh(token(10 * minute), 0, 11 * minute)).toBe(false);
  });

  test("of one of eighteen minutes fifteen can be had at any time, and it is not refreshed twice in its first minute and a half", () => {
    expect(isFresh(token(15 * minute), 0, 15.5 * minute)).toBe(false);
    expect(isFresh(token(16.6 * minute), 0, 60 * minute)).toBe(true);
    expect(isFresh(token(16.4 * minute), 0, 60 * minute)).toBe(false);
  });

  test("the next one is fetched ahead in the last fifth, at most five minutes before the end", () => {
    expect(isEndingSoon(token(4 * minute), 0, 0)).toBe(false);
    expect(isEndingSoon(token(3.5 * minute), 0, 0)).toBe(true);
    expect(isEndingSoon(token(6 * minute, 120 * minute), 0, 0)).toBe(false);
    expect(isEndingSoon(token(4.9 * minute, 120 * minute), 0, 0)).toBe(true);
    // Spread: a neighbour with the same end begins later.
    expect(isEndingSoon(token(4.9 * minute, 120 * minute), 0, 1)).toBe(false);
  });
});

describe("[RF-8] how long a failure is waited out", () => {
  const of = { kind: "transient", failures: 1, chance: 1, askedToWaitMs: 0 } as const;
  test("a second, doubling to five minutes, with full jitter", () => {
    expect(pauseMs(of)).toBe(1_000);
    expect(pauseMs({ ...of, failures: 4 })).toBe(8_000);
    expect(pauseMs({ ...of, failures: 4, chance: 0.5 })).toBe(4_000);
    expect(pauseMs({ ...of, failures: 4, chance: 0 })).toBe(500);
    expect(pauseMs({ ...of, failures: 4_000 })).toBe(5 * minute);
  });
  test("never less than the provider asks for, within an hour", () => {
    expect(pauseMs({ ...of, askedToWaitMs: 9_000 })).toBe(9_000);
    expect(pauseMs({ ...of, askedToWaitMs: 1e12 })).toBe(60 * minute);
  });
  test("what only an admin can change is asked again after a quarter of an hour", () => {
    expect(pauseMs({ ...of, kind: "app", chance: 0 })).toBe(15 * minute);
  });
});

test("[RF-11] thirty days from the last use, refreshed in the last week's eve; a custom app's limit is not known", () => {
  const from = new Date("2026-03-01T00:00:00Z");
  const deadline = idleDeadlineFrom(from, { provider: "salesforce", method: "quick" });
  expect(deadline).toEqual(new Date("2026-03-31T00:00:00Z"));
  expect(keepAliveAt(deadline, 0)).toEqual(new Date("2026-03-24T00:00:00Z"));
  expect(keepAliveAt(deadline, 1)).toEqual(new Date("2026-03-23T00:00:00Z"));
  expect(idleDeadlineFrom(from, { provider: "salesforce", method: "custom-app" })).toBeNull();
  expect(keepAliveAt(null, 0)).toBeNull();
});

describe("[RF-6] whether a holder is dead", () => {
  const gone = { fence: "7", holder: 1, isHolderAlive: false };
  test("only when its lock is away for two and a half seconds without a break", () => {
    const clock = testClock();
    const watch = createHolderWatch(clock);
    const looks = [gone, gone, { ...gone, isHolderAlive: true }, gone, gone, gone, gone].map(
      (intent) => {
        const verdict = watch.look(intent);
        clock.advanceSeconds(1);
        return verdict;
      },
    );
    expect(looks).toEqual(["wait", "wait", "wait", "wait", "wait", "wait", "dead"]);
  });
  test("what was not watched does not count", () => {
    const clock = testClock();
    const watch = createHolderWatch(clock);
    watch.look(gone);
    clock.advanceSeconds(60);
    expect(watch.look(gone)).toBe("wait");
  });
  test("a living one is waited for two minutes, and no longer", () => {
    const clock = testClock();
    const watch = createHolderWatch(clock);
    const paused = { ...gone, isHolderAlive: true };
    expect(watch.look(paused)).toBe("wait");
    clock.advanceSeconds(119);
    expect(watch.look(paused)).toBe("wait");
    clock.advanceSeconds(1);
    expect(watch.look(paused)).toBe("overdue");
  });
});
