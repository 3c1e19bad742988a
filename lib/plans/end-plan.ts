import type { AuditAction } from "#lib/audit/actions.ts";
import { type AuditEntry, recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { PlanStateError } from "#lib/plans/errors.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { listFaultyPlans, listOpenPlansOf } from "#lib/plans/liveness-repository.ts";
import { isOpen, isPutOff, isWaiting, mayMove } from "#lib/plans/plan-state.ts";
import { deleteDraftsBefore, lockPlan, movePlan, type PlanRow } from "#lib/plans/repository.ts";
import type { EndReason, PlanJson, PlanState } from "#lib/plans/schema.ts";
import { seesPlan } from "#lib/plans/serialize.ts";
import { skipPending } from "#lib/plans/step-repository.ts";
import { onlyConnection } from "#lib/plans/store-proposal.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { requireStanding } from "#lib/team/standing.ts";

export type EndDeps = { clock: Clock; random: Random };
type CancelDeps = EndDeps & { db: Database; studioUrl: string };

const BATCH = 100;
const DRAFT_LIFE_MS = 60 * 60 * 1000;

type End = {
  to: Extract<PlanState, "stopped" | "rejected" | "cancelled" | "expired">;
  reason: EndReason;
  principal: AuditEntry["principal"];
  rejection?: string;
  requestId?: string | undefined;
};

const actionOf: Readonly<Record<End["to"], AuditAction>> = {
  stopped: "plan.stopped",
  rejected: "plan.rejected",
  cancelled: "plan.cancelled",
  expired: "plan.expired",
};

/**
 * Ends a plan whose row is held: steps that were not sent never will be. With its event, and announced with
 * the commit. A step that is being sent at the moment ends by itself.
 *
 * @throws {PlanStateError} it has ended already, or cannot end so
 */
export async function endPlan(
  tx: Transaction,
  deps: EndDeps,
  plan: PlanRow,
  { to, reason, principal, rejection, requestId }: End,
): Promise<void> {
  if (!mayMove(plan.state, to)) throw new PlanStateError(plan.state);
  const now = deps.clock.now();
  const isMoved = await movePlan(tx, plan, {
    state: to,
    endReason: reason,
    updatedAt: now,
    endedAt: now,
    ...(rejection === undefined ? {} : { rejection }),
  });
  if (!isMoved) throw new PlanStateError(plan.state);
  const skipped = await skipPending(tx, plan, now);
  const isOwn = principal !== null && "userId" in principal && principal.userId === plan.ownerId;
  await recordEvent(tx, deps, {
    action: actionOf[to],
    principal,
    teamId: plan.teamId,
    target: { kind: "plan", id: plan.id },
    ...onlyConnection(plan.connectionIds),
    ...(isOwn ? {} : { onBehalfOf: plan.ownerId }),
    result: "success",
    detail: {
      reason,
      hash: plan.hash,
      version: plan.version,
      from: plan.state,
      stepsSkipped: skipped,
      ...(plan.agentId === null ? {} : { agentId: plan.agentId }),
    },
    ...(requestId ? { requestId } : {}),
  });
}

/**
 * Takes a plan back: by whoever proposed it, its owner, or an admin. One that is being applied stops before
 * its next step, and only a person stops it, or takes back what is left of one that its agent's budget stopped.
 *
 * @throws {NotFoundError} absent, or not theirs to know of
 * @throws {ForbiddenError | SecondFactorRequiredError} not theirs to end
 * @throws {PlanStateError} it has ended
 */
export async function cancelPlan(
  deps: CancelDeps,
  asker: Asker,
  planId: string,
  requestId?: string,
): Promise<PlanJson> {
  await inTransaction(deps.db, async (tx) => {
    const doer = asker.kind === "user" ? await requireStanding(tx, asker) : asker;
    const plan = await lockPlan(tx, doer, planId);
    if (!plan || !seesPlan(doer, plan)) throw new NotFoundError();
    if (doer.kind === "user") {
      requireMay(doer, "plan.end", { ownerId: plan.ownerId });
    } else if (!isWaiting(plan.state)) throw new PlanStateError(plan.state);
    if (!isOpen(plan.state) && !isPutOff(plan)) throw new PlanStateError(plan.state);
    const reason = cancelReason(doer, plan);
    const to = plan.state === "applying" ? "stopped" : "cancelled";
    await endPlan(tx, deps, plan, { to, reason, principal: asker, requestId });
  });
  return getPlan(deps, asker, planId);
}

const cancelReason = (doer: Asker, plan: PlanRow): EndReason => {
  if (doer.kind === "agent") return "cancelled_by_proposer";
  return doer.userId === plan.ownerId ? "cancelled_by_owner" : "cancelled_by_admin";
};

/**
 * Stops all open plans of a person's grants, an agent or a key, in the caller's transaction (TEN-10, PLN-7).
 *
 * @param principal - who did what stops them; what they may was decided by the caller
 * @returns how many
 */
export async function stopPlansOf(
  tx: Transaction,
  deps: EndDeps,
  principal: Principal | null,
  whose: { teamId: string } & ({ ownerId: string } | { agentId: string } | { keyId: string }),
  reason: EndReason,
): Promise<number> {
  const { teamId, ...of } = whose;
  const ids = await listOpenPlansOf(tx, { teamId }, of);
  for (const id of ids) await stopIfOpen(tx, deps, { id, teamId, principal }, reason);
  return ids.length;
}

async function stopIfOpen(
  tx: Transaction,
  deps: EndDeps,
  { id, teamId, principal }: { id: string; teamId: string; principal: Principal | null },
  reason: EndReason,
): Promise<void> {
  const plan = await lockPlan(tx, { teamId }, id);
  if (!plan || !isOpen(plan.state)) return;
  const to = reason === "expired" ? "expired" : "stopped";
  if (mayMove(plan.state, to)) await endPlan(tx, deps, plan, { to, reason, principal });
}

/**
 * Ends what nobody decided in time and stops what has lost something that it stands on, for all teams:
 * whatever took it back, and whether or not it told (PLN-7). Also drops drafts that were left behind.
 */
export async function sweepPlans(
  deps: EndDeps & { db: Database },
  signal?: AbortSignal,
): Promise<void> {
  const now = deps.clock.now();
  for (let found = BATCH; found === BATCH && !signal?.aborted; ) {
    const faulty = await listFaultyPlans(deps.db, { now, limit: BATCH });
    found = faulty.length;
    for (const { id, teamId, fault } of faulty) {
      await inTransaction(deps.db, (tx) =>
        stopIfOpen(tx, deps, { id, teamId, principal: null }, fault),
      );
    }
  }
  await deleteDraftsBefore(deps.db, new Date(now.getTime() - DRAFT_LIFE_MS));
}
