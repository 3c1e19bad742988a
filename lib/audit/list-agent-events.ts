import type { AuditAction } from "#lib/audit/actions.ts";
import type { AgentEventJson } from "#lib/audit/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";

/** What is done to agents: few beside what they do themselves, and found by their names. */
const aboutAgents: readonly AuditAction[] = [
  "agent.created",
  "agent.edited",
  "agent.disabled",
  "agent.enabled",
  "agent.writes_allowed",
  "agent.writes_ended",
  "agent.paused",
  "agent.resumed",
  "agent.new_network",
  "agent.networks_known",
  "agent_key.made",
  "agent_key.revoked",
  "agent_key.ended_unused",
  "standing_approval.made",
  "standing_approval.revoked",
  "connection_request.raised",
  "connection_request.answered",
  "connection_request.declined",
  "connection_request.expired",
];

type Row = {
  id: string;
  at: Date;
  action: string;
  result: string;
  actorName: string | null;
  detail: Record<string, unknown>;
  connectionId: string | null;
  connectionName: string | null;
};

/**
 * The newest events that an agent of the principal's team made or that are about it, newest first. Whether
 * the principal may see the agent was decided by who found it.
 */
export async function listAgentEvents(
  deps: { db: Database },
  principal: Pick<Principal, "teamId">,
  agentId: string,
  limit: number,
): Promise<AgentEventJson[]> {
  const { teamId } = principal;
  const rows = await deps.db.$queryRaw<Row[]>`
    with found as (
      (select * from audit_events where team_id = ${teamId}::uuid and actor_id = ${agentId}::uuid
       order by sequence desc limit ${limit})
      union
      (select * from audit_events where team_id = ${teamId}::uuid and action = any(${aboutAgents})
         and target_kind = 'agent' and target_id = ${agentId}::uuid
       order by sequence desc limit ${limit}))
    select e.id, e.at, e.action, e.result, u.name as "actorName", e.detail,
      e.connection_id as "connectionId", c.name as "connectionName"
    from found e left join users u on u.id = e.actor_id
    left join connections c on c.id = e.connection_id and c.team_id = e.team_id
    order by e.sequence desc limit ${limit}`;
  return rows.map(({ at, connectionId, connectionName, ...row }) => ({
    ...row,
    at: at.toISOString(),
    connection: connectionId === null ? null : { id: connectionId, name: connectionName },
  }));
}
