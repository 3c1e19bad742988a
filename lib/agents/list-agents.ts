import { listAgentsByIds, pageOfAgents } from "#lib/agents/repository.ts";
import type { AgentJson, AgentList, AgentQuery } from "#lib/agents/schema.ts";
import { toAgentJson } from "#lib/agents/serialize.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import { mayDo, reachOf } from "#lib/policy/role-matrix.ts";

type Deps = { db: DatabaseOrTransaction; clock: Clock };

/** One page of the agents that the principal may see: their own, and for admins the team's. */
export async function listAgents(
  deps: Deps,
  principal: Principal,
  query: AgentQuery,
): Promise<AgentList> {
  const seesAll = reachOf(principal, "agent.read") === "any";
  const { ids, total } = await pageOfAgents(deps.db, principal, {
    ownerId: seesAll ? null : principal.userId,
    q: query.q?.trim() || undefined,
    connectionId: query.connection,
    cursor: query.cursor,
    limit: query.limit + 1,
  });
  const shown = ids.slice(0, query.limit);
  const now = deps.clock.now();
  const agents = await listAgentsByIds(deps.db, principal, shown, now);
  return {
    items: agents.map((agent) => toAgentJson(principal, agent, now)),
    nextCursor: ids.length > query.limit ? (shown.at(-1) ?? null) : null,
    total,
  };
}

/**
 * One agent with its keys and connections.
 * @throws {NotFoundError} absent, another team's, or a teammate's and the principal is no admin
 */
export async function getAgent(
  deps: Deps,
  principal: Principal,
  agentId: string,
): Promise<AgentJson> {
  const now = deps.clock.now();
  const [agent] = await listAgentsByIds(deps.db, principal, [agentId], now);
  if (!agent || !mayDo(principal, "agent.read", { ownerId: agent.ownerId })) {
    throw new NotFoundError();
  }
  return toAgentJson(principal, agent, now);
}
