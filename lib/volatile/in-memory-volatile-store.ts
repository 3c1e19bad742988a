import type { Clock } from "#lib/core/clock.ts";
import type { Kept, VolatileStore } from "#lib/volatile/volatile-store.ts";

/** A store of one process: what it holds, no other instance sees. */
export function createInMemoryVolatileStore(clock: Clock): VolatileStore {
  const held = new Map<string, Kept & { endsAtMs: number }>();
  const counts = new Map<string, { total: number; endsAtMs: number }>();
  const live = <T extends { endsAtMs: number }>(map: Map<string, T>, name: string) => {
    const found = map.get(name);
    if (found && found.endsAtMs <= clock.monotonicMs()) {
      map.delete(name);
      return undefined;
    }
    return found;
  };
  return {
    isShared: false,
    async get(name) {
      const found = live(held, name);
      if (!found) return null;
      const remainingMs = found.endsAtMs - clock.monotonicMs();
      return { bytes: Uint8Array.from(found.bytes), rank: found.rank, remainingMs };
    },
    async put(name, { bytes, rank }, lifetimeMs) {
      if (lifetimeMs < 1 || (live(held, name)?.rank ?? rank) > rank) return false;
      const endsAtMs = clock.monotonicMs() + lifetimeMs;
      held.set(name, { bytes: Uint8Array.from(bytes), rank, endsAtMs });
      return true;
    },
    async delete(name, belowRank = Number.POSITIVE_INFINITY) {
      if ((live(held, name)?.rank ?? belowRank) < belowRank) held.delete(name);
    },
    async add(added) {
      return added.map(({ name, by, windowMs }) => {
        const now = clock.monotonicMs();
        const count = live(counts, name) ?? { total: 0, endsAtMs: now + windowMs };
        count.total += by;
        counts.set(name, count);
        return { total: count.total, remainingMs: count.endsAtMs - now };
      });
    },
    async close() {
      held.clear();
      counts.clear();
    },
  };
}
