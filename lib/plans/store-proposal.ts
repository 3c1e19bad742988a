import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import { sqlOf } from "#lib/db/sql.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { type ApplyDeps, beginApplying } from "#lib/plans/apply-plan.ts";
import { approveBeforehand } from "#lib/plans/approve-beforehand.ts";
import type { PlanToBe } from "#lib/plans/draft.ts";
import { PlanFaultError, TooManyPlansError } from "#lib/plans/errors.ts";
import { countWaitingPlans, findFault } from "#lib/plans/liveness-repository.ts";
import { requireRoomToday } from "#lib/plans/plan-budget.ts";
import { hashOfPlan, type PlanHeader } from "#lib/plans/plan-content.ts";
import { lockPlan, proposeDraft } from "#lib/plans/repository.ts";
import type { PlanSummary } from "#lib/plans/summary.ts";
import { lockTeam } from "#lib/team/members-repository.ts";

/** An agent, or a person by hand, has at most so many plans that wait. */
const WAITING_MOST = 100;

export type Proposal = {
  plan: PlanToBe;
  draftId: string;
  summary: PlanSummary;
  title: string;
  reason: string;
  clientKey: string | null;
  clientHash: string | null;
  requestId: string | undefined;
};

/** Who proposed it, as it is stored and hashed. */
export const proposerOf = (asker: Asker) =>
  asker.kind === "agent"
    ? { agentId: asker.agentId, keyId: asker.keyId, proposedById: null }
    : { agentId: null, keyId: null, proposedById: asker.userId };

/** All of a plan that is hashed beside its steps. */
export function headerOf(
  asker: Pick<PlanHeader, "agentId" | "keyId" | "proposedById">,
  { id, teamId, ownerId, version, expiresAt }: PlanToBe,
  { targets, risks, warnings, records, recipients }: PlanSummary,
  { title, reason }: { title: string; reason: string },
): PlanHeader {
  return {
    ...{ id, teamId, ownerId, version, expiresAt },
    ...{ agentId: asker.agentId, keyId: asker.keyId, proposedById: asker.proposedById },
    ...{ targets, risks, warnings, records, recipients, title, reason },
  };
}

/**
 * Makes a plan of what a draft holds, in one transaction with its event; from its commit on it can be seen.
 * Whoever proposed it still counts by then: no plan is left behind by a key that was just revoked.
 *
 * @returns its id
 * @throws {TooManyPlansError | PlanFaultError | BudgetSpentError}
 */
export async function storeProposal(
  deps: ApplyDeps,
  asker: Asker,
  proposal: Proposal,
): Promise<string> {
  const { plan, summary, requestId, clientKey, clientHash } = proposal;
  const proposer = proposerOf(asker);
  const header = headerOf(proposer, plan, summary, proposal);
  const hash = hashOfPlan(header, summary.stepHashes);
  const isUnderWay = await inTransaction(deps.db, async (tx) => {
    // Whoever takes a person out of the team waits, or is seen.
    await lockTeam(tx, plan.teamId);
    const waiting = await countWaitingPlans(tx, { ...plan, agentId: proposer.agentId });
    if (waiting >= WAITING_MOST) throw new TooManyPlansError(WAITING_MOST);
    const { stepCount, connectionIds, records, recipients, risks, targets, warnings } = summary;
    const isStored = await proposeDraft(tx, plan, {
      ...proposer,
      ...{ clientKey, clientHash, title: header.title, reason: header.reason, hash },
      ...{ stepCount, connectionIds, records, recipients, risks, targets, warnings },
      createdAt: plan.createdAt,
      expiresAt: plan.expiresAt,
    });
    if (!isStored) throw new Error("a plan's draft was gone before it was proposed");
    await requireNoFault(tx, deps, plan);
    await requireRoomToSend(tx, deps, header);
    await recordEvent(tx, deps, {
      action: "plan.proposed",
      principal: asker,
      target: { kind: "plan", id: plan.id },
      ...onlyConnection(connectionIds),
      result: "success",
      detail: eventDetail(header, summary, hash),
      ...(requestId ? { requestId } : {}),
    });
    return asker.kind === "agent" && (await goOnBeforehand(tx, deps, asker, plan.id, requestId));
  });
  if (isUnderWay) deps.planExecutor.take(plan.id);
  return plan.id;
}

/** Where the owner gave their word beforehand, it counts at once. @returns whether it is being applied */
async function goOnBeforehand(
  tx: Transaction,
  deps: ApplyDeps,
  agent: AgentPrincipal,
  planId: string,
  requestId: string | undefined,
): Promise<boolean> {
  const covered = await approveBeforehand(deps, tx, agent, planId, requestId);
  const plan = covered?.applies ? await lockPlan(tx, agent, planId) : null;
  if (plan === null) return false;
  await beginApplying(tx, deps, agent, plan, requestId);
  return true;
}

/**
 * Refuses to go on with a plan of which something was taken back.
 *
 * @throws {PlanFaultError}
 */
export async function requireNoFault(
  tx: Transaction,
  { clock }: { clock: Clock },
  plan: Pick<PlanHeader, "id" | "teamId">,
): Promise<void> {
  const fault = await findFault(tx, plan, clock.now());
  if (fault !== null) throw new PlanFaultError(fault);
}

/**
 * Refuses an agent's plan that writes to more people than it may today: approved, it could not be applied.
 *
 * @throws {BudgetSpentError}
 */
export async function requireRoomToSend(
  tx: Transaction,
  deps: { clock: Clock },
  { agentId, recipients }: Pick<PlanHeader, "agentId" | "recipients">,
): Promise<void> {
  if (agentId === null) return;
  await requireRoomToday(sqlOf(tx), deps, agentId, { calls: 0, sends: recipients });
}

/** What the trail says of a plan: sizes and ids, nothing of what it would write. */
export const eventDetail = (
  { version, agentId, risks }: Pick<PlanHeader, "version" | "agentId" | "risks">,
  {
    stepCount,
    records,
    recipients,
    connectionIds,
  }: Omit<PlanSummary, "stepHashes" | "targets" | "risks" | "warnings">,
  hash: string,
) => ({
  hash,
  version,
  steps: stepCount,
  records,
  recipients,
  risks: [...risks],
  connections: [...connectionIds],
  ...(agentId === null ? {} : { agentId }),
});

/** An event is on a connection's timeline where the plan is about that one alone. */
export const onlyConnection = ([first, ...others]: readonly string[]) =>
  first !== undefined && others.length === 0 ? { connectionId: first } : {};
