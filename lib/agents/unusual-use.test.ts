import { expect, test } from "vitest";
import { isSmall, unusualUse } from "#lib/agents/unusual-use.ts";

const day = (calls: number, rows: number, kilobytes = 0) => ({ calls, rows, kilobytes });
const days = (calls: number, rows: number) =>
  Array.from({ length: 5 }, () => day(calls, rows, 20_000));

test.each([
  ["an ordinary day", day(9_000, 90_000), days(2_000, 20_000), null],
  ["eleven times the rows of before", day(900, 230_000), days(2_000, 20_000), "bulk_reads"],
  ["eleven times the calls of before", day(23_000, 10), days(2_000, 20_000), "volume"],
  ["much for one that did little, but a small day", day(4_000, 40_000), days(1, 1), null],
  ["eleven times the bytes of before", day(900, 0, 230_000), days(2_000, 0), "bulk_reads"],
  ["a first day of looking around", day(90_000, 400_000), [], null],
  ["a first day that copies an org", day(900, 500_001), [], "bulk_reads"],
  ["two days are no habit yet", day(900, 300_000), days(1, 1).slice(0, 2), null],
] as const)("[BRK-13] %s", (_what, today, before, reason) => {
  expect(unusualUse(today, before)).toBe(reason);
});

test("a day that nobody looks at could not be unusual", () => {
  const small = day(4_999, 49_999);
  expect(isSmall(small)).toBe(true);
  expect(unusualUse(small, days(0, 0))).toBeNull();
});
