import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { JsonObject } from "#lib/core/json.ts";
import type { Transaction } from "#lib/db/client.ts";
import { sqlOf } from "#lib/db/sql.ts";
import { releasePlan } from "#lib/plans/apply-repository.ts";
import { doerOf } from "#lib/plans/execute-checks.ts";
import { canonicalText } from "#lib/plans/plan-content.ts";
import { mayGoOnAfter } from "#lib/plans/plan-state.ts";
import { movePlan, type PlanRow } from "#lib/plans/repository.ts";
import type { EndReason, StepOutcome, StepState } from "#lib/plans/schema.ts";
import { moveStep, progressOf, type StepRow, skipPending } from "#lib/plans/step-repository.ts";

type WriteDeps = { clock: Clock; random: Random };

/** What came of one try of a step; `pending`: nothing was done, and it may be tried again. */
export type StepResult = {
  state: "applied" | "failed" | "unknown" | "drifted" | "pending";
  /** For people, in our words. */
  summary: string;
  code: string | null;
  output: JsonObject;
  settledBy: StepOutcome["settledBy"];
  requestId: string | null;
  /** The provider's HTTP status, where it answered. */
  status?: number;
};

const mostOutputChars = 8_000;

const reasonOf: Readonly<Partial<Record<StepResult["state"], EndReason>>> = {
  failed: "step_failed",
  unknown: "step_unknown",
  drifted: "step_drifted",
};

/**
 * Writes what came of a step and, where the plan may not go on behind it, stops the plan with it; the
 * plan's row is held. A step that is not there any more was written before, or skipped by whoever ended the
 * plan.
 */
export async function endStep(
  deps: WriteDeps,
  tx: Transaction,
  plan: PlanRow,
  row: StepRow,
  result: StepResult,
): Promise<"next" | "over"> {
  const { state, summary, code, settledBy, requestId } = result;
  const now = deps.clock.now();
  const isOpen = state === "pending";
  const isMoved = await moveStep(tx, row, {
    state,
    ...(isOpen
      ? {}
      : {
          finishedAt: now,
          outcome: { kind: state, summary, code, output: boundedOutput(result), settledBy },
        }),
    ...(requestId === null ? {} : { requestId }),
  });
  if (!isMoved) return plan.state === "applying" ? "next" : "over";
  await recordEvent(tx, deps, {
    action: "plan.step_ended",
    principal: doerOf(plan),
    target: { kind: "plan", id: plan.id },
    connectionId: row.connectionId,
    result: state === "applied" ? "success" : "failed",
    detail: {
      step: row.position,
      operation: row.operationId,
      outcome: isOpen ? "put_off" : state,
      code,
      settledBy,
      status: result.status ?? null,
      providerRequest: requestId,
    },
  });
  const isOver = plan.state !== "applying";
  const reason = reasonOf[state];
  if (!isOver && reason) await stopPlan(deps, tx, plan, reason);
  // Whoever ended it meanwhile skipped what was pending then; this step is not sent again.
  if (isOver && isOpen) await skipPending(tx, plan, now);
  return isOver || reason ? "over" : "next";
}

const boundedOutput = ({ output }: StepResult): JsonObject =>
  canonicalText(output).length <= mostOutputChars ? output : {};

/**
 * Stops a plan that is being applied; its row is held. What was not sent is skipped, but where the rest may
 * go on: after a person's word about a step, or once its agent has a day with room again.
 */
export async function stopPlan(
  deps: WriteDeps,
  tx: Transaction,
  plan: PlanRow,
  reason: EndReason,
): Promise<void> {
  if (!mayGoOnAfter(reason)) await skipPending(tx, plan, deps.clock.now());
  await endPlan(deps, tx, plan, "stopped", reason);
}

/** Nothing is left to be sent of it; its row is held. */
export async function finishPlan(deps: WriteDeps, tx: Transaction, plan: PlanRow): Promise<void> {
  const progress = await countsOf(tx, plan);
  // A person let it go on behind a step that failed.
  const isWhole = progress.applied === plan.stepCount;
  await endPlan(deps, tx, plan, isWhole ? "applied" : "stopped", isWhole ? null : "step_failed");
}

async function endPlan(
  deps: WriteDeps,
  tx: Transaction,
  plan: PlanRow,
  state: "applied" | "stopped",
  reason: EndReason | null,
): Promise<void> {
  const now = deps.clock.now();
  const isMoved = await movePlan(tx, plan, {
    state,
    updatedAt: now,
    endedAt: now,
    ...(reason === null ? {} : { endReason: reason }),
  });
  if (!isMoved) throw new Error("a plan moved although it was held");
  await releasePlan(sqlOf(tx), plan);
  const isTamper = reason === "damaged";
  await recordEvent(tx, deps, {
    action: state === "applied" ? "plan.applied" : "plan.stopped",
    principal: doerOf(plan),
    target: { kind: "plan", id: plan.id },
    result: state === "applied" ? "success" : isTamper ? "refused" : "failed",
    detail: { reason, version: plan.version, hash: plan.hash, ...(await countsOf(tx, plan)) },
  });
}

const countsOf = async (
  tx: Transaction,
  plan: PlanRow,
): Promise<Partial<Record<StepState, number>>> => (await progressOf(tx, [plan])).get(plan.id) ?? {};
