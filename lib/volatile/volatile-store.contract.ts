import { describe, expect, test } from "vitest";
import type { VolatileStore } from "#lib/volatile/volatile-store.ts";

const minuteMs = 60_000;
const bytesOf = (text: string) => new TextEncoder().encode(text);

/**
 * What each `VolatileStore` promises.
 *
 * @param makeStore - gives an empty one, and a way to let time pass for it
 */
export function describeVolatileStoreContract(
  name: string,
  makeStore: () => Promise<{ store: VolatileStore; passMs(ms: number): Promise<void> }>,
): void {
  describe(`volatile store: ${name}`, () => {
    const textAt = async (store: VolatileStore, key: string) => {
      const found = await store.get(key);
      return found && new TextDecoder().decode(found.bytes);
    };

    test("what is put is found, byte for byte, with the time that it has left", async () => {
      const { store } = await makeStore();
      const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
      expect(await store.put("a", { bytes, rank: 7 }, minuteMs)).toBe(true);
      const found = await store.get("a");
      expect(found && [...found.bytes]).toEqual([...bytes]);
      expect(found?.rank).toBe(7);
      expect(found?.remainingMs).toBeGreaterThan(minuteMs - 10_000);
      expect(found?.remainingMs).toBeLessThanOrEqual(minuteMs);
      expect(await store.get("b")).toBeNull();
    });

    test("[VA-9] what is past its time is gone", async () => {
      const { store, passMs } = await makeStore();
      await store.put("a", { bytes: bytesOf("one"), rank: 1 }, 20);
      await passMs(40);
      expect(await store.get("a")).toBeNull();
      expect(await store.put("a", { bytes: bytesOf("two"), rank: 1 }, 0)).toBe(false);
      expect(await store.get("a")).toBeNull();
    });

    test("what comes late replaces nothing of a higher rank", async () => {
      const { store } = await makeStore();
      const highest = Number.MAX_SAFE_INTEGER;
      await store.put("a", { bytes: bytesOf("second"), rank: 2 }, minuteMs);
      expect(await store.put("a", { bytes: bytesOf("first"), rank: 1 }, minuteMs)).toBe(false);
      expect(await textAt(store, "a")).toBe("second");
      expect(await store.put("a", { bytes: bytesOf("again"), rank: 2 }, minuteMs)).toBe(true);
      expect(await store.put("a", { bytes: bytesOf("last"), rank: highest }, minuteMs)).toBe(true);
      expect(await store.put("a", { bytes: bytesOf("x"), rank: highest - 1 }, minuteMs)).toBe(
        false,
      );
      expect(await textAt(store, "a")).toBe("last");
    });

    test("[VA-9] what is deleted is gone; below a rank, only what ranks below", async () => {
      const { store } = await makeStore();
      await store.put("a", { bytes: bytesOf("one"), rank: 5 }, minuteMs);
      await store.delete("a", 5);
      expect(await textAt(store, "a")).toBe("one");
      await store.delete("a", 6);
      expect(await textAt(store, "a")).toBeNull();
      await store.put("a", { bytes: bytesOf("one"), rank: 5 }, minuteMs);
      await store.delete("a");
      await store.delete("never there");
      expect(await textAt(store, "a")).toBeNull();
    });

    test("[BRK-10] counts add up, each name for itself, in the order asked", async () => {
      const { store } = await makeStore();
      const add = (name: string, by: number) => ({ name, by, windowMs: minuteMs });
      await store.add([add("a", 1), add("b", 10)]);
      const totals = await store.add([add("b", 5), add("a", 2), add("c", 0)]);
      expect(totals?.map(({ total }) => total)).toEqual([15, 3, 0]);
      expect(await store.add([])).toEqual([]);
    });

    test("[BRK-10] counts at once are all counted", async () => {
      const { store } = await makeStore();
      await Promise.all(
        Array.from({ length: 50 }, () => store.add([{ name: "a", by: 2, windowMs: minuteMs }])),
      );
      const totals = await store.add([{ name: "a", by: 0, windowMs: minuteMs }]);
      expect(totals?.[0]?.total).toBe(100);
    });

    test("[BRK-10] a window begins with its first count and ends for all at once", async () => {
      const { store, passMs } = await makeStore();
      await store.add([{ name: "a", by: 1, windowMs: minuteMs }]);
      const [second] = (await store.add([{ name: "a", by: 1, windowMs: 60 * minuteMs }])) ?? [];
      expect(second?.total).toBe(2);
      expect(second?.remainingMs).toBeLessThanOrEqual(minuteMs);
      await store.add([{ name: "b", by: 1, windowMs: 20 }]);
      await passMs(40);
      expect((await store.add([{ name: "b", by: 1, windowMs: 20 }]))?.[0]?.total).toBe(1);
    });

    test("a thousand names at once are counted", async () => {
      const { store } = await makeStore();
      const counts = Array.from({ length: 1_000 }, (_, i) => ({
        name: `n${i}`,
        by: i,
        windowMs: minuteMs,
      }));
      const totals = await store.add(counts);
      expect(totals?.map(({ total }) => total)).toEqual(counts.map(({ by }) => by));
    });
  });
}
