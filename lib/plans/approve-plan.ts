import { requireJustProven } from "#lib/agents/require-agent.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import { ForbiddenError, NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { type ApplyDeps, beginApplying } from "#lib/plans/apply-plan.ts";
import { isApprovalSigned } from "#lib/plans/approval-mac.ts";
import { approvalsOf } from "#lib/plans/approval-repository.ts";
import { endPlan } from "#lib/plans/end-plan.ts";
import {
  PlanChangedError,
  PlanDamagedError,
  PlanStateError,
  TypedNameError,
} from "#lib/plans/errors.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { giveApproval } from "#lib/plans/give-approval.ts";
import {
  missingParts,
  neededParts,
  partOf,
  wantsRecentSignIn,
  wronglyTyped,
} from "#lib/plans/plan-state.ts";
import { lockPlan, type PlanRow } from "#lib/plans/repository.ts";
import type { ApprovalPart, ApproveInput, PlanJson } from "#lib/plans/schema.ts";
import { isAskedForSecond, seesPlan } from "#lib/plans/serialize.ts";
import { eventDetail, onlyConnection, requireNoFault } from "#lib/plans/store-proposal.ts";
import { verifyStored } from "#lib/plans/verify-plan.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { requireStanding } from "#lib/team/standing.ts";
import { fourEyesOf } from "#lib/team/teams-repository.ts";

export type DecideDeps = { db: Database; clock: Clock; random: Random; studioUrl: string };
export type ApproveDeps = DecideDeps & ApplyDeps;

/**
 * A person's yes to exactly what they were shown (PLN-2): the hash that they name is the stored plan's, and
 * the one that its stored steps have when they are hashed again, under the plan's lock. The owner of the
 * grants says yes; where the team wants two, also a second person (PLN-8). With the last yes that was
 * missing, the plan is approved, and with `apply`, where that yes is its owner's, it is under way.
 *
 * @param principal - from a session; an agent has none to give (PLN-6)
 * @throws {NotFoundError} absent, another team's, or not theirs to know of
 * @throws {PlanChangedError} it is not what they were shown
 * @throws {PlanDamagedError} what is stored was changed: the plan is stopped
 * @throws {PlanStateError} it does not wait for approval, or its time is over
 * @throws {ForbiddenError} their yes is not the one that it waits for
 * @throws {SecondFactorRequiredError | RecentSignInNeededError} a risk, from a session not just proven
 * @throws {TypedNameError} a production org's name was not typed
 * @throws {PlanFaultError} something that it needs was taken back
 */
export async function approvePlan(
  deps: ApproveDeps,
  principal: Principal,
  planId: string,
  input: ApproveInput,
  requestId?: string,
): Promise<PlanJson> {
  try {
    const isUnderWay = await inTransaction(deps.db, (tx) =>
      approve(tx, deps, principal, planId, input, requestId),
    );
    if (isUnderWay) deps.planExecutor.take(planId);
  } catch (error) {
    if (error instanceof PlanDamagedError) await stopDamaged(deps, principal, planId, requestId);
    throw error;
  }
  return getPlan(deps, principal, planId);
}

async function approve(
  tx: Transaction,
  deps: ApproveDeps,
  principal: Principal,
  planId: string,
  { hash, apply, ...typed }: ApproveInput,
  requestId: string | undefined,
): Promise<boolean> {
  const { doer, plan } = await requireWaiting(tx, deps, principal, planId);
  const fourEyes = await fourEyesOf(tx, plan);
  const approvals = (await approvalsOf(tx, [plan])).get(plan.id) ?? [];
  const part = requirePart(doer, plan, approvals, fourEyes);
  if (plan.state !== "proposed") throw new PlanStateError(plan.state);
  if (plan.hash !== hash) throw new PlanChangedError();
  await verifyStored(tx, plan);
  if (!approvals.every((given) => isApprovalSigned(deps, plan, given))) {
    throw new PlanDamagedError("an approval is not the studio's");
  }
  if (wantsRecentSignIn(plan)) await requireJustProven(tx, deps, doer);
  const wrong = wronglyTyped(plan.targets, typed);
  if (wrong.length > 0) throw new TypedNameError(wrong.map(({ name }) => name));
  await requireNoFault(tx, deps, plan);

  const missing = missingParts({ ...plan, approvals: [...approvals, { part }] }, fourEyes);
  const isApproved = missing.length === 0;
  await giveApproval(deps, tx, plan, {
    userId: doer.userId,
    part,
    standingApprovalId: null,
    isLast: isApproved,
  });
  await recordEvent(tx, deps, {
    action: "plan.approved",
    principal,
    target: { kind: "plan", id: plan.id },
    ...onlyConnection(plan.connectionIds),
    ...(doer.userId === plan.ownerId ? {} : { onBehalfOf: plan.ownerId }),
    result: "success",
    detail: { ...eventDetail(plan, plan, hash), part, isApproved },
    ...(requestId ? { requestId } : {}),
  });
  // Only the owner has their grants used; a second person's yes begins nothing.
  if (!apply || !isApproved || doer.userId !== plan.ownerId) return false;
  await beginApplying(tx, deps, principal, { ...plan, state: "approved" }, requestId);
  return true;
}

/**
 * A plan that waits for a word, held, for somebody who may know of it as they stand in the team now.
 *
 * @throws {NotFoundError}
 * @throws {PlanStateError} it has ended, or its time is over
 */
async function requireWaiting(
  tx: Transaction,
  { clock }: Pick<DecideDeps, "clock">,
  principal: Principal,
  planId: string,
): Promise<{ doer: Principal; plan: PlanRow }> {
  const doer = await requireStanding(tx, principal);
  const plan = await lockPlan(tx, doer, planId);
  if (!plan || !seesPlan(doer, plan)) throw new NotFoundError();
  if (plan.state !== "proposed" && plan.state !== "approved") throw new PlanStateError(plan.state);
  // The sweep says so in its row within a minute.
  if (plan.expiresAt <= clock.now()) throw new PlanStateError("expired");
  return { doer, plan };
}

/** @throws {ForbiddenError | SecondFactorRequiredError} the yes is not theirs to give */
function requirePart(
  doer: Principal,
  plan: PlanRow,
  approvals: readonly { part: ApprovalPart }[],
  fourEyes: readonly string[],
): ApprovalPart {
  const part = partOf(doer, plan);
  if (part === null || !neededParts(plan, fourEyes).includes(part)) {
    throw new ForbiddenError("Only the person whose sign-ins it uses approves this plan.");
  }
  const of = { ownerId: plan.ownerId };
  requireMay(doer, part === "owner" ? "plan.approve" : "plan.approve_second", of);
  if (plan.state === "proposed" && !missingParts({ ...plan, approvals }, fourEyes).includes(part)) {
    throw new ForbiddenError("This yes was given already. The plan waits for another person's.");
  }
  return part;
}

/** What was found damaged is stopped, and the trail says so, although nothing else was changed. */
async function stopDamaged(
  deps: DecideDeps,
  principal: Principal,
  planId: string,
  requestId: string | undefined,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const plan = await lockPlan(tx, principal, planId);
    if (plan?.state !== "proposed" && plan?.state !== "approved") return;
    await endPlan(tx, deps, plan, { to: "stopped", reason: "damaged", principal, requestId });
  });
}

/**
 * A person's no, with their words for whoever proposed it: the owner's, or the second person's where the
 * team wants two.
 *
 * @throws {NotFoundError} absent, another team's, or not theirs to know of
 * @throws {PlanStateError} it does not wait for a word any more
 * @throws {ForbiddenError} it is not theirs to decide; an admin cancels instead
 */
export async function rejectPlan(
  deps: DecideDeps,
  principal: Principal,
  planId: string,
  { reason }: { reason: string },
  requestId?: string,
): Promise<PlanJson> {
  await inTransaction(deps.db, async (tx) => {
    const { doer, plan } = await requireWaiting(tx, deps, principal, planId);
    const of = { ownerId: plan.ownerId };
    const isSecond = isAskedForSecond(doer, { plan, fourEyes: await fourEyesOf(tx, plan) });
    const words = "Only whoever decides about this plan rejects it. You can cancel it instead.";
    requireMay(doer, isSecond ? "plan.approve_second" : "plan.approve", of, words);
    await endPlan(tx, deps, plan, {
      to: "rejected",
      reason: "rejected",
      principal,
      rejection: reason,
      requestId,
    });
  });
  return getPlan(deps, principal, planId);
}
