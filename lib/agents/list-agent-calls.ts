import { usedToday } from "#lib/agents/agent-activity.ts";
import { pageOfCalls } from "#lib/agents/call-log-repository.ts";
import { getAgent } from "#lib/agents/list-agents.ts";
import type { AgentCallList, CallQuery } from "#lib/agents/schema.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import type { HotPool } from "#lib/db/hot-pool.ts";
import { findOperation } from "#lib/providers/operations.ts";

/**
 * What an agent did, the newest first: which operation, where, how it went and how much came of it, never
 * its content; with what it has used of its day (UTC). Half a second behind, for it is written in batches.
 *
 * @throws {NotFoundError} no agent that the principal may see (TEN-2)
 */
export async function listAgentCalls(
  deps: { db: Database; hotPool: HotPool; clock: Clock },
  principal: Principal,
  agentId: string,
  { cursor, limit }: CallQuery,
): Promise<AgentCallList> {
  const agent = await getAgent(deps, principal, agentId);
  const [rows, today] = await Promise.all([
    pageOfCalls(
      deps.db,
      { teamId: principal.teamId, agentId },
      { cursor: cursor === undefined ? null : BigInt(cursor), limit: limit + 1 },
    ),
    usedToday(deps, agentId),
  ]);
  const shown = rows.slice(0, limit);
  const { callsPerDay, rowsPerDay, sendsPerDay } = agent;
  return {
    items: shown.map(({ id, at, keyName, connectionId, connectionName, environment, ...call }) => ({
      id: String(id),
      at: at.toISOString(),
      door: call.door,
      operation: call.operation,
      title: findOperation(call.operation)?.title ?? null,
      effect: call.effect,
      status: call.status,
      code: call.code,
      durationMs: call.durationMs,
      rows: call.rows,
      bytes: call.bytes,
      repeats: call.repeats,
      keyName,
      connection:
        connectionId === null ? null : { id: connectionId, name: connectionName, environment },
    })),
    nextCursor: rows.length > limit ? String(shown.at(-1)?.id ?? "") || null : null,
    today: {
      calls: { used: today.calls, most: callsPerDay },
      rows: { used: today.rows, most: rowsPerDay },
      sends: { used: today.sends, most: sendsPerDay },
    },
  };
}
