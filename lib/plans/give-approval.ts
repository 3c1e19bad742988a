import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Transaction } from "#lib/db/client.ts";
import { type ApprovalMacDeps, macOfApproval } from "#lib/plans/approval-mac.ts";
import { insertApproval } from "#lib/plans/approval-repository.ts";
import { PlanStateError } from "#lib/plans/errors.ts";
import { movePlan, type PlanRow } from "#lib/plans/repository.ts";
import type { ApprovalPart } from "#lib/plans/schema.ts";

/**
 * Stores one word for a plan as it stands, signed, and moves the plan on. The plan is held, and whoever calls
 * has seen that the word is theirs to give.
 *
 * @param word.standingApprovalId - the approval given beforehand by which it was given; null: a person did
 * @param word.isLast - no other word is missing: the plan is approved
 */
export async function giveApproval(
  deps: ApprovalMacDeps & { clock: Clock; random: Random },
  tx: Transaction,
  plan: PlanRow,
  word: {
    userId: string;
    part: ApprovalPart;
    standingApprovalId: string | null;
    isLast: boolean;
  },
): Promise<void> {
  const { userId, part, standingApprovalId, isLast } = word;
  const now = deps.clock.now();
  const approval = {
    id: deps.random.uuid(),
    planId: plan.id,
    version: plan.version,
    hash: plan.hash,
    userId,
    part,
    approvedAt: now,
  };
  const mac = macOfApproval(deps, { ...approval, standingApprovalId });
  await insertApproval(tx, { ...approval, mac });
  const isMoved = await movePlan(tx, plan, {
    state: isLast ? "approved" : "proposed",
    updatedAt: now,
    ...(standingApprovalId === null ? {} : { standingApprovalId }),
    ...(isLast ? { approvedAt: now } : {}),
  });
  if (!isMoved) throw new PlanStateError(plan.state);
}
