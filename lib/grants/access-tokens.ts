import type { Clock } from "#lib/core/clock.ts";
import type { Secret } from "#lib/core/secret.ts";

/** Which authorization a token is from: a grant keeps its id over a reconnect, not its generation. */
export type TokenKey = { id: string; generation: number };

/** A token of an authorization: `version` counts a grant's tokens and never goes back. */
export type TokenVersion = TokenKey & { version: number };

/** `expiresAtMs`: when it is used no more, on this process's monotonic clock (RF-9). */
export type HeldToken = { token: Secret; version: number; expiresAtMs: number };

/**
 * Access tokens, in this process's memory and nowhere else (VA-9). One is given only for the
 * generation it came with: after a reconnect, as another person say, the one before is not there.
 * Bounded in number: the ones that end first make room. A token past its time is gone.
 */
export type AccessTokens = {
  /** Keeps a token, unless one of a later version is held. */
  put(of: TokenVersion, token: Secret, lifetimeMs: number): void;
  /** The token that this process holds. */
  get(key: TokenKey): HeldToken | null;
  /** The same, or the one that another instance shares. */
  find(key: TokenKey): Promise<HeldToken | null>;
  /** Forgets whatever is held for a grant. */
  drop(grantId: string): void;
  /** Forgets what is held of generations before this one. */
  dropBefore(key: TokenKey): void;
  /** The grants that this process holds a token of. */
  ids(): string[];
  readonly size: number;
};

export function createAccessTokens(clock: Clock, maxTokens = 10_000): AccessTokens {
  const held = new Map<string, HeldToken & { generation: number }>();
  const sweep = () => {
    const now = clock.monotonicMs();
    for (const [id, { expiresAtMs }] of held) if (expiresAtMs <= now) held.delete(id);
    if (held.size < maxTokens) return;
    const [soonest] = [...held].sort(([, a], [, b]) => a.expiresAtMs - b.expiresAtMs);
    if (soonest) held.delete(soonest[0]);
  };
  const get: AccessTokens["get"] = ({ id, generation }) => {
    const found = held.get(id);
    if (!found) return null;
    if (found.expiresAtMs <= clock.monotonicMs()) {
      held.delete(id);
      return null;
    }
    const { token, version, expiresAtMs } = found;
    return found.generation === generation ? { token, version, expiresAtMs } : null;
  };
  return {
    put({ id, generation, version }, token, lifetimeMs) {
      const before = held.get(id);
      if (before && (before.generation > generation || before.version > version)) return;
      held.delete(id);
      if (held.size >= maxTokens) sweep();
      const expiresAtMs = clock.monotonicMs() + lifetimeMs;
      held.set(id, { generation, version, token, expiresAtMs });
    },
    get,
    find: async (key) => get(key),
    drop: (grantId) => void held.delete(grantId),
    dropBefore({ id, generation }) {
      if ((held.get(id)?.generation ?? generation) < generation) held.delete(id);
    },
    ids: () => [...held.keys()],
    get size() {
      return held.size;
    },
  };
}
