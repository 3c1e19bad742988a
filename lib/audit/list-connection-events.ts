import { groupEvents } from "#lib/audit/group-events.ts";
import type { ConnectionTimeline } from "#lib/audit/schema.ts";
import { timelineRows } from "#lib/audit/timeline-repository.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { reachOf } from "#lib/policy/role-matrix.ts";

/** How far back leases and refreshes are counted, in events. */
const COUNTED = 1_000;
const NOTABLE = 40;
const LINES = 30;

/**
 * The timeline of one connection of the principal's team, newest first: what somebody did, and leases and
 * refreshes counted between. Costs the same after a hundred leases and after a million. A teammate's leases
 * and refreshes are theirs and the admins' to see, as in Activity.
 */
export async function listConnectionEvents(
  deps: { db: Database },
  principal: Principal,
  connectionId: string,
): Promise<ConnectionTimeline> {
  const rows = await timelineRows(deps.db, principal, {
    connectionId,
    seesAll: reachOf(principal, "audit.read") === "any",
    counted: COUNTED,
    notable: NOTABLE,
  });
  const edge = rows.findIndex(({ isEdge }) => isEdge);
  const countedTo = rows.slice(0, edge + 1).findLast(({ isShown }) => isShown)?.id ?? null;
  const shown = rows.filter(({ isShown }) => isShown);
  return {
    items: groupEvents(
      shown.map(({ isShown: _, isEdge: __, ...event }) => event),
      countedTo,
    ).slice(0, LINES),
  };
}
