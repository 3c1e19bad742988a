import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";

/** What one key may have under way at once: reads, proposals and waits, each a connection that is held. */
export const PLACES_A_KEY = 256;
const RETRY_AFTER_SECONDS = 2;

export type CallPlaces = {
  /**
   * Takes a place for a call that may last, until its answer has ended (BRK-10): waits cost little each, and
   * thousands of them would still hold connections and ask the database again and again.
   *
   * @returns gives the place back
   * @throws {ProxyRefusedError} `broker.rate_limited`: the key has as many under way as it may
   */
  take(keyId: string): () => void;
};

/** Places for calls that last, counted for each key in this process. */
export function createCallPlaces(most: number = PLACES_A_KEY): CallPlaces {
  const taken = new Map<string, number>();
  return {
    take(keyId) {
      const now = taken.get(keyId) ?? 0;
      if (now >= most) {
        throw new ProxyRefusedError("broker.rate_limited", {
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
      }
      taken.set(keyId, now + 1);
      let isBack = false;
      return () => {
        if (isBack) return;
        isBack = true;
        const left = (taken.get(keyId) ?? 1) - 1;
        if (left > 0) taken.set(keyId, left);
        else taken.delete(keyId);
      };
    },
  };
}
