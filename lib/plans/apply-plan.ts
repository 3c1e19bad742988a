import type { ChainKey } from "#lib/audit/chain.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { sqlOf } from "#lib/db/sql.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import type { PlanQueue } from "#lib/plans/apply-queue.ts";
import { pendingUseOf } from "#lib/plans/apply-repository.ts";
import type { ApprovalMacDeps } from "#lib/plans/approval-mac.ts";
import { BuildModeNeededError, PlanStateError } from "#lib/plans/errors.ts";
import type { PlanExecutor } from "#lib/plans/execute-plan.ts";
import { requireRoomToday } from "#lib/plans/plan-budget.ts";
import { mayBegin } from "#lib/plans/plan-state.ts";
import { lockPlan, movePlan, type PlanRow } from "#lib/plans/repository.ts";

export type ApplyDeps = ApprovalMacDeps & {
  db: Database;
  clock: Clock;
  random: Random;
  planQueue: PlanQueue;
  planExecutor: Pick<PlanExecutor, "take">;
  chainKey: ChainKey;
};

/**
 * Lets an approved plan be applied, once, however often this is asked (PLN-4): the person whose grants
 * carry it out, or the agent in build mode that proposed it. One that was stopped because its agent's day
 * was spent goes on with the steps that were not sent, under the same approval. Asks for no bytes: what is sent is what is
 * stored and was approved (PLN-2).
 *
 * @returns once it is committed; an instance takes it up at once
 * @throws {NotFoundError} absent, another team's, or not theirs to apply (TEN-2)
 * @throws {BuildModeNeededError} the agent is in plan mode
 * @throws {PlanStateError} not approved yet, or ended without being applied
 * @throws {BudgetSpentError} more than is left of its agent's day: nothing was begun, and nothing changed
 */
export async function applyPlan(
  deps: ApplyDeps,
  asker: Asker,
  planId: string,
  { requestId }: { requestId?: string } = {},
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const plan = await lockPlan(tx, asker, planId);
    if (!plan || !isTheirs(plan, asker)) throw new NotFoundError();
    if (asker.kind === "agent" && asker.mode !== "build") throw new BuildModeNeededError();
    // A second click, or the answer to the first one was lost.
    if (plan.state === "applying" || plan.state === "applied") return;
    await beginApplying(tx, deps, asker, plan, requestId);
  });
  deps.planExecutor.take(planId);
}

/**
 * The same inside a transaction that holds the plan, for somebody who may: with its commit it is under way.
 * Whoever calls tells `planExecutor` after it.
 *
 * @throws {PlanStateError} not approved, or its time is over
 * @throws {BudgetSpentError} more than is left of its agent's day
 */
export async function beginApplying(
  tx: Transaction,
  deps: Pick<ApplyDeps, "clock" | "random" | "planQueue">,
  asker: Asker,
  plan: PlanRow,
  requestId: string | undefined,
): Promise<void> {
  const now = deps.clock.now();
  if (!mayBegin(plan)) throw new PlanStateError(plan.state);
  if (plan.expiresAt <= now) throw new PlanStateError("expired");
  // What cannot be finished today is not begun; what else the agent does meanwhile may still stop it.
  if (plan.agentId !== null) {
    const rest = await pendingUseOf(sqlOf(tx), plan);
    await requireRoomToday(sqlOf(tx), deps, plan.agentId, rest);
  }
  const isMoved = await movePlan(tx, plan, {
    state: "applying",
    endReason: null,
    endedAt: null,
    appliedAt: plan.appliedAt ?? now,
    updatedAt: now,
  });
  if (!isMoved) throw new Error("a plan moved although it was held");
  await recordEvent(tx, deps, {
    action: "plan.apply_begun",
    principal: asker,
    target: { kind: "plan", id: plan.id },
    result: "success",
    detail: { version: plan.version, hash: plan.hash, steps: plan.stepCount },
    ...(requestId === undefined ? {} : { requestId }),
  });
  await deps.planQueue.deliver(tx, plan.id);
}

const isTheirs = (plan: PlanRow, asker: Asker): boolean =>
  asker.kind === "agent" ? plan.agentId === asker.agentId : plan.ownerId === asker.userId;
