/** What is kept for a while: `rank` says which of two is the later, whenever they arrive. */
export type Kept = { bytes: Uint8Array; rank: number };

/** `remainingMs`: how long it is kept still, by the store's own clock (RF-9). */
export type Found = Kept & { remainingMs: number };

/** A count's sum in its window, and how long the window still lasts. */
export type Total = { total: number; remainingMs: number };

/**
 * Bytes and counts that live for a while and are on no disk, shared by all instances where `isShared`.
 * Bytes are sealed by whoever puts them; names are not readable in the store.
 *
 * A store that is away holds nothing: no method throws, and none takes much longer than a tenth of a second.
 */
export type VolatileStore = {
  readonly isShared: boolean;
  get(name: string): Promise<Found | null>;
  /**
   * Keeps bytes, unless some of a higher rank are kept under this name.
   *
   * @returns false where they are not kept
   */
  put(name: string, kept: Kept, lifetimeMs: number): Promise<boolean>;
  /** Forgets what is kept under this name, or only what ranks below. */
  delete(name: string, belowRank?: number): Promise<void>;
  /**
   * Counts each of these up; a window begins with its first count.
   *
   * @returns the sums in the order asked, or null: nothing was counted, or not for certain
   */
  add(
    counts: readonly { name: string; by: number; windowMs: number }[],
  ): Promise<readonly Total[] | null>;
  close(): Promise<void>;
};
