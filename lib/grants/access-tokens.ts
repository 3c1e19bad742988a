import type { Clock } from "#lib/core/clock.ts";
import type { Secret } from "#lib/core/secret.ts";

/** Which authorization a token is from: a grant keeps its id over a reconnect, not its generation. */
export type TokenKey = { id: string; generation: number };

/** An access token with the time, on the monotonic clock, after which it is not used (RF-9). */
type HeldToken = { generation: number; token: Secret; expiresAtMs: number };

/**
 * Access tokens, in this process's memory and nowhere else (VA-9). One is given only for the
 * generation it came with: after a reconnect, as another person say, the one before is not there.
 * Bounded in number: the ones that end first make room. A token past its time is gone.
 */
export type AccessTokens = {
  /** Keeps a token; one of an older generation than what is held is dropped. */
  put(key: TokenKey, token: Secret, lifetimeMs: number): void;
  get(key: TokenKey): Secret | null;
  /** Forgets whatever is held for a grant. */
  drop(grantId: string): void;
  readonly size: number;
};

export function createAccessTokens(clock: Clock, maxTokens = 10_000): AccessTokens {
  const held = new Map<string, HeldToken>();
  const sweep = () => {
    const now = clock.monotonicMs();
    for (const [id, { expiresAtMs }] of held) if (expiresAtMs <= now) held.delete(id);
    if (held.size < maxTokens) return;
    const [soonest] = [...held].sort(([, a], [, b]) => a.expiresAtMs - b.expiresAtMs);
    if (soonest) held.delete(soonest[0]);
  };
  return {
    put({ id, generation }, token, lifetimeMs) {
      if ((held.get(id)?.generation ?? 0) > generation) return;
      held.delete(id);
      if (held.size >= maxTokens) sweep();
      held.set(id, { generation, token, expiresAtMs: clock.monotonicMs() + lifetimeMs });
    },
    get({ id, generation }) {
      const found = held.get(id);
      if (!found) return null;
      if (found.expiresAtMs <= clock.monotonicMs()) {
        held.delete(id);
        return null;
      }
      return found.generation === generation ? found.token : null;
    },
    drop: (grantId) => void held.delete(grantId),
    get size() {
      return held.size;
    },
  };
}
