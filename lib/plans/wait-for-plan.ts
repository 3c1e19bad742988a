import { type AuthenticateDeps, agentOfKey } from "#lib/agents/authenticate-agent.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { hear } from "#lib/db/hear.ts";
import { getPlan, type ReadPlanDeps } from "#lib/plans/get-plan.ts";
import { mayGoOnAfter } from "#lib/plans/plan-state.ts";
import { type PlanJson, WAIT_SECONDS_MOST } from "#lib/plans/schema.ts";

export type WaitForPlanDeps = AuthenticateDeps & ReadPlanDeps;

/**
 * A plan of the agent's, as soon as something about it has changed that it waits for: a decision, another
 * version, or its end; of one that has ended for good, at once. Woken by the change feed, wherever it was decided; ends when the key that waits does
 * not count any more (BRK-11).
 *
 * @param options.waitSeconds - 0 asks how it stands now; 25 at most
 * @param options.seen - `standingOf` what the agent saw last: what came since counts as a change
 * @param options.onProgress - told how many steps are done while it is applied
 * @param options.signal - nobody waits any more: it ends with how things stand
 * @returns as it stands then, changed or not
 * @throws {NotFoundError} no such plan of this agent's, or the key was taken back meanwhile
 */
export async function waitForPlan(
  deps: WaitForPlanDeps,
  agent: AgentPrincipal,
  planId: string,
  {
    waitSeconds = 0,
    seen,
    onProgress = () => {},
    signal,
  }: {
    waitSeconds?: number;
    seen?: string | undefined;
    onProgress?: (done: number, total: number | null) => void;
    signal?: AbortSignal;
  } = {},
): Promise<PlanJson> {
  const seconds = Math.min(waitSeconds, WAIT_SECONDS_MOST);
  if (seconds === 0) return getPlan(deps, agent, planId);
  const timeUp = AbortSignal.timeout(seconds * 1000);
  const ended = signal ? AbortSignal.any([signal, timeUp]) : timeUp;
  const ear = hear(deps.changes, (change) => {
    if (change === "all") return true;
    return change.id === planId || change.id === agent.agentId || change.id === agent.ownerId;
  });
  try {
    await deps.changes.current();
    const first = await getPlan(deps, agent, planId);
    const known = seen ?? standingOf(first);
    for (let plan = first; ; ) {
      if (standingOf(plan) !== known || isOver(plan) || ended.aborted) return plan;
      if (plan.state === "applying") onProgress(stepsDone(plan), plan.stepCount);
      await ear.next(ended);
      if ((await agentOfKey(deps, agent.keyId)) === null) throw new NotFoundError();
      plan = await getPlan(deps, agent, planId);
    }
  } finally {
    ear.stop();
  }
}

/** How a plan stands, in a few words: others mean that somebody decided, or that it came further. */
export const standingOf = ({ state, version, missing }: PlanJson): string =>
  [state, version, ...missing].join(" ");

/** Nothing more will come of it: one that was stopped so that it may go on is waited for like an open one. */
const isOver = ({ endedAt, endReason }: PlanJson): boolean =>
  endedAt !== null && !mayGoOnAfter(endReason);

const stepsDone = ({ progress, stepCount }: PlanJson): number =>
  stepCount - (progress.pending ?? 0) - (progress.sending ?? 0);
