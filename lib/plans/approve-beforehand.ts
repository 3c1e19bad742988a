import type { ChainKey } from "#lib/audit/chain.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { eventsAboutStanding } from "#lib/audit/sealed-events-repository.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Transaction } from "#lib/db/client.ts";
import { type ApprovalMacDeps, isStandingSigned } from "#lib/plans/approval-mac.ts";
import { giveApproval } from "#lib/plans/give-approval.ts";
import { isSameTarget } from "#lib/plans/plan-content.ts";
import { neededParts } from "#lib/plans/plan-state.ts";
import { lockPlan, type PlanRow } from "#lib/plans/repository.ts";
import { coverSteps, isToldRevoked, usesToldLeft } from "#lib/plans/standing-approval.ts";
import {
  insertUses,
  lockLiveStanding,
  type StandingRow,
  stepsToCover,
  takeUses,
} from "#lib/plans/standing-approval-repository.ts";
import { fourEyesOf } from "#lib/team/teams-repository.ts";

type BeforehandDeps = ApprovalMacDeps & { clock: Clock; random: Random; chainKey: ChainKey };

/** What came of it: by which approvals, and what the plan needs now. */
export type ApprovedBeforehand = {
  standingApprovalIds: string[];
  /** Nobody else has to approve it. */
  isApproved: boolean;
  /** To be applied as soon as this transaction has committed. */
  applies: boolean;
};

/**
 * Gives a plan that an agent just proposed its owner's word, where every step of it is covered by what the
 * owner approved beforehand, in the transaction that proposes it. Uses are counted down under lock; two
 * plans never share the last one. A team's wish for a second person stands (PLN-8).
 *
 * Covered is: the same agent, connection and operation, doing no more than the operation did when it was
 * approved, where the connection led then and as whom, of at most so many records or people a step. Never a
 * plan that changes who may do what in an org. An approval that has more uses than the trail left it, or
 * that the trail knows was taken back, covers nothing.
 *
 * @param planId - proposed in this transaction, by this agent
 * @returns null: not covered; nothing was counted, and the plan waits for a person as always
 */
export async function approveBeforehand(
  deps: BeforehandDeps,
  tx: Transaction,
  agent: AgentPrincipal,
  planId: string,
  requestId?: string,
): Promise<ApprovedBeforehand | null> {
  const plan = await lockPlan(tx, agent, planId);
  const isOwn = plan?.agentId === agent.agentId && plan.ownerId === agent.ownerId;
  if (!plan || !isOwn || plan.state !== "proposed") return null;
  // Whoever may change rights could give themselves what no operation of theirs was approved for.
  if (plan.warnings.some(({ code }) => code === "rights")) return null;
  const now = deps.clock.now();
  const standing = await holdCounting(deps, tx, plan, agent);
  if (standing.length === 0) return null;
  const uses = coverSteps(await stepsToCover(tx, plan), standing);
  if (uses === null) return null;
  for (const [id, steps] of uses) {
    // Held, so it cannot be otherwise: an approval is never used that was not counted.
    if (!(await takeUses(tx, id, { steps, now }))) throw new Error("a held approval had no uses");
  }
  await insertUses(tx, plan, uses);
  const standingApprovalIds = [...uses.keys()];
  const [standingApprovalId = ""] = standingApprovalIds;
  const isApproved = neededParts(plan, await fourEyesOf(tx, agent)).length === 1;
  await giveApproval(deps, tx, plan, {
    userId: plan.ownerId,
    part: "owner",
    standingApprovalId,
    isLast: isApproved,
  });
  for (const [id, steps] of uses) {
    const used = standing.find((each) => each.id === id);
    if (used) await recordUse(deps, tx, agent, { plan, used, steps, requestId });
  }
  const applies =
    isApproved &&
    (agent.mode === "build" ||
      standing.filter(({ id }) => uses.has(id)).every(({ appliesAtOnce }) => appliesAtOnce));
  return { standingApprovalIds, isApproved, applies };
}

/**
 * What the agent's owner approved beforehand for where this plan leads, and counts now: held, by its terms as
 * the studio signed them, and with no more uses than the trail left it.
 */
async function holdCounting(
  deps: BeforehandDeps,
  tx: Transaction,
  plan: PlanRow,
  agent: AgentPrincipal,
): Promise<StandingRow[]> {
  const of = { ...agent, connectionIds: plan.connectionIds };
  const held = await lockLiveStanding(tx, of, deps.clock.now());
  const standingApprovalIds = held.map(({ id }) => id);
  const told = await eventsAboutStanding(tx, deps.chainKey, { ...agent, standingApprovalIds });
  if (told === null) return [];
  return held.filter(
    (each) =>
      isStandingSigned(deps, each) &&
      !isToldRevoked(told, each.id) &&
      each.usesLeft <= usesToldLeft(told, each) &&
      plan.targets.some(
        (target) => target.connectionId === each.connectionId && isSameTarget(target, each.target),
      ),
  );
}

const recordUse = (
  deps: BeforehandDeps,
  tx: Transaction,
  agent: AgentPrincipal,
  {
    plan,
    used,
    steps,
    requestId,
  }: { plan: PlanRow; used: StandingRow; steps: number; requestId: string | undefined },
): Promise<void> =>
  recordEvent(tx, deps, {
    action: "standing_approval.used",
    principal: agent,
    target: { kind: "plan", id: plan.id },
    connectionId: used.connectionId,
    result: "success",
    detail: {
      operation: used.operationId,
      standingApprovalId: used.id,
      steps,
      usesLeft: used.usesLeft - steps,
      hash: plan.hash,
    },
    ...(requestId ? { requestId } : {}),
  });
