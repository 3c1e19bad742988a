import type { Change, ChangeFeed } from "#lib/db/changes.ts";

/** What a value was made of: with a change of any of it, it is forgotten. */
export type Source = Pick<Change, "kind" | "id">;

/** Things read from the database, kept for as long as nothing they are made of is known to change. */
export type Remembered<Value> = {
  /** What is kept, where memory may be believed right now; otherwise undefined. */
  peek(feed: ChangeFeed, key: string): Value | undefined;
  /**
   * What is kept, or else what `read` gives; null is not kept.
   *
   * @throws {Error} the database does not answer: nothing of memory is used (BRK-11)
   */
  get(feed: ChangeFeed, key: string, read: () => Promise<Value | null>): Promise<Value | null>;
};

type Kept<Value> = { value: Value; sources: readonly string[]; readAt: number };

/** A read under way, and how many changes were known when it began. */
type Reading<Value> = { readAt: number; value: Promise<Value | null> };

/** Of how many single changes is known when they were; beyond them everything counts as changed. */
const MAX_CHANGES = 20_000;

/**
 * Memory of at most `max` values; the oldest make room. A change costs nothing however much is kept: what
 * changed is noted, and compared when a value is asked for.
 *
 * @param sourcesOf - all that the value was made of
 */
export function createRemembered<Value>(options: {
  max: number;
  kinds: readonly Change["kind"][];
  sourcesOf(value: Value): readonly Source[];
}): Remembered<Value> {
  const { max, sourcesOf } = options;
  const kinds: ReadonlySet<string> = new Set(options.kinds);
  const kept = new Map<string, Kept<Value>>();
  const readings = new Map<string, Reading<Value>>();
  const changedAt = new Map<string, number>();
  let changes = 0;
  let cleared = 0;
  let followed: ChangeFeed | null = null;
  let unfollow = () => {};

  function forget(change: Change | "all"): void {
    changes += 1;
    if (change === "all" || changedAt.size >= MAX_CHANGES) {
      cleared += 1;
      kept.clear();
      changedAt.clear();
    }
    if (change !== "all" && kinds.has(change.kind)) {
      changedAt.set(`${change.kind}:${change.id}`, changes);
    }
  }
  // The feed may be set after this was made.
  function follow(feed: ChangeFeed): void {
    if (feed === followed) return;
    unfollow();
    followed = feed;
    forget("all");
    unfollow = feed.subscribe(forget);
  }
  function look(key: string): Value | undefined {
    const found = kept.get(key);
    if (found === undefined) return undefined;
    for (const source of found.sources) {
      if ((changedAt.get(source) ?? 0) > found.readAt) {
        kept.delete(key);
        return undefined;
      }
    }
    return found.value;
  }
  function keep(key: string, value: Value, readAt: number): void {
    const [oldest] = kept.size >= max ? kept.keys() : [];
    if (oldest !== undefined) kept.delete(oldest);
    const sources = sourcesOf(value).map(({ kind, id }) => `${kind}:${id}`);
    kept.set(key, { value, sources, readAt });
  }

  /** One read for all who ask meanwhile: a thousand callers of one thing ask the database once. */
  function readOnce(key: string, read: () => Promise<Value | null>): Reading<Value> {
    const [readAt, clearings] = [changes, cleared];
    const reading = {
      readAt,
      value: read()
        .then((value) => {
          // What changed while it was read is seen when it is asked for; not so after a clearing.
          if (value !== null && cleared === clearings) keep(key, value, readAt);
          return value;
        })
        .finally(() => {
          if (readings.get(key) === reading) readings.delete(key);
        }),
    };
    readings.set(key, reading);
    return reading;
  }

  return {
    peek(feed, key) {
      follow(feed);
      return feed.isCurrent() ? look(key) : undefined;
    },
    async get(feed, key, read) {
      follow(feed);
      const isBelieved = kept.has(key) && (feed.isCurrent() || (await feed.current()));
      const found = isBelieved ? look(key) : undefined;
      if (found !== undefined) return found;
      const under = feed.isCurrent() ? readings.get(key) : undefined;
      const value = await (under ?? readOnce(key, read)).value;
      // Whoever joined a read that a change overtook reads for themselves.
      return under && changes > under.readAt ? readOnce(key, read).value : value;
    },
  };
}
