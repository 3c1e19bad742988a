import type { AgentActivity } from "#lib/agents/agent-activity.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Metrics } from "#lib/core/metrics.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { isSetBack } from "#lib/db/set-back.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { openProviderApi } from "#lib/operations/open-provider-api.ts";
import type { RequestDeps } from "#lib/operations/send-request.ts";
import { doerOf, type Grounds, type JudgeDeps, type Taken } from "#lib/plans/execute-checks.ts";
import { endStep, type StepResult, stopPlan } from "#lib/plans/execute-writes.ts";
import type { StepContent } from "#lib/plans/plan-content.ts";
import type { StepOperation } from "#lib/plans/proxied-step.ts";
import { announcePlan, lockPlan } from "#lib/plans/repository.ts";
import type { EndReason } from "#lib/plans/schema.ts";
import type { StepRow } from "#lib/plans/step-repository.ts";

const announceEveryMs = 250;
const firstRewriteMs = 50;
const longestRewriteMs = 1_000;
const mostTries = 5;

export type ExecuteDeps = RequestDeps &
  JudgeDeps & {
    db: Database;
    random: Random;
    stopwatch: Clock;
    metrics: Metrics;
    agentActivity: AgentActivity;
  };

/** How long, and how often, it is looked for what became of a step whose answer never came. */
export type Looks = {
  /** In which the provider may still be working on it: until then only "it happened" is believed. */
  quietMs: number;
  /** Looks that brought no answer. */
  mostLooks: number;
  betweenMs: number;
};

/** One plan in the hands of this process. */
export type Work = {
  readonly taken: Taken;
  readonly grounds: Grounds;
  readonly looks: Looks;
  /** Before a step is tried again, whatever the provider says. */
  readonly longestWaitMs: number;
  /** The process ends: what is not begun is left to others. */
  isStopping(): boolean;
  /** Ends early where something changes that the plan depends on, or the process ends. */
  pause(ms: number): Promise<void>;
  /** When its progress was last told, on the stopwatch. */
  announcedAtMs: number;
  /** The step that was counted last in its agent's day. */
  countedPosition: number | null;
};

/**
 * `next`: whatever came of the step, the plan goes on behind it. `over`: the plan ended. `lost`: it is not
 * this instance's any more. `left`: the process ends, and others go on with it.
 */
export type StepEnd = "next" | "over" | "lost" | "left";

/** A step with what was read from its bytes, and nothing else. */
export type OpenedStep = { row: StepRow; content: StepContent; operation: StepOperation };

/** A request that was begun is heard to its end. */
export const neverAborted = new AbortController().signal;

/** What an operation reads with while its step is carried out. */
export const apiOf = (deps: ExecuteDeps, work: Work, grant: Grant) =>
  openProviderApi(deps, doerOf(work.taken.plan), grant, { signal: neverAborted });

/** Writes what came of a step, however often that has to be tried, while the plan is this instance's. */
export async function writeStep(
  deps: ExecuteDeps,
  work: Work,
  step: OpenedStep,
  from: "pending" | "sending",
  result: StepResult,
): Promise<StepEnd> {
  const { row } = step;
  for (let waitMs = firstRewriteMs; ; waitMs = Math.min(longestRewriteMs, waitMs * 2)) {
    try {
      const end = await inTransaction(deps.db, async (tx) => {
        const plan = await lockPlan(tx, work.taken, work.taken.id);
        if (plan?.fence !== work.taken.fence) return "lost";
        const end = await endStep(deps, tx, plan, { ...row, state: from }, result);
        if (end === "next") await announceSoon(deps, tx, work);
        return end;
      });
      if (end !== "lost") tell(deps, work, step, result);
      return end;
    } catch (error) {
      deps.log.warn("what came of a step is not written yet", { planId: work.taken.id, error });
      if (work.isStopping()) return "left";
      await work.pause(waitMs);
    }
  }
}

/** To the counters, and to the agent's live log. */
function tell(deps: ExecuteDeps, { taken }: Work, { row, content }: OpenedStep, of: StepResult) {
  const outcome = of.state === "pending" ? "put_off" : of.state;
  const { provider } = content.target;
  deps.metrics.count("studio_plan_steps_total", { provider, outcome });
  const doer = doerOf(taken.plan);
  if (doer.kind !== "agent") return;
  deps.agentActivity.note(doer, {
    door: "plan",
    connectionId: row.connectionId,
    operation: row.operationId,
    effect: row.effect,
    status: of.status ?? null,
    code: of.code,
    durationMs: row.startedAt ? deps.clock.now().getTime() - row.startedAt.getTime() : 0,
  });
}

/** Of a long plan not every step is told: pages read anew at each. */
export async function announceSoon(deps: ExecuteDeps, tx: Transaction, work: Work): Promise<void> {
  const now = deps.stopwatch.monotonicMs();
  if (now - work.announcedAtMs < announceEveryMs) return;
  work.announcedAtMs = now;
  await announcePlan(tx, work.taken.id);
}

/** Stops the plan for a reason that is not this step's to tell. */
export async function stopAs(deps: ExecuteDeps, work: Work, reason: EndReason): Promise<StepEnd> {
  return inTransaction(deps.db, async (tx) => {
    const plan = await lockPlan(tx, work.taken, work.taken.id);
    if (plan?.fence !== work.taken.fence) return "lost";
    if (plan.state === "applying") await stopPlan(deps, tx, plan, reason);
    return "over";
  });
}

/** A transaction that the database set back against another is made anew. */
export async function notSetBack<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (!isSetBack(error) || tries === mostTries) throw error;
    }
  }
}
