import type { AuditAction } from "#lib/audit/actions.ts";
import type { TimelineEvent } from "#lib/audit/group-events.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { Prisma } from "#prisma/generated/client.ts";

/**
 * Leaves out what the machinery does by the thousand, each time in the same way: an agent borrows a grant
 * and gives it back, a token is refreshed, a plan's step is sent. The text is that of the partial index over all other events
 * (`audit_events_notable`); as a parameter it would not find it.
 */
export const isNotable = Prisma.sql`(e.action <> all ('{lease.issued,secret.opened,grant.refresh_begun,grant.refreshed,plan.step_begun,plan.step_ended}'::text[])
  and (e.action <> 'lease.ended' or e.actor_kind <> 'agent'))`;

/** The same for one connection's timeline, which counts what comes by the hundred (`audit_events_connection_notable`). */
const isNotableThere = Prisma.sql`(e.action <> all ('{lease.issued,secret.opened,grant.refresh_begun,grant.refreshed,grant.refresh_failed,proxy.write,flow.begun,flow.claimed,plan.step_begun,plan.step_ended}'::text[])
  and (e.action <> 'lease.ended' or e.actor_kind <> 'agent'))`;

/** Steps of the machinery that a person did not ask about. */
const unshown: readonly AuditAction[] = [
  "flow.begun",
  "flow.claimed",
  "secret.opened",
  "grant.refresh_begun",
  "plan.step_begun",
];

/** Of a teammate's grant and agents: theirs to see, and an admin's. */
const personal: readonly AuditAction[] = [
  "lease.issued",
  "lease.ended",
  "proxy.write",
  "proxy.answer_stopped",
  "plan.step_ended",
  "plan.step_resolved",
  "grant.refreshed",
  "grant.refresh_failed",
];

export type TimelineRow = TimelineEvent & { isShown: boolean; isEdge: boolean };

/**
 * The newest `counted` events of a connection, and before those at most `notable` that somebody did; newest
 * first. Both are read by an index, however many leases lie between. `isEdge` marks the last of the counted
 * where there may be more; `isShown` what this person may see.
 */
export async function timelineRows(
  db: Database,
  principal: Pick<Principal, "teamId" | "userId">,
  of: TimelineOf,
): Promise<TimelineRow[]> {
  return db.$queryRaw<TimelineRow[]>(timelineSql(principal, of));
}

export type TimelineOf = {
  connectionId: string;
  seesAll: boolean;
  counted: number;
  notable: number;
};

export function timelineSql(
  { teamId, userId }: Pick<Principal, "teamId" | "userId">,
  of: TimelineOf,
): Prisma.Sql {
  // The team is asked for outside: with it here, the index over the whole team looks just as good.
  const there = Prisma.sql`e.connection_id = ${of.connectionId}::uuid`;
  const maySee = of.seesAll
    ? Prisma.sql`true`
    : Prisma.sql`(not e.action = any(${personal}) or e.actor_id = ${userId}::uuid
        or e.on_behalf_of = ${userId}::uuid)`;
  return Prisma.sql`
    with recent as materialized (
      select * from audit_events e where ${there} order by e.sequence desc limit ${of.counted}),
    edge as (select min(sequence) as sequence, count(*) = ${of.counted} as is_cut from recent),
    notable as materialized (
      select * from audit_events e where ${there} and ${isNotableThere}
      order by e.sequence desc limit ${of.notable})
    select e.id, e.at, e.action, e.result, coalesce(u.name, a.name) as "actorName", e.detail,
      ${isNotableThere} as "isNotable",
      edge.is_cut and e.sequence = edge.sequence as "isEdge",
      (${maySee} and not e.action = any(${unshown})
        and (e.action <> 'proxy.write' or e.result <> 'intent')) as "isShown"
    from (select * from recent
          union all
          select n.* from notable n, edge where n.sequence < edge.sequence) e
    cross join edge
    left join users u on e.actor_kind = 'user' and u.id = e.actor_id
    left join agents a on e.actor_kind = 'agent' and a.id = e.actor_id and a.team_id = e.team_id
    where e.team_id = ${teamId}::uuid
    order by e.sequence desc`;
}
