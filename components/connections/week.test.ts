import { expect, test } from "vitest";
import { timelineLine } from "#components/connections/event-words.ts";
import { HOURS, shareWell, weekByDay, weekByHour } from "#components/connections/week.ts";

const now = new Date("2026-11-22T11:30:00Z");

test("the week holds every hour, also those in which nothing happened, and ends now", () => {
  const at = "2026-11-22T10:00:00.000Z";
  const week = weekByHour([{ at, leases: 3, calls: 4, refreshes: 1, failed: 2 }], now);
  expect(week).toHaveLength(HOURS);
  expect(week.at(-2)).toEqual({ at: new Date(at), uses: 7, refreshes: 1, failed: 2 });
  expect(week.at(-1)?.at).toEqual(new Date("2026-11-22T11:00:00Z"));
  expect(week[0]?.uses).toBe(0);
});

test("days are those of the reader's calendar, the newest first", () => {
  const at = "2026-11-21T23:00:00.000Z";
  const week = weekByHour([{ at, leases: 3, calls: 0, refreshes: 0, failed: 0 }], now);
  expect(weekByDay(week, "UTC")[1]).toMatchObject({ day: "Saturday 21 Nov", uses: 3 });
  expect(weekByDay(week, "Europe/Berlin")[0]).toMatchObject({ day: "Sunday 22 Nov", uses: 3 });
});

test("a share that is not all of it never says so", () => {
  expect(shareWell(0, 0)).toBeNull();
  expect(shareWell(10, 0)).toBe("100 %");
  expect(shareWell(100_000, 1)).toBe("99.9 %");
  expect(shareWell(3, 3)).toBe("0.0 %");
});

test("a timeline counts what repeats, and says where it stopped counting", () => {
  const entry = {
    id: "e",
    at: now.toISOString(),
    firstAt: now.toISOString(),
    action: "lease.issued",
    result: "success",
    actorName: null,
    detail: {},
    count: 1,
    isAtLeast: false,
  };
  expect(timelineLine(entry).title).toBe("Lease issued");
  expect(timelineLine({ ...entry, count: 412 }).title).toBe("412 leases issued");
  expect(timelineLine({ ...entry, count: 998, isAtLeast: true }).title).toBe(
    "998 or more leases issued",
  );
  expect(timelineLine({ ...entry, action: "grant.tested", count: 3 }).title).toBe(
    "Test call answered, 3 times",
  );
});
