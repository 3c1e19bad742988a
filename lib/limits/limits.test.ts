import { expect, test } from "vitest";
import { limitsOfCall, limitsOfLease, limitTable } from "#lib/limits/limit-table.ts";
import { createLimits, type Limit } from "#lib/limits/limits.ts";
import { testClock } from "#lib/testing/clock.ts";
import { createInMemoryVolatileStore } from "#lib/volatile/in-memory-volatile-store.ts";
import type { VolatileStore } from "#lib/volatile/volatile-store.ts";

const five: Limit = { key: "a", limit: 5, windowSeconds: 60 };

function limitsOn(options: { factor?: number; maxWindows?: number } = {}) {
  const clock = testClock();
  const limits = createLimits({ clock, store: createInMemoryVolatileStore(clock), ...options });
  return { clock, limits };
}

const times = (count: number, take: () => { allowed: boolean }) =>
  Array.from({ length: count }, take).filter(({ allowed }) => allowed).length;

test("[BRK-10] no more than the limit passes in a window, and the refusal says when to come again", () => {
  const { clock, limits } = limitsOn();
  expect(times(9, () => limits.take([five]))).toBe(5);
  clock.advanceSeconds(20.5);
  expect(limits.take([five])).toEqual({ allowed: false, retryAfterSeconds: 40 });
  expect(limits.take([{ ...five, key: "b" }])).toEqual({ allowed: true });
  clock.advanceSeconds(39.5);
  expect(times(9, () => limits.take([five]))).toBe(5);
});

test("[BRK-10] what one limit refuses counts against no other", () => {
  const { limits } = limitsOn();
  const narrow = { key: "narrow", limit: 1, windowSeconds: 10 };
  expect(limits.take([five, narrow])).toEqual({ allowed: true });
  for (let i = 0; i < 10; i++) {
    expect(limits.take([five, narrow])).toEqual({ allowed: false, retryAfterSeconds: 10 });
  }
  expect(times(9, () => limits.take([five]))).toBe(4);
});

test("every limit grows with the factor", () => {
  const { limits } = limitsOn({ factor: 3 });
  expect(times(99, () => limits.take([five]))).toBe(15);
});

test("memory is bounded: what has ended makes room first, then the oldest", () => {
  const { clock, limits } = limitsOn({ maxWindows: 3 });
  limits.take([{ ...five, key: "long", windowSeconds: 3_600 }]);
  limits.take([{ ...five, key: "short", windowSeconds: 1 }]);
  clock.advanceSeconds(2);
  for (let i = 0; i < 5; i++) limits.take([{ ...five, key: "busy" }]);
  limits.take([{ ...five, key: "new" }]); // in the place of "short"
  expect(times(9, () => limits.take([{ ...five, key: "long", windowSeconds: 3_600 }]))).toBe(4);
  for (let i = 0; i < 1_000; i++) limits.take([{ ...five, key: `more ${i}` }]);
  expect(limits.take([{ ...five, key: "busy" }])).toEqual({ allowed: true }); // forgotten, not kept for ever
});

/** Two instances of one store, whose answers come when the test says. */
function twoInstances() {
  const clock = testClock();
  const inner = createInMemoryVolatileStore(clock);
  let isAway = false;
  let calls = 0;
  const store: VolatileStore = {
    ...inner,
    isShared: true,
    add: async (counts) => {
      calls += 1;
      return isAway ? null : inner.add(counts);
    },
  };
  const instance = () => createLimits({ clock, store });
  return {
    clock,
    one: instance(),
    other: instance(),
    calls: () => calls,
    goAway: () => {
      isAway = true;
    },
  };
}

test("[BRK-10] instances that share a store grant one limit together, give or take a tenth each", async () => {
  const { one, other } = twoInstances();
  const limit = { key: "a", limit: 100, windowSeconds: 60 };
  let granted = 0;
  for (let round = 0; round < 200; round++) {
    for (const each of [one, other]) if (each.take([limit]).allowed) granted += 1;
    await Promise.resolve(); // what was sent at once is answered in between
    await new Promise(setImmediate);
  }
  expect(granted).toBeGreaterThanOrEqual(100);
  expect(granted).toBeLessThanOrEqual(120);
  await Promise.all([one.stop(), other.stop()]);
});

test("[BRK-10] a thousand at once are told in few messages, and none is granted twice", async () => {
  const { one, other, calls } = twoInstances();
  const limit = { key: "a", limit: 500, windowSeconds: 60 };
  expect(times(1_000, () => one.take([limit]))).toBe(500);
  await expect.poll(() => times(10, () => other.take([limit]))).toBe(0);
  expect(calls()).toBeLessThan(30);
  await Promise.all([one.stop(), other.stop()]);
});

test("[BRK-10] while the store is away each instance holds the limit by itself", async () => {
  const { one, goAway } = twoInstances();
  goAway();
  const limit = { key: "a", limit: 50, windowSeconds: 60 };
  let granted = 0;
  for (let i = 0; i < 200; i++) {
    if (one.take([limit]).allowed) granted += 1;
    await new Promise(setImmediate);
  }
  expect(granted).toBe(50);
  await one.stop();
});

test("[BRK-10] each key, connection and owner has limits of its own, and each connection its provider's quota", () => {
  const by = { keyId: "k", connectionId: "c", ownerId: "o" };
  expect(limitsOfLease(by).map(({ key }) => key)).toEqual([
    "lease:key:k",
    "lease:connection:c",
    "lease:owner:o",
  ]);
  const calls = limitsOfCall({ ...by, provider: "marketing-cloud" });
  expect(calls.at(-1)).toEqual({ key: "quota:c", ...limitTable.quota["marketing-cloud"] });
  expect(new Set(calls.map(({ key }) => key)).size).toBe(4);
});
