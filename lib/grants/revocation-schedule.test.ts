import { expect, test } from "vitest";
import { givesUpAt, nextAttemptAt } from "#lib/grants/revocation-schedule.ts";

const now = new Date("2026-03-02T09:00:00.000Z");
const minuteMs = 60_000;
const pauseMs = (attempts: number, chance: number, askedToWaitMs = 0) => {
  const next = nextAttemptAt({ now, createdAt: now, attempts, chance, askedToWaitMs });
  return next === null ? null : next.getTime() - now.getTime();
};

test.each([
  [1, 1],
  [2, 2],
  [5, 16],
  [9, 256],
  [10, 360],
  [200, 360],
])(
  "[OA-14] after attempt %i the next one is at most %i minutes away, and at least half",
  (attempts, minutes) => {
    expect(pauseMs(attempts, 1)).toBe(minutes * minuteMs);
    expect(pauseMs(attempts, 0)).toBe((minutes * minuteMs) / 2);
  },
);

test("a provider that asks for more time gets it, within six hours", () => {
  expect(pauseMs(1, 0.5, 20 * minuteMs)).toBe(20 * minuteMs);
  expect(pauseMs(1, 0.5, 48 * 60 * minuteMs)).toBe(360 * minuteMs);
});

test("[OA-14] after thirty days it is given up", () => {
  const last = new Date(givesUpAt(now).getTime() - 200 * minuteMs);
  const of = { createdAt: now, attempts: 90, chance: 1, askedToWaitMs: 0 };
  expect(nextAttemptAt({ ...of, now: last })).toBeNull();
  expect(nextAttemptAt({ ...of, now: last, chance: 0 })).not.toBeNull();
});
