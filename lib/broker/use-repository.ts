import { LRUCache } from "lru-cache";
import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import { createGroupCommit, type GroupCommit } from "#lib/db/group-commit.ts";
import type { HotPool } from "#lib/db/hot-pool.ts";

const everyMs = 60_000;
const mostGrants = 50_000;
type GrantUse = { id: string; teamId: string; at: Date };
type Notes = { lastMs: LRUCache<string, number>; group: GroupCommit<GrantUse, null> };
const notesOf = new WeakMap<HotPool, Notes>();

// A row that somebody changes just now is passed over: the next use tells again.
const note = `
  with used as (select * from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as u(id, team_id, at)),
  free as (
    select g.id from grants g join used u on u.id = g.id and u.team_id = g.team_id
    where g.state = 'active' order by g.id for no key update of g skip locked)
  update grants g set last_used_at = greatest(g.last_used_at, used.at)
  from used join free on free.id = used.id where g.id = used.id`;

function openNotes(pool: HotPool): Notes {
  const group = createGroupCommit<GrantUse, null>({
    pool,
    async write(sql, uses) {
      const latest = [...new Map(uses.map((use) => [use.id, use])).values()];
      await sql.query(note, [
        latest.map(({ id }) => id),
        latest.map(({ teamId }) => teamId),
        latest.map(({ at }) => at.toISOString()),
      ]);
      return uses.map(() => null);
    },
  });
  const notes = { group, lastMs: new LRUCache<string, number>({ max: mostGrants }) };
  notesOf.set(pool, notes);
  return notes;
}

/**
 * Notes in the background that a grant was used; at most once a minute for each, together with others that
 * are told of meanwhile.
 */
export function noteGrantUse(
  deps: { hotPool: HotPool; clock: Clock; log: Logger },
  { id, teamId }: { id: string; teamId: string },
): void {
  const { lastMs, group } = notesOf.get(deps.hotPool) ?? openNotes(deps.hotPool);
  const nowMs = deps.clock.monotonicMs();
  if (nowMs - (lastMs.get(id) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
  lastMs.set(id, nowMs);
  group
    .add({ id, teamId, at: deps.clock.now() })
    .catch((error: unknown) => deps.log.warn("a grant's last use was not noted", { error }));
}
