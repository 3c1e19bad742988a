import type { Clock } from "#lib/core/clock.ts";
import type { Secret } from "#lib/core/secret.ts";

/** An access token with the time, on the monotonic clock, after which it is not used (RF-9). */
type HeldToken = { token: Secret; expiresAtMs: number };

/**
 * Access tokens, in this process's memory and nowhere else (VA-9). Bounded in number: the ones that
 * end first make room. A token past its time is gone.
 */
export type AccessTokens = {
  put(grantId: string, token: Secret, lifetimeMs: number): void;
  get(grantId: string): Secret | null;
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
    put(grantId, token, lifetimeMs) {
      held.delete(grantId);
      if (held.size >= maxTokens) sweep();
      held.set(grantId, { token, expiresAtMs: clock.monotonicMs() + lifetimeMs });
    },
    get(grantId) {
      const found = held.get(grantId);
      if (!found) return null;
      if (found.expiresAtMs > clock.monotonicMs()) return found.token;
      held.delete(grantId);
      return null;
    },
    drop: (grantId) => void held.delete(grantId),
    get size() {
      return held.size;
    },
  };
}
