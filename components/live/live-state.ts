import type { LiveNews } from "#components/live/live-source.ts";
import type { LiveChanges } from "#lib/live/schema.ts";

/** While changes are told, a view asks by itself only this often: nothing is lost for long. */
const SELDOM_MS = 120_000;

let isLive = false;
export const stateListeners = new Set<() => void>();
export const changeListeners = new Set<(changes: LiveChanges) => void>();

/** For `LiveUpdates`, which hears them. */
export function publish(news: LiveNews): void {
  if ("changes" in news) for (const listener of changeListeners) listener(news.changes);
  else if (news.isLive !== isLive) {
    isLive = news.isLive;
    for (const listener of stateListeners) listener();
  }
}

/** How often a view asks by itself: seldom while it is told, else as often as it says. */
export const pollEvery = (ms: number) => () => (isLive ? Math.max(ms, SELDOM_MS) : ms);

export const isLiveNow = () => isLive;
