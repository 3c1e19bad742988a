import { KeyExhaustedError } from "#lib/vault/errors.ts";

/** With random 96-bit nonces a key may be used 2^32 times (SP 800-38D §8.3). */
const wrapLimit = 2 ** 32;
const wrapAlarmThreshold = 2 ** 31;
const defaultBlockSize = 1000;

/** Counts the wraps of each key version over all processes (VA-8). */
export type WrapCounter = {
  /**
   * Counts one wrap, before it is done.
   * @throws {KeyExhaustedError} the version has reached `wrapLimit`
   */
  count(keyId: string): Promise<void>;
};

/** Where the counts are kept. `reserve` adds and gives the sum after it, in one atomic step. */
export type WrapStore = {
  reserve(keyId: string, wraps: number): Promise<number>;
};

export type WrapCounterOptions = {
  store: WrapStore;
  /** Called for each block reserved at or above `wrapAlarmThreshold`. */
  onAlarm(alarm: { keyId: string; wraps: number }): void;
  /** Wraps reserved at once: one write per so many seals. A stopped process wastes the rest of its block. */
  blockSize?: number;
};

export function createWrapCounter(options: WrapCounterOptions): WrapCounter {
  const blockSize = options.blockSize ?? defaultBlockSize;
  const left = new Map<string, number>();
  const reserving = new Map<string, Promise<void>>();

  const reserve = async (keyId: string) => {
    const wraps = await options.store.reserve(keyId, blockSize);
    if (wraps >= wrapAlarmThreshold) options.onAlarm({ keyId, wraps });
    const usable = blockSize - Math.max(0, wraps - wrapLimit);
    if (usable <= 0) throw new KeyExhaustedError(keyId);
    left.set(keyId, usable);
  };

  const reserveOnce = (keyId: string) => {
    const running = reserving.get(keyId) ?? reserve(keyId).finally(() => reserving.delete(keyId));
    reserving.set(keyId, running);
    return running;
  };

  return {
    async count(keyId) {
      // Whoever waited may find the block used up by others who waited.
      for (let held = left.get(keyId) ?? 0; ; held = left.get(keyId) ?? 0) {
        if (held > 0) {
          left.set(keyId, held - 1);
          return;
        }
        await reserveOnce(keyId);
      }
    },
  };
}

/** The part of a `pg` pool or client that is needed here. */
export type Query = (
  sql: string,
  params: readonly unknown[],
) => Promise<{ rows: readonly Record<string, unknown>[] }>;

/** Counts in the table `vault_keys (key_id text primary key, wraps bigint)`. */
export function createPostgresWrapStore(query: Query): WrapStore {
  return {
    async reserve(keyId, wraps) {
      const { rows } = await query(
        `insert into vault_keys as held (key_id, wraps) values ($1, $2)
         on conflict (key_id) do update set wraps = held.wraps + excluded.wraps
         returning wraps`,
        [keyId, wraps],
      );
      const sum = Number(rows[0]?.wraps);
      if (!Number.isSafeInteger(sum) || sum < wraps) throw new Error("vault_keys gave no count");
      return sum;
    },
  };
}
