import { LRUCache } from "lru-cache";
import type { Clock } from "#lib/core/clock.ts";
import type { Logger } from "#lib/core/log.ts";
import type { HotPool } from "#lib/db/hot-pool.ts";

const everyMs = 60_000;
const mostGrants = 50_000;
const noted = new WeakMap<HotPool, LRUCache<string, number>>();

/** Notes in the background that a grant was used; at most once a minute for each. */
export function noteGrantUse(
  deps: { hotPool: HotPool; clock: Clock; log: Logger },
  grant: { id: string; teamId: string },
): void {
  let last = noted.get(deps.hotPool);
  if (!last) {
    last = new LRUCache({ max: mostGrants });
    noted.set(deps.hotPool, last);
  }
  const nowMs = deps.clock.monotonicMs();
  if (nowMs - (last.get(grant.id) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
  last.set(grant.id, nowMs);
  deps.hotPool
    .query(
      `update grants set last_used_at = greatest(last_used_at, $3)
       where id = $1 and team_id = $2 and state = 'active'`,
      [grant.id, grant.teamId, deps.clock.now()],
    )
    .catch((error: unknown) => deps.log.warn("a grant's last use was not noted", { error }));
}
