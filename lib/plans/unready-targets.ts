import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import { findOwnGrant } from "#lib/grants/grant-repository.ts";
import { isSameTarget, targetOf } from "#lib/plans/plan-content.ts";
import { isWaiting, mayBegin } from "#lib/plans/plan-state.ts";
import type { PlanRow } from "#lib/plans/repository.ts";
import type { PlanJson, PlanTarget } from "#lib/plans/schema.ts";

type Unready = PlanJson["unready"][number];

/** Where a plan that is yet to run would stop: its owner is not signed in there, or is somebody else by now. */
export async function unreadyTargets(
  db: DatabaseOrTransaction,
  plan: PlanRow,
): Promise<PlanJson["unready"]> {
  if (!isWaiting(plan.state) && !mayBegin(plan)) return [];
  const found = await Promise.all(plan.targets.map((target) => judge(db, plan, target)));
  return found.filter((each) => each !== null);
}

async function judge(
  db: DatabaseOrTransaction,
  { teamId, ownerId }: PlanRow,
  target: PlanTarget,
): Promise<Unready | null> {
  const { connectionId } = target;
  const grant = await findOwnGrant(db, { teamId, userId: ownerId }, connectionId);
  if (grant === null || grant.state === "disconnected") {
    return { connectionId, why: "not_connected" };
  }
  if (grant.state === "needs_reconnect") return { connectionId, why: "needs_reconnect" };
  return isSameTarget(targetOf(grant), target) ? null : { connectionId, why: "another_identity" };
}
