import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";

/** What one key, and one person with all keys of theirs, may have under way at once. */
const MOST = { key: 256, owner: 1_024 };
const RETRY_AFTER_SECONDS = 2;

export type CallPlaces = {
  /**
   * Takes a place for a call that may last, until its answer has ended (BRK-10): reads, proposals and waits
   * cost little each, and thousands of them would still hold connections and ask the database again and again.
   *
   * @returns gives the place back
   * @throws {ProxyRefusedError} `broker.rate_limited`: the key, or its owner, has as many under way as they may
   */
  take(by: { keyId: string; ownerId: string }): () => void;
};

/** Places for calls that last, counted for each key and each person in this process, at all its doors. */
export function createCallPlaces(most = MOST): CallPlaces {
  const taken = new Map<string, number>();
  const count = (name: string, by: 1 | -1) => {
    const now = (taken.get(name) ?? 0) + by;
    if (now > 0) taken.set(name, now);
    else taken.delete(name);
  };
  return {
    take({ keyId, ownerId }) {
      const isFull = (taken.get(keyId) ?? 0) >= most.key || (taken.get(ownerId) ?? 0) >= most.owner;
      if (isFull) {
        throw new ProxyRefusedError("broker.rate_limited", {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
      }
      for (const name of [keyId, ownerId]) count(name, 1);
      let isBack = false;
      return () => {
        if (!isBack) for (const name of [keyId, ownerId]) count(name, -1);
        isBack = true;
      };
    },
  };
}
