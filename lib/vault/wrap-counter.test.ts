import { expect, test } from "vitest";
import { KeyExhaustedError } from "#lib/vault/errors.ts";
import { createInMemoryWrapStore } from "#lib/vault/in-memory-wrap-store.ts";
import { describeWrapStoreContract } from "#lib/vault/wrap-counter.contract.ts";
import {
  createPostgresWrapStore,
  createWrapCounter,
  type WrapStore,
} from "#lib/vault/wrap-counter.ts";

describeWrapStoreContract("in memory", async (initial) => createInMemoryWrapStore(initial));

function counterOver(store: WrapStore, blockSize = 1000) {
  const alarms: number[] = [];
  let reservations = 0;
  const counting: WrapStore = {
    reserve(keyId, wraps) {
      reservations++;
      return store.reserve(keyId, wraps);
    },
  };
  const counter = createWrapCounter({
    store: counting,
    blockSize,
    onAlarm: ({ wraps }) => alarms.push(wraps),
  });
  return { counter, alarms, reservations: () => reservations };
}

test("[VA-8] a thousand wraps cost one reservation, also when all come at once", async () => {
  const { counter, reservations } = counterOver(createInMemoryWrapStore());
  await Promise.all(Array.from({ length: 1000 }, () => counter.count("k1")));
  expect(reservations()).toBe(1);
  await counter.count("k1");
  expect(reservations()).toBe(2);
});

test("[VA-8] many callers at a block's end never count more than was reserved", async () => {
  const { counter, reservations } = counterOver(createInMemoryWrapStore(), 10);
  await Promise.all(Array.from({ length: 95 }, () => counter.count("k1")));
  expect(reservations()).toBe(10);
});

test("[VA-8] the alarm sounds at 2^31 wraps, not before", async () => {
  const early = counterOver(createInMemoryWrapStore({ k1: 2 ** 31 - 2001 }));
  await early.counter.count("k1");
  expect(early.alarms).toEqual([]);
  const late = counterOver(createInMemoryWrapStore({ k1: 2 ** 31 - 1000 }));
  await late.counter.count("k1");
  expect(late.alarms).toEqual([2 ** 31]);
});

test("[VA-8] wrap number 2^32 is done, the next is refused", async () => {
  const { counter } = counterOver(createInMemoryWrapStore({ k1: 2 ** 32 - 3 }), 10);
  for (let i = 0; i < 3; i++) await counter.count("k1");
  await expect(counter.count("k1")).rejects.toThrow(KeyExhaustedError);
  await expect(counter.count("k1")).rejects.toThrow(KeyExhaustedError);
  await counter.count("k2");
});

test("[VA-8] a store that does not answer counts nothing, and the next call asks again", async () => {
  const real = createInMemoryWrapStore();
  let isDown = true;
  const { counter } = counterOver({
    reserve: (keyId, wraps) =>
      isDown ? Promise.reject(new Error("database gone")) : real.reserve(keyId, wraps),
  });
  await expect(counter.count("k1")).rejects.toThrow("database gone");
  isDown = false;
  await counter.count("k1");
});

test("the Postgres store takes its driver's bigint text, and refuses an answer without a count", async () => {
  const answering = (rows: Record<string, unknown>[]) =>
    createPostgresWrapStore(async () => ({ rows })).reserve("k1", 1000);
  expect(await answering([{ wraps: "4294967296" }])).toBe(2 ** 32);
  await expect(answering([])).rejects.toThrow("no count");
});
