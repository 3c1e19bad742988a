import type { Principal } from "#lib/core/principal.ts";
import type { Change } from "#lib/db/changes.ts";
import type { Database } from "#lib/db/client.ts";
import type { LiveChange } from "#lib/live/schema.ts";
import { reachOf } from "#lib/policy/role-matrix.ts";

/** A change as pages are told of it, and who may be. */
export type HeardChange = LiveChange & { teamId: string; ownerId: string | null };

type Row = { kind: LiveChange["kind"]; id: string; team_id: string; owner_id: string | null };

/**
 * Whose each change is, in one round trip. What is nobody's any more, and what no page shows, is left out.
 * A grant's change is told as its connection's, which everybody in the team may see.
 */
export async function audienceOf(db: Database, changes: readonly Change[]): Promise<HeardChange[]> {
  const ids = (kind: Change["kind"]) =>
    changes.filter((change) => change.kind === kind && uuid.test(change.id)).map(({ id }) => id);
  const rows = await db.$queryRaw<Row[]>`
    select 'plan' as kind, id, team_id, owner_id from plans where id = any(${ids("plan")}::uuid[])
    union all
    select 'request', id, team_id, owner_id from connection_requests
    where id = any(${ids("request")}::uuid[])
    union all
    select 'agent', id, team_id, owner_id from agents where id = any(${ids("agent")}::uuid[])
    union all
    select 'calls', id, team_id, owner_id from agents where id = any(${ids("calls")}::uuid[])
    union all
    select 'connection', id, team_id, null from connections
    where id = any(${ids("connection")}::uuid[])
      or id in (select connection_id from grants where id = any(${ids("grant")}::uuid[]))`;
  return rows.map((row) => ({
    kind: row.kind,
    id: row.id,
    teamId: row.team_id,
    ownerId: row.owner_id,
  }));
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const readingOf = {
  plan: "plan.read",
  request: "connection_request.read",
  agent: "agent.read",
  calls: "agent.read",
  connection: "connection.read",
} as const;

/** May this person hear of it? Only of their own team's (TEN-2), and as far as their role reads. */
export function mayHear(
  principal: Pick<Principal, "userId" | "teamId" | "role">,
  change: HeardChange,
): boolean {
  if (change.teamId !== principal.teamId) return false;
  const reach = reachOf(principal, readingOf[change.kind]);
  return reach === "any" || (reach === "own" && change.ownerId === principal.userId);
}
