import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createLogger } from "#lib/core/log.ts";
import { Secret } from "#lib/core/secret.ts";
import { createSharedTokens } from "#lib/grants/shared-tokens.ts";
import { testClock } from "#lib/testing/clock.ts";
import { createSharedBox } from "#lib/vault/shared-box.ts";
import { createInMemoryVolatileStore } from "#lib/volatile/in-memory-volatile-store.ts";
import type { Kept } from "#lib/volatile/volatile-store.ts";

const minuteMs = 60_000;
const token = "00Dxx0000001gPL!AQ4AQFcanary";
const first = { id: "grant", generation: 2, version: 5 };

function twoInstances() {
  const clock = testClock();
  const inner = createInMemoryVolatileStore(clock);
  const written: { name: string; kept: Kept; lifetimeMs: number }[] = [];
  const store: typeof inner = {
    ...inner,
    put: (name, kept, lifetimeMs) => {
      written.push({ name, kept, lifetimeMs });
      return inner.put(name, kept, lifetimeMs);
    },
  };
  const key = new Secret(randomBytes(32));
  const lines: string[] = [];
  const log = createLogger({ level: "warn", destination: { write: (line) => lines.push(line) } });
  const instance = (secret = key) =>
    createSharedTokens({ store, box: createSharedBox(secret), clock, log });
  return { clock, store, written, lines, one: instance(), other: instance(), instance };
}

test("one instance puts it, the others find it for as long as is left", async () => {
  const { clock, one, other } = twoInstances();
  await one.put(first, new Secret(token), minuteMs);
  clock.advanceSeconds(20);
  const found = await other.find(first);
  expect(found).toMatchObject({ version: 5, lifetimeMs: 40_000 });
  expect(found?.token.reveal()).toBe(token);
  clock.advanceSeconds(40);
  expect(await other.find(first)).toBeNull();
});

test("[VA-9] only its own generation is given, and what comes late replaces nothing", async () => {
  const { one, other } = twoInstances();
  await one.put(first, new Secret(token), minuteMs);
  expect(await other.find({ id: "grant", generation: 1 })).toBeNull();
  expect(await other.find({ id: "grant", generation: 3 })).toBeNull();
  await one.put({ ...first, generation: 1, version: 9 }, new Secret("late"), minuteMs);
  await one.put({ ...first, version: 4 }, new Secret("late"), minuteMs);
  expect((await other.find(first))?.token.reveal()).toBe(token);
});

test("[VA-9] an end takes what was before it, and nothing of after", async () => {
  const { one, other } = twoInstances();
  await one.put(first, new Secret(token), minuteMs);
  await other.dropBefore({ id: "grant", generation: 2 });
  expect(await one.find(first)).not.toBeNull();
  await other.dropBefore({ id: "grant", generation: 3 });
  expect(await one.find(first)).toBeNull();
  await one.put(first, new Secret(token), minuteMs);
  await other.drop("grant");
  expect(await one.find(first)).toBeNull();
});

test("[VA-9] the store sees neither the token nor what belongs together", async () => {
  const { one, written } = twoInstances();
  await one.put(first, new Secret(token), minuteMs);
  await one.put(first, new Secret(token), minuteMs);
  const [a, b] = written.map(({ kept }) => Buffer.from(kept.bytes));
  expect(a?.toString("latin1")).not.toContain("canary");
  expect(a?.subarray(-token.length)).not.toEqual(b?.subarray(-token.length));
});

test("[VA-9] what is sealed is bound to grant, generation, version, expiry and key: moved or changed it does not open", async () => {
  const { store, written, one, other, instance, lines } = twoInstances();
  await one.put(first, new Secret(token), minuteMs);
  const [entry] = written;
  if (!entry) throw new Error("nothing was put");
  const name = (id: string) => entry.name.replace("grant", id);
  const place = (id: string, bytes: Uint8Array) =>
    store.put(name(id), { bytes, rank: Number.MAX_SAFE_INTEGER }, minuteMs);
  await place("other", entry.kept.bytes);
  expect(await other.find({ ...first, id: "other" })).toBeNull();
  for (let at = 0; at < entry.kept.bytes.byteLength; at++) {
    const changed = Uint8Array.from(entry.kept.bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await place("grant", changed);
    for (const generation of [2, 3])
      expect(await other.find({ id: "grant", generation })).toBeNull();
  }
  for (const length of [0, 10, 21, 40, entry.kept.bytes.byteLength - 1]) {
    await place("grant", entry.kept.bytes.subarray(0, length));
    expect(await other.find(first)).toBeNull();
  }
  await place("grant", entry.kept.bytes);
  expect(await other.find(first)).not.toBeNull();
  expect(await instance(new Secret(randomBytes(32))).find(first)).toBeNull();
  expect(await store.get(entry.name)).toBeNull();
  expect(lines.join()).toContain("does not open");
});

test("[RF-9] the wall clock of an instance changes nothing, and nobody lengthens what was sealed", async () => {
  const { one, other, store, written, clock } = twoInstances();
  await one.put(first, new Secret(token), minuteMs);
  const [entry] = written;
  if (!entry) throw new Error("nothing was put");
  await store.put(entry.name, { ...entry.kept, rank: Number.MAX_SAFE_INTEGER }, 600 * minuteMs);
  expect((await other.find(first))?.lifetimeMs).toBe(minuteMs);
  clock.advanceSeconds(19 * 60); // as a clock that is ten minutes ahead, seen by one ten minutes behind
  expect(await other.find(first)).not.toBeNull();
  clock.advanceSeconds(3 * 60);
  expect(await other.find(first)).toBeNull();
});
