import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { approvalsOf } from "#lib/plans/approval-repository.ts";
import { countWaitingFor, type Looker, namesFor, pageOfPlans } from "#lib/plans/list-repository.ts";
import { findPlan, type PlanRow } from "#lib/plans/repository.ts";
import type { PlanJson, PlanList, PlanQuery } from "#lib/plans/schema.ts";
import { type PlanFacts, seesPlan, toPlanJson, toPlanSummaryJson } from "#lib/plans/serialize.ts";
import { progressOf } from "#lib/plans/step-repository.ts";
import { unreadyTargets } from "#lib/plans/unready-targets.ts";
import { mayDo, reachOf } from "#lib/policy/role-matrix.ts";
import { fourEyesOf } from "#lib/team/teams-repository.ts";

export type ReadPlanDeps = { db: DatabaseOrTransaction; clock: Clock; studioUrl: string };

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
  const [approvals, progress, names, fourEyes] = await Promise.all([
    approvalsOf(db, plans),
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
