import { describe, expect, test } from "vitest";
import type { WrapStore } from "#lib/vault/wrap-counter.ts";

/** What each `WrapStore` promises. `makeStore` gives an empty one, or one that holds a count. */
export function describeWrapStoreContract(
  name: string,
  makeStore: (initial?: Record<string, number>) => Promise<WrapStore>,
): void {
  describe(`wrap store: ${name}`, () => {
    test("[VA-8] a key never seen starts at nothing", async () => {
      expect(await (await makeStore()).reserve("k1", 5)).toBe(5);
    });

    test("[VA-8] reservations add up, each key for itself", async () => {
      const store = await makeStore();
      await store.reserve("k1", 5);
      await store.reserve("k2", 7);
      expect(await store.reserve("k1", 5)).toBe(10);
    });

    test("[VA-8] reservations at once are all counted and see different sums", async () => {
      const store = await makeStore();
      const sums = await Promise.all(Array.from({ length: 20 }, () => store.reserve("k1", 10)));
      expect(sums.toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, i) => (i + 1) * 10),
      );
    });

    test("[VA-8] counts beyond 32 bits stay exact", async () => {
      const store = await makeStore({ k1: 2 ** 32 });
      expect(await store.reserve("k1", 1)).toBe(2 ** 32 + 1);
    });
  });
}
