import { expect, test } from "vitest";
import { readClock } from "#lib/doctor/ask.ts";
import { judgeClock } from "#lib/doctor/clock-rule.ts";

const minute = 60_000;
const table: [aheadMs: number, uncertaintyMs: number, state: string, words: string][] = [
  [0, 500, "pass", "agrees"],
  [-40_000, 500, "pass", "within 40 s"],
  [61_000, 2_000, "pass", "within"],
  [63_000, 500, "fail", "1 min behind"],
  [61 * minute, 500, "fail", "1 h behind Salesforce's"],
  [-61 * minute, 500, "fail", "ahead of Salesforce's"],
];
test.each(table)(
  "a provider %i ms ahead, give or take %i: %s",
  (aheadMs, uncertaintyMs, state, words) => {
    const line = judgeClock({ aheadMs, uncertaintyMs }, "Salesforce");
    expect(line.state).toBe(state);
    expect(line.found).toContain(words);
  },
);

test("no date, no verdict", () => {
  expect(judgeClock(readClock(null, 0, 10), "Salesforce").state).toBe("unknown");
  expect(judgeClock(readClock("soon", 0, 10), "Salesforce").state).toBe("unknown");
});

test("a slow answer widens what the clock may differ", () => {
  const date = "Mon, 02 Mar 2026 09:00:00 GMT";
  const at = Date.parse(date);
  expect(readClock(date, at, at + 4_000)).toEqual({ aheadMs: -1_500, uncertaintyMs: 2_500 });
});
