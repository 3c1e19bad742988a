import { createHash } from "node:crypto";
import type { SeededRandom } from "#lib/simulator/kit/types.ts";

export const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** A stream of SHA-256 blocks over the seed and a counter: repeatable, and evenly spread. */
export function seededRandom(seed: string): SeededRandom {
  let counter = 0;
  let pool = Buffer.alloc(0);
  const bytes = (count: number): Buffer => {
    while (pool.length < count) {
      const block = createHash("sha256").update(`${seed}:${counter++}`).digest();
      pool = Buffer.concat([pool, block]);
    }
    const taken = Buffer.from(pool.subarray(0, count));
    pool = pool.subarray(count);
    return taken;
  };
  const int = (min: number, max: number) =>
    min + Math.floor((bytes(6).readUIntBE(0, 6) / 2 ** 48) * (max - min + 1));
  const pick = <T>(list: readonly T[]): T => list[int(0, list.length - 1)] as T;
  return {
    bytes,
    int,
    pick,
    token: (length, alphabet = alphanumeric) =>
      Array.from({ length }, () => alphabet[int(0, alphabet.length - 1)]).join(""),
    uuid: () => {
      const raw = bytes(16);
      raw[6] = ((raw[6] as number) & 0x0f) | 0x40;
      raw[8] = ((raw[8] as number) & 0x3f) | 0x80;
      const hex = raw.toString("hex");
      return [
        hex.slice(0, 8),
        hex.slice(8, 12),
        hex.slice(12, 16),
        hex.slice(16, 20),
        hex.slice(20),
      ].join("-");
    },
  };
}
