import type { AuditAction } from "#lib/audit/actions.ts";
import type { Database } from "#lib/db/client.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** What counts as touching a grant: its secret opened, lent, renewed or proven. */
const touchingActions = [
  "secret.opened",
  "lease.issued",
  "grant.refresh_begun",
  "grant.refreshed",
  "grant.connected",
  "grant.reconnected",
  "grant.tested",
] as const satisfies readonly AuditAction[];

export type Touch = {
  teamId: string;
  connectionId: string;
  /** Whose grant; null for what is the connection's own, as an app's secret is. */
  ownerId: string | null;
  /** Null where it is gone by now. */
  grantId: string | null;
  action: (typeof touchingActions)[number];
  /** Why a secret was opened. */
  purpose: string | null;
  actorKind: string;
  /** A person or an agent; null for the studio itself. */
  actorId: string | null;
  /** The agent's key, where one was used. */
  keyId: string | null;
  times: number;
  firstAt: Date;
  lastAt: Date;
};

/** Who touched which grants in a window, from the trail, in one query (OPS-5). Of every team, or of one. */
export function listTouches(
  db: Database,
  window: { since: Date; until: Date; teamId: string | null },
): Promise<Touch[]> {
  const ofTeam =
    window.teamId === null ? Prisma.empty : Prisma.sql`and e.team_id = ${window.teamId}::uuid`;
  return db.$queryRaw<Touch[]>`
    with touched as (
      select e.team_id, e.connection_id, e.action, e.actor_kind, e.actor_id, e.at,
        e.detail ->> 'purpose' as purpose, e.detail ->> 'keyId' as key_id,
        case when e.target_kind = 'grant' then e.target_id end as grant_id,
        case when e.target_kind = 'connection' then null
          else coalesce(e.on_behalf_of, case when e.actor_kind = 'user' then e.actor_id end)
        end as owner_id
      from audit_events e
      where e.at >= ${window.since} and e.at < ${window.until}
        and e.action = any(${[...touchingActions]}) and e.connection_id is not null ${ofTeam}
    )
    select t.team_id as "teamId", t.connection_id as "connectionId", t.owner_id as "ownerId",
      coalesce(t.grant_id, g.id) as "grantId", t.action, t.purpose, t.actor_kind as "actorKind",
      t.actor_id as "actorId", t.key_id as "keyId", count(*)::int as times,
      min(t.at) as "firstAt", max(t.at) as "lastAt"
    from touched t
    left join grants g on g.connection_id = t.connection_id and g.user_id = t.owner_id
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    order by 1, 2, 3, 4, min(t.at)`;
}
