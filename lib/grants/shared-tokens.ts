import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { TokenKey, TokenVersion } from "#lib/grants/token-version.ts";
import type { SharedBox } from "#lib/vault/shared-box.ts";
import type { VolatileStore } from "#lib/volatile/volatile-store.ts";

/** Access tokens that one refresh brings and all instances use. Nothing here throws: without the store there is none. */
export type SharedTokens = {
  /** Resolves when the others can find it, or cannot. */
  put(of: TokenVersion, token: Secret, lifetimeMs: number): Promise<void>;
  /** `lifetimeMs`: what is left, from before this was asked. */
  find(key: TokenKey): Promise<{ token: Secret; version: number; lifetimeMs: number } | null>;
  drop(grantId: string): Promise<void>;
  dropBefore(key: TokenKey): Promise<void>;
};

/** Where no store is shared: nobody finds anything. */
export const noSharedTokens: SharedTokens = {
  put: async () => {},
  find: async () => null,
  drop: async () => {},
  dropBefore: async () => {},
};

const FORMAT = 1;
/** Format, generation, version, lifetime in ms, the end by the wall clock of whoever sealed it. */
const HEADER_BYTES = 1 + 4 + 4 + 4 + 8;
/** Two wall clocks may each be ten minutes off (RF-9). */
const CLOCK_TOLERANCE_MS = 20 * 60_000;
/** Versions never go back, so a later generation always ranks above; both stay exact far beyond use. */
const VERSIONS_A_GENERATION = 1e9;

const rankOf = ({ generation, version }: { generation: number; version: number }) =>
  generation * VERSIONS_A_GENERATION + version;
const nameOf = (grantId: string) => `access-token:${grantId}`;

/**
 * Tokens in the shared store, sealed: bound to grant, generation, version and expiry. How long one still
 * serves is told by the store's own clock, and never longer than was sealed with it (VA-9, RF-9).
 */
export function createSharedTokens(deps: {
  store: VolatileStore;
  box: SharedBox;
  clock: Clock;
  log: Logger;
}): SharedTokens {
  const { store, box, clock, log } = deps;
  return {
    async put(of, token, lifetimeMs) {
      const facts = Buffer.alloc(HEADER_BYTES);
      facts.writeUInt8(FORMAT, 0);
      facts.writeUInt32BE(of.generation, 1);
      facts.writeUInt32BE(of.version, 5);
      facts.writeUInt32BE(Math.floor(lifetimeMs), 9);
      facts.writeDoubleBE(clock.now().getTime() + lifetimeMs, 13);
      const sealed = box.seal(token, { of: nameOf(of.id), facts });
      const bytes = Buffer.concat([facts, sealed]);
      await store.put(nameOf(of.id), { bytes, rank: rankOf(of) }, lifetimeMs);
    },
    async find({ id, generation }) {
      const found = await store.get(nameOf(id));
      if (!found || found.bytes.byteLength <= HEADER_BYTES) return null;
      const bytes = Buffer.from(found.bytes);
      const facts = bytes.subarray(0, HEADER_BYTES);
      if (facts.readUInt8(0) !== FORMAT || facts.readUInt32BE(1) !== generation) return null;
      if (facts.readDoubleBE(13) + CLOCK_TOLERANCE_MS < clock.now().getTime()) return null;
      try {
        const token = box.open(bytes.subarray(HEADER_BYTES), { of: nameOf(id), facts });
        const lifetimeMs = Math.min(found.remainingMs, facts.readUInt32BE(9));
        return { token, version: facts.readUInt32BE(5), lifetimeMs };
      } catch (error) {
        log.warn("a shared token does not open and is not used", { grantId: id, error });
        await store.delete(nameOf(id));
        return null;
      }
    },
    drop: (grantId) => store.delete(nameOf(grantId)),
    dropBefore: ({ id, generation }) =>
      store.delete(nameOf(id), rankOf({ generation, version: 0 })),
  };
}
