import { expect, test } from "vitest";
import { requireFreshSecondFactor, requireSecondFactor } from "#lib/core/second-factor.ts";

const at = new Date("2026-03-02T08:00:00Z");
const after = (minutes: number) => ({
  now: () => new Date(at.getTime() + minutes * 60_000),
  monotonicMs: () => 0,
});
const given = { hasSecondFactor: true, secondFactorAt: at };

test("[WEB-11] a session without a second factor is refused, with the way to set one up", () => {
  const without = { hasSecondFactor: false, secondFactorAt: null };
  const refusal = expect.objectContaining({
    status: 403,
    remedy: { do: "second-factor", step: "set-up" },
  });
  expect(() => requireSecondFactor(without)).toThrow(refusal);
  expect(() => requireFreshSecondFactor(without, after(0))).toThrow(refusal);
  expect(() => requireSecondFactor(given)).not.toThrow();
});

test("[PLN-6] for risky steps it counts for ten minutes, and not when it lies in the future", () => {
  const refusal = expect.objectContaining({ remedy: { do: "second-factor", step: "confirm" } });
  for (const minutes of [0, 9.9]) {
    expect(() => requireFreshSecondFactor(given, after(minutes))).not.toThrow();
  }
  for (const minutes of [10, 600, -1]) {
    expect(() => requireFreshSecondFactor(given, after(minutes))).toThrow(refusal);
  }
  expect(() => requireFreshSecondFactor(given, after(4), 5)).not.toThrow();
  expect(() => requireFreshSecondFactor(given, after(5), 5)).toThrow(refusal);
});
