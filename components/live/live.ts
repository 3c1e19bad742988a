import { useEffect, useRef, useSyncExternalStore } from "react";
import type { LiveNews } from "#components/live/live-source.ts";
import type { LiveChanges, LiveKind } from "#lib/live/schema.ts";

/** While changes are told, a view asks by itself only this often: nothing is lost for long. */
const SELDOM_MS = 120_000;

let isLive = false;
const stateListeners = new Set<() => void>();
const changeListeners = new Set<(changes: LiveChanges) => void>();

/** For `LiveUpdates`, which hears them. */
export function publish(news: LiveNews): void {
  if ("changes" in news) for (const listener of changeListeners) listener(news.changes);
  else if (news.isLive !== isLive) {
    isLive = news.isLive;
    for (const listener of stateListeners) listener();
  }
}

/** Whether this page is told of changes as they happen; else it has to ask. */
export const useIsLive = () =>
  useSyncExternalStore(
    (listener) => {
      stateListeners.add(listener);
      return () => void stateListeners.delete(listener);
    },
    () => isLive,
    () => false,
  );

/** How often a view asks by itself: seldom while it is told, else as often as it says. */
export const pollEvery = (ms: number) => () => (isLive ? Math.max(ms, SELDOM_MS) : ms);

/** Calls with the ids of this kind that changed, or "all" where it may have missed some. */
export function useLiveChanges(
  kind: LiveKind,
  onChange: (ids: readonly string[] | "all") => void,
): void {
  const latest = useRef(onChange);
  useEffect(() => {
    latest.current = onChange;
  });
  useEffect(() => {
    const listener = (changes: LiveChanges) => {
      if (changes === "all") return latest.current("all");
      const ids = changes.filter((change) => change.kind === kind).map(({ id }) => id);
      if (ids.length > 0) latest.current(ids);
    };
    changeListeners.add(listener);
    return () => void changeListeners.delete(listener);
  }, [kind]);
}
