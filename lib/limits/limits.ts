import type { Clock } from "#lib/core/clock.ts";
import type { VolatileStore } from "#lib/volatile/volatile-store.ts";

/**
 * At most `limit` in each window of this length; a window begins with its first.
 *
 * @property count - counted at once, 1 where it is left out; with 0 it is only looked whether there is room
 */
export type Limit = { key: string; limit: number; windowSeconds: number; count?: number };

export type LimitDecision = { allowed: true } | { allowed: false; retryAfterSeconds: number };

/** Counts what is asked for, and says when it is too much (BRK-10). */
export type Limits = {
  /** Counts for all of these, or for none where one of them is reached. Asks nobody: it costs nothing. */
  take(limits: readonly Limit[]): LimitDecision;
  stop(): Promise<void>;
};

/** `total`: what the store said last; `unsent`: what was counted here since. */
type Window = { total: number; unsent: number; endsAtMs: number };

const SHARE_EVERY_MS = 100;
/** Of a limit that is used up so far by what nobody else knows of, the others are told at once. */
const SHARE_AT_ONCE_FROM = 0.1;
const DEFAULT_MAX_WINDOWS = 100_000;
/** So many of the oldest are looked at for one that has ended, before the oldest makes room. */
const LOOKED_AT_FOR_ROOM = 8;

/**
 * Limits by counts in memory. Where instances share a store, every tenth of a second, or sooner where a
 * limit fills up quickly, the counts are added there and what all counted comes back: over all instances
 * about a tenth of a limit may be granted too much for each of them, not more. Alone, or while the store is
 * away, each instance counts by itself.
 *
 * @param options.factor - multiplies every limit
 */
export function createLimits(options: {
  clock: Clock;
  store: VolatileStore;
  factor?: number;
  maxWindows?: number;
}): Limits {
  const { clock, store, factor = 1, maxWindows = DEFAULT_MAX_WINDOWS } = options;
  const windows = new Map<string, Window>();
  /** Which windows have counts that the store does not know. */
  const unshared = new Map<string, { window: Window; windowMs: number }>();
  let timer: NodeJS.Timeout | null = null;
  let sharing: Promise<void> | null = null;
  let isStopped = false;

  function windowOf({ key, windowSeconds }: Limit, now: number): Window {
    const found = windows.get(key);
    if (found && found.endsAtMs > now) return found;
    windows.delete(key); // the newest comes last
    if (windows.size >= maxWindows) makeRoom(now);
    const window = { total: 0, unsent: 0, endsAtMs: now + windowSeconds * 1_000 };
    windows.set(key, window);
    return window;
  }

  function makeRoom(now: number): void {
    let oldest: string | undefined;
    let looked = 0;
    for (const [key, { endsAtMs }] of windows) {
      oldest ??= key;
      if (endsAtMs <= now) return void windows.delete(key);
      if (++looked >= LOOKED_AT_FOR_ROOM) break;
    }
    if (oldest !== undefined) windows.delete(oldest);
  }

  function take(limits: readonly Limit[]): LimitDecision {
    const now = clock.monotonicMs();
    const windows: Window[] = [];
    let waitMs = 0;
    for (const limit of limits) {
      const window = windowOf(limit, now);
      const { total, unsent, endsAtMs } = window;
      if (total + unsent >= limit.limit * factor) waitMs = Math.max(waitMs, endsAtMs - now);
      windows.push(window);
    }
    if (waitMs > 0) return { allowed: false, retryAfterSeconds: Math.ceil(waitMs / 1_000) };
    for (const [at, window] of windows.entries()) {
      const limit = limits[at] as Limit;
      const { count = 1 } = limit;
      if (count === 0) continue;
      window.unsent += count;
      if (store.isShared) tell(limit, window);
      else fold(window, count);
    }
    return { allowed: true };
  }

  /** Counted here, and nowhere else. */
  function fold(window: Window, count: number): void {
    window.total += count;
    window.unsent -= count;
  }

  function tell({ key, limit, windowSeconds }: Limit, window: Window): void {
    unshared.set(key, { window, windowMs: windowSeconds * 1_000 });
    const isUrgent = window.unsent >= limit * factor * SHARE_AT_ONCE_FROM;
    if (isUrgent && !sharing) sharing = share();
    if (timer || isStopped) return;
    timer = setTimeout(() => {
      timer = null;
      sharing ??= share();
    }, SHARE_EVERY_MS);
    timer.unref();
  }

  async function share(): Promise<void> {
    const told = [...unshared].map(([name, { window, windowMs }]) => {
      return { name: `limit:${name}`, by: window.unsent, windowMs, window };
    });
    unshared.clear();
    const totals = await store.add(told);
    const now = clock.monotonicMs();
    for (const [at, { window, by }] of told.entries()) {
      const answer = totals?.[at];
      fold(window, by);
      if (!answer) continue;
      window.total = answer.total;
      window.endsAtMs = now + answer.remainingMs;
    }
    sharing = null;
  }

  return {
    take,
    async stop() {
      isStopped = true;
      if (timer) clearTimeout(timer);
      timer = null;
      await sharing;
    },
  };
}
