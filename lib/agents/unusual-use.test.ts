import { expect, test } from "vitest";
import { isSmall, unusualUse } from "#lib/agents/unusual-use.ts";

const days = (calls: number, rows: number) => Array.from({ length: 5 }, () => ({ calls, rows }));

test.each([
  ["an ordinary day", { calls: 9_000, rows: 90_000 }, days(2_000, 20_000), null],
  [
    "eleven times the rows of before",
    { calls: 900, rows: 230_000 },
    days(2_000, 20_000),
    "bulk_reads",
  ],
  ["eleven times the calls of before", { calls: 23_000, rows: 10 }, days(2_000, 20_000), "volume"],
  [
    "much for one that did little, but a small day",
    { calls: 4_000, rows: 40_000 },
    days(1, 1),
    null,
  ],
  ["a first day of looking around", { calls: 90_000, rows: 400_000 }, [], null],
  ["a first day that copies an org", { calls: 900, rows: 500_001 }, [], "bulk_reads"],
  ["two days are no habit yet", { calls: 900, rows: 300_000 }, days(1, 1).slice(0, 2), null],
] as const)("[BRK-13] %s", (_what, today, before, reason) => {
  expect(unusualUse(today, before)).toBe(reason);
});

test("a day that nobody looks at could not be unusual", () => {
  const small = { calls: 4_999, rows: 49_999 };
  expect(isSmall(small)).toBe(true);
  expect(unusualUse(small, days(0, 0))).toBeNull();
});
