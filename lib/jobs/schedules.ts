import { sweepAgentActivity } from "#lib/agents/agent-activity.ts";
import { endUnusedKeys } from "#lib/agents/end-unused-keys.ts";
import { sweepThrottle } from "#lib/auth/throttle.ts";
import { sweepLeases } from "#lib/broker/sweep-leases.ts";
import { expireRequests } from "#lib/connection-requests/expire-requests.ts";
import { sqlOfPool } from "#lib/db/hot-pool.ts";
import { forgetEndedInstances } from "#lib/db/instance.ts";
import type { StudioDeps } from "#lib/deps.ts";
import { attemptDueRevocations, attemptRevocation } from "#lib/grants/attempt-revocation.ts";
import { sweepFlows } from "#lib/grants/sweep-flows.ts";
import { sweepUsage } from "#lib/grants/usage.ts";
import { sweepPlans } from "#lib/plans/end-plan.ts";
import { removePlanContents } from "#lib/plans/remove-contents.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** One kind of work in the background. */
export type Schedule = {
  readonly name: string;
  /** When it runs of itself, in UTC. */
  readonly cron: string;
  /**
   * @param id - of one thing, where a transaction asked for just that; null for all that is due
   * @param signal - the process ends: leave the rest to the next run
   */
  run(deps: StudioDeps, id: string | null, signal: AbortSignal): Promise<void>;
};

export const revocations: Schedule = {
  name: "revocations",
  cron: "* * * * *",
  async run(deps, id, signal) {
    if (id === null) await attemptDueRevocations(deps, signal);
    else await attemptRevocation(deps, null, id, { isDue: true });
  },
};

export const plansToApply: Schedule = {
  name: "apply-plans",
  cron: "* * * * *",
  // Only begun here: a long plan keeps no job waiting.
  async run(deps, id) {
    if (id === null) await deps.planExecutor.recover();
    else deps.planExecutor.take(id);
  },
};

export const schedules: readonly Schedule[] = [
  revocations,
  plansToApply,
  {
    name: "recover-refreshes",
    cron: "* * * * *",
    run: (deps, _id, signal) => deps.refreshes.recover(signal),
  },
  {
    name: "refresh-due",
    cron: "* * * * *",
    run: (deps, _id, signal) => deps.refreshes.refreshDue(signal),
  },
  { name: "sweep-flows", cron: "*/10 * * * *", run: (deps) => sweepFlows(deps) },
  { name: "sweep-agent-activity", cron: "23 * * * *", run: (deps) => sweepAgentActivity(deps) },
  {
    name: "sweep-plans",
    cron: "* * * * *",
    run: (deps, _id, signal) => sweepPlans(deps, signal),
  },
  {
    name: "remove-plan-contents",
    cron: "29 3 * * *",
    run: (deps, _id, signal) => removePlanContents(deps, signal),
  },
  { name: "sweep-usage", cron: "41 3 * * *", run: (deps) => sweepUsage(deps) },
  {
    name: "sweep-leases",
    cron: "41 * * * *",
    run: (deps, _id, signal) => sweepLeases(deps, signal),
  },
  {
    name: "sweep-instances",
    cron: "11 4 * * *",
    run: ({ hotPool, clock }) =>
      forgetEndedInstances(sqlOfPool(hotPool), new Date(clock.now().getTime() - dayMs)),
  },
  {
    name: "expire-requests",
    cron: "* * * * *",
    run: (deps, _id, signal) => expireRequests(deps, signal),
  },
  { name: "sweep-throttle", cron: "17 * * * *", run: (deps) => sweepThrottle(deps) },
  {
    name: "end-unused-keys",
    cron: "41 4 * * *",
    run: async (deps, _id, signal) => void (await endUnusedKeys(deps, signal)),
  },
];
