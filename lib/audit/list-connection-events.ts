import type { ConnectionEventJson } from "#lib/audit/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";

type Row = {
  id: string;
  at: Date;
  action: string;
  result: string;
  actor_name: string | null;
  detail: Record<string, unknown>;
};

/** Steps of the machinery that a person did not ask about. */
const unshown = ["flow.begun", "flow.claimed", "secret.opened"];

/** The newest events of one connection of the principal's team, newest first. */
export async function listConnectionEvents(
  deps: { db: Database },
  principal: Principal,
  connectionId: string,
  limit: number,
): Promise<ConnectionEventJson[]> {
  const rows = await deps.db.$queryRaw<Row[]>`
    select e.id, e.at, e.action, e.result, coalesce(u.name, a.name) as actor_name, e.detail
    from audit_events e left join users u on u.id = e.actor_id
    left join agents a on e.actor_kind = 'agent' and a.id = e.actor_id and a.team_id = e.team_id
    where e.connection_id = ${connectionId}::uuid and e.team_id = ${principal.teamId}::uuid
      and not e.action = any(${unshown})
    order by e.sequence desc limit ${limit}`;
  return rows.map(({ actor_name, at, ...row }) => ({
    ...row,
    at: at.toISOString(),
    actorName: actor_name,
  }));
}
