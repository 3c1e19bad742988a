/** Things of one kind in one business unit: founded when first looked at, then changed. */
export type Shelf<T> = {
  /** In the order of founding, what came later at the end. */
  all(): readonly T[];
  get(key: string): T | undefined;
  count(): number;
  put(one: T): void;
  remove(key: string): void;
};

/** What differs from the seed, by key; null is gone. */
export type Changes<T> = Map<string, T | null>;

/**
 * @param found - called once, at the first look
 * @param changes - what was changed before; kept up to date, so that whoever gave it can save it
 */
export function createShelf<T>(
  keyOf: (one: T) => string,
  found: () => readonly T[],
  changes: Changes<T>,
): Shelf<T> {
  let held: Map<string, T> | undefined;
  const items = (): Map<string, T> => {
    if (held) return held;
    held = new Map(found().map((one) => [keyOf(one), one]));
    for (const [key, one] of changes) {
      if (one === null) held.delete(key);
      else held.set(key, one);
    }
    return held;
  };
  return {
    all: () => [...items().values()],
    get: (key) => items().get(key),
    count: () => items().size,
    put(one) {
      const key = keyOf(one);
      items().set(key, one);
      changes.set(key, one);
    },
    remove(key) {
      if (items().delete(key)) changes.set(key, null);
    },
  };
}
