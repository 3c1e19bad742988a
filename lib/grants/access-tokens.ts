import type { Clock } from "#lib/core/clock.ts";
import type { Secret } from "#lib/core/secret.ts";
import { noSharedTokens, type SharedTokens } from "#lib/grants/shared-tokens.ts";
import { createSoonestFirst } from "#lib/grants/soonest-first.ts";
import { createTokenSlots, longestTokenBytes } from "#lib/grants/token-slots.ts";
import type { TokenKey, TokenVersion } from "#lib/grants/token-version.ts";

/** `expiresAtMs`: when it is used no more, on this process's monotonic clock (RF-9). */
export type HeldToken = { token: Secret; version: number; expiresAtMs: number };

/**
 * Access tokens, in this process's memory and, where instances share a store, sealed in that; nowhere else
 * (VA-9). One is given only for the generation it came with: after a reconnect, as another person say, the
 * one before is not there. Bounded in number and age: the ones that end first make room, and a token past its
 * time, or dropped, is overwritten.
 */
export type AccessTokens = {
  /**
   * Keeps a token at once, unless one of a later version is held or its authorization is known to be over.
   * Resolves when other instances can find it, or the store is away; it never rejects.
   */
  put(of: TokenVersion, token: Secret, lifetimeMs: number): Promise<void>;
  /** The token that this process holds. */
  get(key: TokenKey): HeldToken | null;
  /** The same, or the one that another instance shares; takes no longer than the store may. */
  find(key: TokenKey): Promise<HeldToken | null>;
  /** Forgets whatever is held for a grant, here and in the shared store. */
  drop(grantId: string): void;
  /** Forgets what is held of generations before this one; it stays forgotten if it comes late. */
  dropBefore(key: TokenKey): void;
  /** The grants that this process holds a token of. */
  ids(): string[];
  readonly size: number;
};

const DEFAULT_MAX_TOKENS = 1_000_000;
/** However long a provider says: nothing is kept for more than half a day. */
const LONGEST_LIFE_MS = 12 * 60 * 60_000;
const SWEEP_EVERY_MS = 5_000;
/** Ends that are remembered against tokens that come just after; the oldest make room. */
const MAX_REMEMBERED_ENDS = 10_000;
const FIRST_CAPACITY = 1_024;

export function createAccessTokens(
  { clock, shared = noSharedTokens }: { clock: Clock; shared?: SharedTokens },
  maxTokens = DEFAULT_MAX_TOKENS,
): AccessTokens {
  // One number an entry, its fields in columns: an object each would cost more than the token.
  const entries = new Map<string, number>();
  const slots = createTokenSlots();
  const ids: string[] = [];
  const unused: number[] = [];
  let capacity = 0;
  let expiresAtMs = new Float64Array(0);
  /** generation, version, slot size, slot number, length */
  let columns = new Uint32Array(0);
  const COLUMNS = 5;
  const column = (entry: number, name: number) => columns[entry * COLUMNS + name] ?? 0;
  const order = createSoonestFirst((entry) => expiresAtMs[entry] ?? 0);
  const ends = new Map<string, number>();
  const asked = new Map<string, Promise<HeldToken | null>>();

  function newEntry(): number {
    const entry = unused.pop() ?? entries.size;
    if (entry >= capacity) {
      const [wasExpiresAtMs, wasColumns] = [expiresAtMs, columns];
      capacity = Math.min(maxTokens, Math.max(FIRST_CAPACITY, capacity * 2));
      expiresAtMs = new Float64Array(capacity);
      columns = new Uint32Array(capacity * COLUMNS);
      expiresAtMs.set(wasExpiresAtMs);
      columns.set(wasColumns);
      order.grow(capacity);
    }
    return entry;
  }

  function forget(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    ids[entry] = "";
    slots.wipe({ size: column(entry, 2), at: column(entry, 3) });
    order.remove(entry);
    unused.push(entry);
  }

  function forgetEnded(): void {
    const now = clock.monotonicMs();
    for (let entry = order.soonest(); entry >= 0; entry = order.soonest()) {
      if ((expiresAtMs[entry] ?? 0) > now) return;
      forget(ids[entry] ?? "");
    }
  }

  function keep(
    { id, generation, version }: TokenVersion,
    token: Secret,
    untilMs: number,
  ): boolean {
    if ((ends.get(id) ?? 0) > generation || untilMs <= clock.monotonicMs()) return false;
    if (token.byteLength > longestTokenBytes) return false;
    const before = entries.get(id);
    if (before !== undefined) {
      if (column(before, 0) > generation || column(before, 1) > version) return false;
      forget(id);
    }
    forgetEnded();
    if (entries.size >= maxTokens) forget(ids[order.soonest()] ?? "");
    const slot = slots.put(token);
    const entry = newEntry();
    columns.set([generation, version, slot.size, slot.at, token.byteLength], entry * COLUMNS);
    expiresAtMs[entry] = untilMs;
    ids[entry] = id;
    entries.set(id, entry);
    order.add(entry);
    return true;
  }

  const get: AccessTokens["get"] = ({ id, generation }) => {
    const entry = entries.get(id);
    if (entry === undefined) return null;
    const endsAtMs = expiresAtMs[entry] ?? 0;
    if (endsAtMs <= clock.monotonicMs()) {
      forget(id);
      return null;
    }
    if (column(entry, 0) !== generation) return null;
    const slot = { size: column(entry, 2), at: column(entry, 3) };
    return {
      token: slots.read(slot, column(entry, 4)),
      version: column(entry, 1),
      expiresAtMs: endsAtMs,
    };
  };

  async function findShared({ id, generation }: TokenKey): Promise<HeldToken | null> {
    const askedAtMs = clock.monotonicMs();
    const found = await shared.find({ id, generation });
    if (found) {
      const { token, version } = found;
      keep({ id, generation, version }, token, askedAtMs + found.lifetimeMs);
    }
    return get({ id, generation });
  }

  setInterval(forgetEnded, SWEEP_EVERY_MS).unref();

  return {
    async put(of, token, lifetimeMs) {
      const livesMs = Math.min(lifetimeMs, LONGEST_LIFE_MS);
      if (keep(of, token, clock.monotonicMs() + livesMs)) await shared.put(of, token, livesMs);
    },
    get,
    async find(key) {
      const held = get(key);
      if (held || shared === noSharedTokens) return held;
      // However many ask at once, the store is asked once.
      const question = `${key.id}:${key.generation}`;
      const running = asked.get(question) ?? findShared(key).finally(() => asked.delete(question));
      asked.set(question, running);
      return running;
    },
    drop(grantId) {
      forget(grantId);
      void shared.drop(grantId);
    },
    dropBefore({ id, generation }) {
      const known = ends.get(id) ?? 0;
      ends.delete(id);
      ends.set(id, Math.max(known, generation));
      if (ends.size > MAX_REMEMBERED_ENDS) ends.delete(ends.keys().next().value ?? "");
      const entry = entries.get(id);
      if (entry !== undefined) {
        if (column(entry, 0) >= generation) return;
        forget(id);
      }
      // Also where nothing is held here: whoever shared it may be gone.
      void shared.dropBefore({ id, generation });
    },
    ids: () => [...entries.keys()],
    get size() {
      return entries.size;
    },
  };
}
