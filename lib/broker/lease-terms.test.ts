import fc from "fast-check";
import { expect, test } from "vitest";
import { leaseSeconds, rawRefusal } from "#lib/broker/lease-terms.ts";

test("[BRK-2] a lease lives at most 20 minutes, and ends before its token by a margin", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 1e9, noNaN: true }),
      fc.double({ min: 0, max: 1e8, noNaN: true }),
      (nowMs, leftMs) => {
        const seconds = leaseSeconds(nowMs, [nowMs + leftMs]);
        expect(Number.isInteger(seconds) && seconds >= 0 && seconds <= 1_200).toBe(true);
        if (seconds > 0) expect(seconds * 1000).toBeLessThan(leftMs);
      },
    ),
  );
  expect(leaseSeconds(5_000, [5_000 + 3_600_000])).toBe(1_200);
  expect(leaseSeconds(5_000, [5_000 + 1_079_000])).toBe(1_069);
  expect(leaseSeconds(5_000, [5_000 + 20_000])).toBe(18);
  expect(leaseSeconds(5_000, [4_000])).toBe(0);
  expect(leaseSeconds(0, [600_000, 300_000])).toBe(290);
});

const now = new Date("2026-03-02T09:00:00Z");
const later = new Date("2026-03-02T10:00:00Z");
const connectionId = "c";
const agent = (mode: "plan" | "build", directWritesUntil: Date | null) => ({
  mode,
  connections: new Map([[connectionId, { directWritesUntil }]]),
});

test.each([
  ["nobody chose it", agent("build", later), false, "not_chosen"],
  ["the agent only plans", agent("plan", later), true, "plan_mode"],
  ["nobody allowed it to write here", agent("build", null), true, "no_direct_writes"],
  ["the time to write has passed", agent("build", now), true, "no_direct_writes"],
  ["all of it is there", agent("build", later), true, null],
])("[BRK-3] the access token itself, where %s", (_, who, allowsRawLeases, refusal) => {
  expect(rawRefusal(who, { connectionId, allowsRawLeases }, now)).toBe(refusal);
});

test("[BRK-3] leave to write on another connection is none on this one", () => {
  const elsewhere = { mode: "build", connections: new Map([["d", { directWritesUntil: later }]]) };
  expect(
    rawRefusal({ ...elsewhere, mode: "build" }, { connectionId, allowsRawLeases: true }, now),
  ).toBe("no_direct_writes");
});
