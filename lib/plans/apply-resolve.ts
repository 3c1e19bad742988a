import { recordEvent } from "#lib/audit/record-event.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import { sqlOf } from "#lib/db/sql.ts";
import type { ApplyDeps } from "#lib/plans/apply-plan.ts";
import { nextStep } from "#lib/plans/apply-repository.ts";
import { PlanStateError, StepStateError } from "#lib/plans/errors.ts";
import { waitsForWord } from "#lib/plans/plan-state.ts";
import { announcePlan, lockPlan, movePlan, type PlanRow } from "#lib/plans/repository.ts";
import type { ResolveInput, StepOutcome } from "#lib/plans/schema.ts";
import { findStep, moveStep, progressOf, skipPending } from "#lib/plans/step-repository.ts";

const settled = { output: {}, settledBy: "person" } as const;
const outcomeByHand = {
  applied: {
    ...settled,
    kind: "applied",
    summary: "Its owner says that it happened.",
    code: null,
  },
  failed: {
    ...settled,
    kind: "failed",
    summary: "Its owner says that it did not happen.",
    code: "plans.settled_by_hand",
  },
} as const satisfies Record<ResolveInput["outcome"], StepOutcome>;

/**
 * The owner says what became of a step that nobody could settle (PLN-5), after they looked at the provider.
 * The rest of the plan goes on only where they say so, under the same approval; else it ends here.
 *
 * @param input.goOn - carry out the steps behind it, which were not sent
 * @throws {NotFoundError} absent, or another's: whose grants it uses alone says so (TEN-2, TEN-4)
 * @throws {StepStateError} what became of it is known
 * @throws {PlanStateError} it cannot go on: it has expired, or ended for another reason
 */
export async function resolveStep(
  deps: ApplyDeps,
  principal: Principal,
  { planId, position }: { planId: string; position: number },
  { outcome, goOn }: ResolveInput,
  { requestId }: { requestId?: string } = {},
): Promise<void> {
  const goesOn = await inTransaction(deps.db, async (tx) => {
    const plan = await lockPlan(tx, principal, planId);
    if (plan?.ownerId !== principal.userId) throw new NotFoundError();
    const step = await findStep(tx, plan, position);
    if (!step) throw new NotFoundError();
    const now = deps.clock.now();
    const end = { state: outcome, finishedAt: now, outcome: outcomeByHand[outcome] };
    const isMoved = await moveStep(tx, { ...step, state: "unknown" }, end);
    if (!isMoved) throw new StepStateError();
    const rest = await nextStep(sqlOf(tx), plan, position);
    const isResumed = goOn && rest !== null;
    if (isResumed) await resume(tx, plan, now);
    else await close(tx, plan, outcome, now);
    await recordEvent(tx, deps, {
      action: "plan.step_resolved",
      principal,
      target: { kind: "plan", id: plan.id },
      connectionId: step.connectionId,
      result: "success",
      detail: { step: position, operation: step.operationId, outcome, goOn: isResumed },
      ...(requestId === undefined ? {} : { requestId }),
    });
    await announcePlan(tx, plan.id);
    if (isResumed) await deps.planQueue.deliver(tx, plan.id);
    return isResumed;
  });
  if (goesOn) deps.planExecutor.take(planId);
}

async function resume(tx: Transaction, plan: PlanRow, now: Date): Promise<void> {
  if (plan.expiresAt <= now) throw new PlanStateError("expired");
  if (!waitsForWord(plan)) throw new PlanStateError(plan.state);
  const to = { state: "applying", endReason: null, endedAt: null, updatedAt: now } as const;
  await movePlan(tx, plan, to);
}

/** Its end, as it stands with the last word about it; one that ended for another reason keeps that. */
async function close(
  tx: Transaction,
  plan: PlanRow,
  outcome: ResolveInput["outcome"],
  now: Date,
): Promise<void> {
  await skipPending(tx, plan, now);
  if (!waitsForWord(plan)) return;
  const { applied } = (await progressOf(tx, [plan])).get(plan.id) ?? {};
  const reason = outcome === "failed" ? "step_failed" : "cancelled_by_owner";
  await movePlan(
    tx,
    plan,
    applied === plan.stepCount
      ? { state: "applied", endReason: null, updatedAt: now }
      : { state: "stopped", endReason: reason, updatedAt: now },
  );
}
