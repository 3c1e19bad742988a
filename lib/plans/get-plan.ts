import { z } from "zod";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { countWaitingFor, type Looker, namesFor, pageOfPlans } from "#lib/plans/list-repository.ts";
import { openStep } from "#lib/plans/plan-content.ts";
import {
  approvalsOf,
  contentsOf,
  findPlan,
  findStep,
  fourEyesOf,
  listStepFacts,
  type PlanRow,
  progressOf,
  type StepRow,
} from "#lib/plans/repository.ts";
import type {
  PlanJson,
  PlanList,
  PlanQuery,
  StepDetailJson,
  StepList,
  StepQuery,
} from "#lib/plans/schema.ts";
import {
  type PlanFacts,
  seesPlan,
  showsContent,
  toPlanJson,
  toPlanSummaryJson,
  toStepJson,
} from "#lib/plans/serialize.ts";
import { unreadyTargets } from "#lib/plans/unready-targets.ts";
import { requireStepsOf } from "#lib/plans/verify-plan.ts";
import { mayDo, reachOf } from "#lib/policy/role-matrix.ts";

export type ReadPlanDeps = { db: DatabaseOrTransaction; clock: Clock; studioUrl: string };

/** A preview up to this size comes with its step in a list, as long as the list has room. */
const PREVIEW_BYTES = 64 * 1024;
const PAGE_BYTES = 1024 * 1024;
/** Beyond it, the count says "99 and more". */
const COUNT_MOST = 100;

/**
 * One plan: its owner's with all of it, an admin's view without what it writes.
 *
 * @throws {NotFoundError} absent, another team's, or not theirs to know of (TEN-2)
 */
export async function getPlan(deps: ReadPlanDeps, asker: Asker, planId: string): Promise<PlanJson> {
  const facts = await planFacts(deps.db, asker, planId);
  const unready = await unreadyTargets(deps.db, facts.plan);
  return toPlanJson(asker, facts, { now: deps.clock.now(), studioUrl: deps.studioUrl, unready });
}

/** The same, as it is stored, for whoever decides or acts on it. */
export async function planFacts(
  db: DatabaseOrTransaction,
  asker: Asker,
  planId: string,
): Promise<PlanFacts> {
  const plan = await findPlan(db, asker, planId);
  if (!plan || !seesPlan(asker, plan)) throw new NotFoundError();
  const [facts] = await factsOf(db, asker, [plan]);
  if (!facts) throw new NotFoundError();
  return facts;
}

async function factsOf(
  db: DatabaseOrTransaction,
  { teamId }: Pick<Principal, "teamId">,
  plans: readonly PlanRow[],
): Promise<PlanFacts[]> {
  const ids = plans.map(({ id }) => id);
  const [approvals, progress, names, fourEyes] = await Promise.all([
    approvalsOf(db, ids),
    progressOf(db, plans),
    namesFor(db, plans),
    fourEyesOf(db, { teamId }),
  ]);
  return plans.map((plan) => ({
    plan,
    approvals: approvals.get(plan.id) ?? [],
    progress: progress.get(plan.id) ?? {},
    names,
    fourEyes,
  }));
}

/** One page of the plans that the asker may know of, the newest first. */
export async function listPlans(
  deps: ReadPlanDeps,
  asker: Asker,
  query: PlanQuery,
): Promise<PlanList> {
  const now = deps.clock.now();
  const looker = await lookerOf(deps.db, asker);
  const found = await pageOfPlans(deps.db, looker, query, now);
  const plans = found.slice(0, query.limit);
  const facts = await factsOf(deps.db, asker, plans);
  return {
    items: facts.map((each) => toPlanSummaryJson(asker, each, now)),
    nextCursor: found.length > query.limit ? (plans.at(-1)?.id ?? null) : null,
  };
}

/** How many plans wait for this person's word; 100 stands for more. */
export async function countPlansToDecide(
  deps: Pick<ReadPlanDeps, "db" | "clock">,
  principal: Principal,
): Promise<number> {
  const looker = await lookerOf(deps.db, principal);
  return countWaitingFor(deps.db, looker, deps.clock.now(), COUNT_MOST);
}

async function lookerOf(db: DatabaseOrTransaction, asker: Asker): Promise<Looker> {
  const { teamId } = asker;
  const fourEyes = await fourEyesOf(db, asker);
  if (asker.kind === "agent") {
    return {
      teamId,
      fourEyes,
      onlyOf: null,
      onlyAgent: asker.agentId,
      userId: null,
      isSecond: false,
    };
  }
  return {
    teamId,
    fourEyes,
    onlyOf: reachOf(asker, "plan.read") === "any" ? null : asker.userId,
    onlyAgent: null,
    userId: asker.userId,
    isSecond: mayDo(asker, "plan.approve_second"),
  };
}

/**
 * One page of a plan's steps, with the previews that fit.
 *
 * @throws {NotFoundError} as `getPlan`
 * @throws {PlanDamagedError} what is stored was changed
 */
export async function listPlanSteps(
  deps: ReadPlanDeps,
  asker: Asker,
  planId: string,
  query: StepQuery,
): Promise<StepList> {
  const facts = await planFacts(deps.db, asker, planId);
  const plan = { ...facts.plan, version: query.version ?? facts.plan.version };
  if (plan.version > facts.plan.version) throw new NotFoundError();
  const isEarlier = plan.version < facts.plan.version;
  const isRemoved = plan.contentsRemovedAt !== null;
  // What a version before was hashed with is not stored any more.
  if (!isEarlier && !isRemoved) await requireStepsOf(deps.db, plan);
  const after = query.cursor ?? 0;
  const found = await listStepFacts(deps.db, plan, {
    after,
    limit: query.limit + 1,
    state: query.state,
  });
  const steps = found.slice(0, query.limit);
  let room = PAGE_BYTES;
  const small = steps.filter(({ contentBytes }) => {
    const fits = contentBytes <= PREVIEW_BYTES && contentBytes <= room;
    if (fits) room -= contentBytes;
    return fits;
  });
  const contents = await contentsOf(
    deps.db,
    plan,
    showsContent(asker, facts) && !isRemoved ? small.map(({ position }) => position) : [],
  );
  const items = steps.map((step) => {
    const content = contents.get(step.position);
    if (content === undefined) return toStepJson(step, null);
    const of = isEarlier ? { ...plan, expiresAt: expiryIn(content) } : plan;
    return toStepJson(step, openStep(of, { ...step, content }).preview);
  });
  const last = steps.at(-1);
  return { items, nextCursor: found.length > query.limit && last ? String(last.position) : null };
}

/** A version's own; the plan's row has the last one's. */
export function expiryIn(content: string): Date {
  const { expiresAt } = expiringSchema.parse(JSON.parse(content));
  return new Date(expiresAt);
}
const expiringSchema = z.object({ expiresAt: z.iso.datetime() });

/**
 * One step, with all that is hashed where the asker may see it.
 *
 * @throws {NotFoundError} as `getPlan`, or the plan has no such step
 * @throws {PlanDamagedError} what is stored was changed
 */
export async function getPlanStep(
  deps: ReadPlanDeps,
  asker: Asker,
  planId: string,
  position: number,
): Promise<StepDetailJson> {
  const facts = await planFacts(deps.db, asker, planId);
  const step = await findStep(deps.db, facts.plan, position);
  if (!step) throw new NotFoundError();
  if (facts.plan.contentsRemovedAt !== null) return removedStep(step);
  await requireStepsOf(deps.db, facts.plan);
  const opened = openStep(facts.plan, step);
  const content = showsContent(asker, facts) ? opened : null;
  const contentBytes = Buffer.byteLength(step.content);
  return {
    ...toStepJson({ ...step, contentBytes }, content?.preview ?? null),
    request: content && { ...content.request, host: content.target.host },
    input: content?.input ?? null,
    inputPosition: opened.inputPosition,
    isGuarded: opened.observed !== null,
    content: content && step.content,
  };
}

/** Of a step whose contents were removed, what is left. */
const removedStep = (step: StepRow): StepDetailJson => ({
  ...toStepJson({ ...step, contentBytes: 0 }, null),
  request: null,
  input: null,
  inputPosition: step.position,
  isGuarded: false,
  content: null,
});
