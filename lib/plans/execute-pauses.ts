import type { Change, ChangeFeed } from "#lib/db/changes.ts";

/** The pauses of the plans in this process's hands: a kill switch does not wait for one to end. */
export type Pauses = {
  /** Pauses that end early where a grant changes, or something with one of these ids, or all end. */
  about(ids: ReadonlySet<string>): (ms: number) => Promise<void>;
  /** How many there are now. */
  count(): number;
  /** Ends those that are, and each later one at once. */
  end(): void;
};

export function createPauses(changes: ChangeFeed): Pauses {
  const sleepers = new Set<{ ids: ReadonlySet<string>; wake(): void }>();
  let unfollow: (() => void) | null = null;
  let hasEnded = false;

  function wakeWhom(change: Change | "all"): void {
    for (const { ids, wake } of sleepers) if (concerns(change, ids)) wake();
  }

  function pause(ids: ReadonlySet<string>, ms: number): Promise<void> {
    if (hasEnded) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timeout);
        sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { ids, wake };
      const timeout = setTimeout(wake, ms);
      sleepers.add(sleeper);
    });
  }

  return {
    about(ids) {
      // Who never applies a plan follows nothing.
      if (!hasEnded) unfollow ??= changes.subscribe(wakeWhom);
      return (ms) => pause(ids, ms);
    },
    count: () => sleepers.size,
    end() {
      hasEnded = true;
      for (const { wake } of sleepers) wake();
      unfollow?.();
    },
  };
}

const concerns = (change: Change | "all", ids: ReadonlySet<string>): boolean =>
  change === "all" || change.kind === "grant" || ids.has(change.id);
