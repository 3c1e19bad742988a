import type { TimelineEntryJson } from "#lib/audit/schema.ts";

/** An event of a connection, as it is read for its timeline. */
export type TimelineEvent = {
  id: string;
  at: Date;
  action: string;
  result: string;
  /** Of the person or agent; null where the studio did it, or they are gone. */
  actorName: string | null;
  detail: Record<string, unknown>;
  isNotable: boolean;
};

/**
 * A timeline of few lines from many events. What the machinery repeats between two things that somebody
 * did stands as one line each, with how often and since when.
 *
 * @param events - the newest first
 * @param countedTo - id of the event beyond which the repeated ones were not looked at; null: all were
 */
export function groupEvents(
  events: readonly TimelineEvent[],
  countedTo: string | null,
): TimelineEntryJson[] {
  const entries: TimelineEntryJson[] = [];
  let run = new Map<string, TimelineEntryJson>();
  for (const event of events) {
    const { action, result, detail, isNotable } = event;
    const key = [action, result, detail.reason, detail.isRaw].join(" ");
    const group = isNotable ? undefined : run.get(key);
    if (isNotable) run = new Map();
    if (group) {
      group.count += 1;
      group.firstAt = event.at.toISOString();
      if (group.actorName !== event.actorName) group.actorName = null;
    } else {
      const entry = entryOf(event);
      entries.push(entry);
      if (!isNotable) run.set(key, entry);
    }
    if (event.id === countedTo) {
      for (const counted of run.values()) counted.isAtLeast = true;
      run = new Map();
    }
  }
  return entries;
}

function entryOf({ isNotable: _, at, ...event }: TimelineEvent): TimelineEntryJson {
  return { ...event, at: at.toISOString(), firstAt: at.toISOString(), count: 1, isAtLeast: false };
}
