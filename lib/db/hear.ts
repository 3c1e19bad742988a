import type { Change, ChangeFeed } from "#lib/db/changes.ts";

/** A change that was not heard costs no more than this. */
const LOOK_AGAIN_MS = 5_000;

/** Waits for changes of one thing; what comes between two waits counts for the next. */
export type Ear = {
  /** Resolves with the next change that concerns it, after some seconds without one, or when aborted. */
  next(ended: AbortSignal): Promise<void>;
  stop(): void;
};

/** Begins to listen: take it before the first look, so that what is committed after that is heard. */
export function hear(changes: ChangeFeed, concerns: (change: Change | "all") => boolean): Ear {
  let hasHeard = false;
  let wake = () => {};
  const unsubscribe = changes.subscribe((change) => {
    if (!concerns(change)) return;
    hasHeard = true;
    wake();
  });
  return {
    async next(ended) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, LOOK_AGAIN_MS);
        wake = () => {
          clearTimeout(timer);
          ended.removeEventListener("abort", wake);
          resolve();
        };
        ended.addEventListener("abort", wake);
        if (hasHeard || ended.aborted) wake();
      });
      ended.removeEventListener("abort", wake);
      wake = () => {};
      hasHeard = false;
    },
    stop: unsubscribe,
  };
}
