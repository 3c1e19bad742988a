import { appendEvents, type TrailDeps } from "#lib/audit/append-events.ts";
import type { EventContent } from "#lib/audit/chain.ts";
import { type AuditEntry, eventOf } from "#lib/audit/record-event.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Metrics } from "#lib/core/metrics.ts";
import { createGroupCommit, type GroupCommit } from "#lib/db/group-commit.ts";
import type { HotPool } from "#lib/db/hot-pool.ts";

export type WriteEventDeps = TrailDeps & { hotPool: HotPool; random: Random; metrics: Metrics };

const groups = new WeakMap<HotPool, GroupCommit<EventContent, null>>();

function groupOf(deps: WriteEventDeps): GroupCommit<EventContent, null> {
  const held = groups.get(deps.hotPool);
  if (held) return held;
  const { hotPool, clock, chainKey } = deps;
  const group = createGroupCommit<EventContent, null>({
    pool: hotPool,
    onGroup: (items) =>
      deps.metrics.observe("studio_group_commit_items", { group: "proxy" }, items),
    async write(sql, contents) {
      await appendEvents(sql, { clock, chainKey }, contents);
      return contents.map(() => null);
    },
  });
  groups.set(hotPool, group);
  return group;
}

/**
 * Records an event of a call, together with others that come at the same time. Resolves once it is
 * committed: what it announces may happen then, and not before (AUD-2).
 *
 * @throws whatever the database said: the event is not there
 */
export async function writeEvent(deps: WriteEventDeps, entry: AuditEntry): Promise<void> {
  await groupOf(deps).add(eventOf(deps, entry));
}

/** Resolves when every event told so far is written, or given up. */
export const eventsWritten = ({ hotPool }: { hotPool: HotPool }): Promise<void> =>
  groups.get(hotPool)?.idle() ?? Promise.resolve();
