import { expect, test } from "vitest";
import { exactTime, lengthInWords, relativeTime, shortDate } from "#lib/core/relative-time.ts";

const now = new Date("2026-11-22T09:41:07Z");
const before = (ms: number) => new Date(now.getTime() - ms);
const after = (ms: number) => new Date(now.getTime() + ms);
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

test.each([
  [0, "now"],
  [4_999, "now"],
  [5_000, "5 s"],
  [59_999, "59 s"],
  [minute, "1 min"],
  [hour - 1, "59 min"],
  [hour, "1 h"],
  [47 * hour, "47 h"],
  [48 * hour, "2 days"],
  [29 * day, "29 days"],
])("a length of %i ms is said as %s", (length, words) => {
  expect(lengthInWords(length)).toBe(words);
  expect(lengthInWords(-length)).toBe(words);
});

test("past and future say so, unless the column head does", () => {
  expect(relativeTime(before(3 * hour), now)).toBe("3 h ago");
  expect(relativeTime(after(11 * minute), now)).toBe("in 11 min");
  expect(relativeTime(before(3 * hour), now, { form: "short" })).toBe("3 h");
});

test("past thirty days the date is said, with its year when that is another one", () => {
  expect(relativeTime(before(40 * day), now)).toBe("13 Oct");
  expect(relativeTime(before(400 * day), now)).toBe("18 Oct 2025");
  expect(relativeTime(after(90 * day), now)).toBe("20 Feb 2027");
});

test("dates and exact times are those of the reader's time zone", () => {
  const lateEvening = new Date("2026-08-12T22:30:00Z");
  expect(shortDate(lateEvening, now, "UTC")).toBe("12 Aug");
  expect(shortDate(lateEvening, now, "Europe/Zurich")).toBe("13 Aug");
  expect(exactTime(lateEvening, "Europe/Zurich")).toMatch(/^Thursday.* 13 August 2026.*00:30:00/);
});
