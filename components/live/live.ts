import { useEffect, useRef, useSyncExternalStore } from "react";
import { changeListeners, isLiveNow, stateListeners } from "#components/live/live-state.ts";
import type { LiveChanges, LiveKind } from "#lib/live/schema.ts";

/** Whether this page is told of changes as they happen; else it has to ask. */
export const useIsLive = () =>
  useSyncExternalStore(
    (listener) => {
      stateListeners.add(listener);
      return () => void stateListeners.delete(listener);
    },
    isLiveNow,
    () => false,
  );

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
