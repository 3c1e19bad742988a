import { Secret } from "#lib/core/secret.ts";

/** An answer of a token endpoint is no longer than this. */
export const longestTokenBytes = 65_536;
/** Slots of a few sizes, so that a token wastes at most a third. */
const SLOT_BYTES = [
  128,
  192,
  256,
  384,
  512,
  768,
  1024,
  2048,
  4096,
  16_384,
  longestTokenBytes,
] as const;
const SLAB_BYTES = 256 * 1024;

/** A token's place: the size of its slot, and which one. */
export type Slot = { size: number; at: number };

/**
 * Bytes of secrets in few large slabs: a buffer for each would cost twice the token. Nothing of it can be
 * seen from outside, and a slot that is given back is wiped. Slabs are kept for what comes next.
 */
export type TokenSlots = {
  /** @throws {RangeError} longer than any token is */
  put(secret: Secret): Slot;
  /** A copy. */
  read(slot: Slot, byteLength: number): Secret;
  wipe(slot: Slot): void;
};

export function createTokenSlots(): TokenSlots {
  const pools = SLOT_BYTES.map((bytes) => ({
    bytes,
    perSlab: Math.max(1, Math.floor(SLAB_BYTES / bytes)),
    slabs: [] as Buffer[],
    used: 0,
    free: [] as number[],
  }));
  const poolOf = (size: number) => {
    const pool = pools[size];
    if (!pool) throw new RangeError("no such slot");
    return pool;
  };
  const bytesOf = ({ size, at }: Slot) => {
    const { bytes, perSlab, slabs } = poolOf(size);
    const start = (at % perSlab) * bytes;
    const slab = slabs[Math.floor(at / perSlab)];
    if (!slab) throw new RangeError("no such slot");
    return slab.subarray(start, start + bytes);
  };
  return {
    put(secret) {
      const size = SLOT_BYTES.findIndex((bytes) => secret.byteLength <= bytes);
      if (size < 0) throw new RangeError("an access token is too long to be kept");
      const pool = poolOf(size);
      const at = pool.free.pop() ?? pool.used++;
      if (at >= pool.slabs.length * pool.perSlab) {
        pool.slabs.push(Buffer.alloc(pool.perSlab * pool.bytes));
      }
      const bytes = secret.revealBytes();
      bytesOf({ size, at }).set(bytes);
      bytes.fill(0);
      return { size, at };
    },
    read: (slot, byteLength) => new Secret(bytesOf(slot).subarray(0, byteLength)),
    wipe(slot) {
      bytesOf(slot).fill(0);
      poolOf(slot.size).free.push(slot.at);
    },
  };
}
