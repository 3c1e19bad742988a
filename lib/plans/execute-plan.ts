import type { ChangeFeed } from "#lib/db/changes.ts";
import { inTransaction } from "#lib/db/client.ts";
import { sqlOfPool } from "#lib/db/hot-pool.ts";
import type { Instance } from "#lib/db/instance.ts";
import { sqlOf } from "#lib/db/sql.ts";
import { createHolderWatch } from "#lib/grants/holder-watch.ts";
import {
  digestsOf,
  findUnderWay,
  listUnderWay,
  nextStep,
  releasePlan,
  takePlan,
  type UnderWay,
} from "#lib/plans/apply-repository.ts";
import { findHistory, flawOfApproval, type Taken } from "#lib/plans/execute-checks.ts";
import { createPauses } from "#lib/plans/execute-pauses.ts";
import { carryOutStep } from "#lib/plans/execute-step.ts";
import { type ExecuteDeps, type Looks, notSetBack, type Work } from "#lib/plans/execute-work.ts";
import { finishPlan, stopPlan } from "#lib/plans/execute-writes.ts";
import { planWords, stepWords } from "#lib/plans/plan-history.ts";
import { lockPlan } from "#lib/plans/repository.ts";
import { stepHashesOf } from "#lib/plans/step-repository.ts";

/** Plans that one process applies at a time; the others wait, or go to another instance. */
const mostAtOnce = 8;
/**
 * With those that only wait: for a provider that is busy, or for what became of a step. Plans that a dead
 * instance left keep nobody's from being applied meanwhile.
 */
const mostInHand = 64;
const lookEveryMs = 1_000;
/** After a failure that is not the provider's. */
const restMs = 2_000;
const usualLongestWaitMs = 60_000;
/** Salesforce works on a request for two minutes at most, whether or not anybody still waits for it. */
const usualLooks: Looks = { quietMs: 125_000, mostLooks: 6, betweenMs: 5_000 };

export type PlanExecutorDeps = ExecuteDeps & { instance: Instance; changes: ChangeFeed };

export type PlanExecutor = {
  /** Applies a plan here, in the background, unless somebody else does. */
  take(planId: string): void;
  /** The same; resolves when nothing more is done about it here. */
  run(planId: string): Promise<void>;
  /** Looks for plans that nobody applies any more, and takes them up; resolves when it has looked. */
  recover(): Promise<void>;
  /** Looks so from now on, every second. */
  start(): void;
  /** Begins nothing any more; resolves when every step under way is written, or left to others. */
  stop(): Promise<void>;
};

/**
 * Applies plans, one step after another each, whichever instance takes it: a plan belongs to the instance
 * whose number stands in it for as long as that instance's lock on the database stands, and every taking has
 * a fence of its own, without which nothing is written (PLN-4).
 */
export function createPlanExecutor(
  deps: PlanExecutorDeps,
  options: { looks?: Looks; longestWaitMs?: number } = {},
): PlanExecutor {
  const { looks = usualLooks, longestWaitMs = usualLongestWaitMs } = options;
  const watch = createHolderWatch(deps.stopwatch, { waitsForLiving: true });
  const running = new Map<string, Promise<void>>();
  /** Until when a plan is left alone here, on the stopwatch. */
  const rests = new Map<string, number>();
  const pauses = createPauses(deps.changes);
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | null = null;
  let isStopping = false;
  const sql = sqlOfPool(deps.hotPool);
  deps.metrics.gauge("studio_plans_running", () => running.size);

  /** May this instance take it now? Its holder is judged by more than one look. */
  function mayTake(found: UnderWay, me: number): boolean {
    if (found.holder === null || found.holder === me) return true;
    const { id, fence, isHolderAlive } = found;
    return watch.look({ fence: `${id}:${fence}`, isHolderAlive }) === "dead";
  }

  async function tryToTake(id: string): Promise<Taken | "damaged" | null> {
    const me = await deps.instance.number();
    const found = await findUnderWay(sql, id);
    if (!found || !mayTake(found, me) || isStopping) return null;
    const fence = await takePlan(sql, found, me);
    if (fence === null) return null;
    const held = { id, teamId: found.teamId, fence };
    return inTransaction(deps.db, async (tx) => {
      const plan = await lockPlan(tx, held, id);
      if (plan?.fence !== fence) return null;
      const digests = await digestsOf(sqlOf(tx), plan);
      const hashes = await stepHashesOf(tx, plan);
      const isWhole = digests.every((digest, at) => digest === hashes[at]);
      const taken = { ...held, plan, instance: me, stepHashes: digests };
      // One that was ended meanwhile: only what became of its last step is still to be found out.
      if (plan.state !== "applying") return { ...taken, sent: new Set<number>() };
      const history = await findHistory(deps, tx, plan, [...planWords, ...stepWords]);
      const isTold = isWhole && history !== null;
      const flaw = isTold ? await flawOfApproval(deps, tx, plan, digests) : "damaged";
      if (isTold && flaw === null) return { ...taken, sent: history.sent };
      deps.log.error("a plan is not what was approved", { planId: id, reason: flaw });
      await stopPlan(deps, tx, plan, flaw ?? "damaged");
      return "damaged";
    });
  }

  async function apply(taken: Taken): Promise<void> {
    const { id, teamId, ownerId, agentId, connectionIds } = taken.plan;
    const about = new Set([id, teamId, ownerId, agentId ?? id, ...connectionIds]);
    const work: Work = {
      taken,
      grounds: new Map(),
      looks,
      longestWaitMs,
      announcedAtMs: Number.NEGATIVE_INFINITY,
      countedPosition: null,
      isStopping: () => isStopping,
      pause: pauses.about(about),
    };
    const { stepCount } = taken.plan;
    const first = await nextStep(sql, taken.plan, 0);
    for (let position = first?.position ?? stepCount + 1; position <= stepCount; position += 1) {
      const end = await carryOutStep(deps, work, position);
      if (end === "next") continue;
      if (end !== "lost") await releasePlan(sql, taken);
      return;
    }
    await finish(taken);
  }

  async function finish(taken: Taken): Promise<void> {
    await notSetBack(() =>
      inTransaction(deps.db, async (tx) => {
        const plan = await lockPlan(tx, taken, taken.id);
        if (plan?.fence !== taken.fence) return;
        if (plan.state === "applying") await finishPlan(deps, tx, plan);
        else await releasePlan(sqlOf(tx), taken);
      }),
    );
  }

  async function work(id: string): Promise<void> {
    try {
      const taken = await tryToTake(id);
      if (taken !== null && taken !== "damaged") await apply(taken);
      rests.delete(id);
    } catch (error) {
      deps.log.error("a plan is not applied further for now", { planId: id, error });
      rests.set(id, deps.stopwatch.monotonicMs() + restMs);
    }
  }

  function run(id: string): Promise<void> {
    const under = running.get(id);
    if (under) return under;
    const isFull = running.size - pauses.count() >= mostAtOnce || running.size >= mostInHand;
    if (isStopping || isFull) return Promise.resolve();
    if ((rests.get(id) ?? 0) > deps.stopwatch.monotonicMs()) return Promise.resolve();
    const ended = work(id).finally(() => running.delete(id));
    running.set(id, ended);
    return ended;
  }

  async function lookAround(): Promise<void> {
    const me = await deps.instance.number();
    for (const found of await listUnderWay(sql)) {
      if (!running.has(found.id) && mayTake(found, me)) void run(found.id);
    }
  }

  return {
    run,
    take: (id) => void run(id),
    recover() {
      looking ??= lookAround()
        .catch((error: unknown) => deps.log.warn("plans were not looked for", { error }))
        .finally(() => {
          looking = null;
        });
      return looking;
    },
    start() {
      timer ??= setInterval(() => void this.recover(), lookEveryMs).unref();
    },
    async stop() {
      isStopping = true;
      clearInterval(timer);
      pauses.end();
      await looking;
      while (running.size > 0) await Promise.all(running.values());
    },
  };
}
