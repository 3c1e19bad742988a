import { expect, test } from "vitest";
import { runPlanChaos } from "./run.ts";

const limitMs = 420_000;

test(
  "[PLN-4] [PLN-5] [PLN-7] [AUD-1] half a minute of everything at once breaks no plan",
  async () => {
    // A run in which nothing happened proves nothing.
    const least = { steps: 40, takenOver: 2 };
    const { summary, violations } = await runPlanChaos({
      seed: "short",
      minutes: 0.5,
      accountsEach: 2,
      tokenSeconds: 20,
      hasSharedStore: false,
      least,
      atOnce: 3,
      pauseMs: 300,
      mostSteps: 4,
      everyMs: 1_500,
      longestMs: 2_000,
      waitsForSettled: false,
    });
    expect(violations).toEqual([]);
    expect(Number(summary["steps begun"])).toBeGreaterThanOrEqual(least.steps);
    expect(Number(summary["plans taken over"])).toBeGreaterThanOrEqual(least.takenOver);
  },
  limitMs,
);
