import { usedOn } from "#lib/agents/activity-repository.ts";
import { type AgentActivity, dayOf, secondsToMidnight } from "#lib/agents/agent-activity.ts";
import { type BudgetKind, BudgetSpentError } from "#lib/agents/errors.ts";
import type { Clock } from "#lib/core/clock.ts";
import { type HotPool, sqlOfPool } from "#lib/db/hot-pool.ts";
import type { Sql } from "#lib/db/sql.ts";
import { budgetOf } from "#lib/plans/apply-repository.ts";
import { codeOf } from "#lib/plans/execute-failure.ts";

/**
 * What a plan takes of its agent's day (BRK-9): each step is one call, and writes to as many people as it may
 * reach. It reads nothing for the agent, so no rows: those of its previews counted when it was proposed.
 */
export type PlanUse = { calls: number; sends: number };

/**
 * Refuses what would go beyond what is left of the agent's day. Nothing is counted: that is done step by
 * step, as they are sent.
 *
 * @throws {BudgetSpentError}
 */
export async function requireRoomToday(
  sql: Sql,
  { clock }: { clock: Clock },
  agentId: string,
  { calls, sends }: PlanUse,
): Promise<void> {
  const now = clock.now();
  const { callsPerDay, sendsPerDay } = await budgetOf(sql, agentId);
  const used = await usedOn(sql, agentId, dayOf(now));
  const require = (kind: BudgetKind, most: number | null, wanted: number) => {
    if (most === null || wanted <= most) return;
    throw new BudgetSpentError(kind, most, secondsToMidnight(now));
  };
  if (calls > 0) require("calls", callsPerDay, used.calls + calls);
  if (sends > 0) require("sends", sendsPerDay, used.sends + sends);
}

/**
 * Counts a step that is about to be sent against its agent's day.
 *
 * @returns false where it would go beyond; nothing was counted
 */
export async function isWithinDay(
  deps: { agentActivity: AgentActivity; hotPool: HotPool },
  agentId: string,
  use: PlanUse,
): Promise<boolean> {
  const budget = { ...(await budgetOf(sqlOfPool(deps.hotPool), agentId)), rowsPerDay: null };
  try {
    await deps.agentActivity.admit({ agentId, budget }, use);
    return true;
  } catch (error) {
    if (codeOf(error) === "agents.budget_spent") return false;
    throw error;
  }
}
