import { daysBefore, type UseOfDay } from "#lib/agents/activity-repository.ts";
import { announceAgent, pauseAgentRow } from "#lib/agents/repository.ts";
import { unusualUse } from "#lib/agents/unusual-use.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { type HotPool, sqlOfPool } from "#lib/db/hot-pool.ts";

/**
 * Stops an agent whose day is unlike its others, until its owner has looked (BRK-13): none of its keys
 * and leases counts any more, on any instance within a second. Its owner sees why on the agent's page.
 */
export async function pauseIfUnusual(
  deps: { db: Database; hotPool: HotPool; clock: Clock; random: Random },
  use: UseOfDay,
): Promise<void> {
  const reason = unusualUse(use, await daysBefore(sqlOfPool(deps.hotPool), use.agentId, use.day));
  if (reason === null) return;
  await inTransaction(deps.db, async (tx) => {
    const agent = await pauseAgentRow(tx, use.agentId, {
      reason,
      now: deps.clock.now(),
      unlessLookedAtSince: new Date(`${use.day}T00:00:00Z`),
    });
    if (!agent) return;
    await recordEvent(tx, deps, {
      action: "agent.paused",
      principal: null,
      teamId: agent.teamId,
      onBehalfOf: agent.ownerId,
      target: { kind: "agent", id: use.agentId },
      result: "success",
      detail: { reason, calls: use.calls, rows: use.rows },
    });
    await announceAgent(tx, use.agentId);
  });
}
