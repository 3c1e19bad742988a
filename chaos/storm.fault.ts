import { expect, test } from "vitest";
import { runChaos } from "./run-chaos.ts";

const short = {
  minutes: 0.5,
  hasSharedSpool: false,
  accountsEach: 4,
  agents: 4,
  tokenSeconds: 8,
  pauseMs: 150,
  personEveryMs: 2_000,
  everyMs: 1_500,
  longestMs: 3_000,
} as const;

test.each([
  ["with a shared store", true],
  ["without one", false],
])(
  "[RF-1] [RF-3] [RF-6] half a minute of everything at once breaks no rule, %s",
  async (_, hasSharedStore) => {
    const { summary, violations } = await runChaos({ seed: "short", hasSharedStore, ...short });
    expect(violations).toEqual([]);
    // A run in which nothing happened proves nothing.
    expect(Number(summary["tokens rotated"])).toBeGreaterThan(8);
    expect(Number(summary["leases given"])).toBeGreaterThan(10);
  },
);
