import type { WrapStore } from "#lib/vault/wrap-counter.ts";

/** Counts that end with the process: for tests and for tools that store nothing. */
export function createInMemoryWrapStore(initial: Record<string, number> = {}): WrapStore {
  const wrapsByKey = new Map(Object.entries(initial));
  return {
    async reserve(keyId, wraps) {
      const sum = (wrapsByKey.get(keyId) ?? 0) + wraps;
      wrapsByKey.set(keyId, sum);
      return sum;
    },
  };
}
