import type { Principal } from "#lib/core/principal.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import type { ApprovalRow } from "#lib/plans/approval-repository.ts";
import {
  isOpen,
  isPutOff,
  isWaiting,
  mayBegin,
  missingParts,
  namesToType,
  neededParts,
  partOf,
  partToGive,
  seesContent,
  wantsRecentSignIn,
} from "#lib/plans/plan-state.ts";
import type { PlanRow } from "#lib/plans/repository.ts";
import {
  type PlanJson,
  type PlanSummaryJson,
  type Preview,
  type StepJson,
  type StepState,
  stepOutcomeSchema,
} from "#lib/plans/schema.ts";
import type { StepFacts } from "#lib/plans/step-repository.ts";
import { mayDo } from "#lib/policy/role-matrix.ts";

/** All that a plan is shown with. */
export type PlanFacts = {
  plan: PlanRow;
  approvals: readonly ApprovalRow[];
  progress: Partial<Record<StepState, number>>;
  names: ReadonlyMap<string, string>;
  fourEyes: readonly string[];
};

const iso = (date: Date | null) => date?.toISOString() ?? null;
const standingOf = ({ plan, approvals }: PlanFacts) => ({ ...plan, approvals });
const isAgents = (asker: Asker, plan: PlanRow) =>
  asker.kind === "agent" && asker.agentId === plan.agentId;

/** Whether this asker sees what the plan writes; an agent sees what it proposed. */
export function showsContent(asker: Asker, facts: PlanFacts): boolean {
  if (asker.kind === "agent") return isAgents(asker, facts.plan);
  return seesContent(asker, standingOf(facts), facts.fourEyes);
}

/** Whether this asker may know that it is there (TEN-2). */
export const seesPlan = (asker: Asker, plan: PlanRow): boolean =>
  asker.kind === "agent"
    ? isAgents(asker, plan)
    : mayDo(asker, "plan.read", { ownerId: plan.ownerId });

/** Each field that leaves, listed (WEB-8). */
export function toPlanSummaryJson(asker: Asker, facts: PlanFacts, now: Date): PlanSummaryJson {
  const { plan, approvals, progress, names, fourEyes } = facts;
  const standing = standingOf(facts);
  const inTime = plan.expiresAt > now;
  const proposerId = plan.agentId ?? plan.proposedById ?? plan.ownerId;
  return {
    id: plan.id,
    title: plan.title,
    state: plan.state,
    endReason: plan.endReason,
    version: plan.version,
    proposer: {
      kind: plan.agentId === null ? "person" : "agent",
      id: proposerId,
      name: names.get(proposerId) ?? null,
    },
    owner: { id: plan.ownerId, name: names.get(plan.ownerId) ?? "" },
    isMine: asker.kind === "user" && asker.userId === plan.ownerId,
    stepCount: plan.stepCount,
    records: plan.records,
    recipients: plan.recipients,
    progress: {
      pending: progress.pending ?? 0,
      sending: progress.sending ?? 0,
      applied: progress.applied ?? 0,
      failed: progress.failed ?? 0,
      unknown: progress.unknown ?? 0,
      drifted: progress.drifted ?? 0,
      skipped: progress.skipped ?? 0,
    },
    risks: plan.risks,
    targets: plan.targets.map(
      ({ connectionId, name, provider, environment, isProduction, orgName }) => ({
        ...{ connectionId, name, provider, environment, isProduction, orgName },
      }),
    ),
    approvals: approvals.map(({ part, userId, userName, approvedAt }) => ({
      part,
      by: { id: userId, name: userName },
      approvedAt: approvedAt.toISOString(),
    })),
    missing: missingParts(standing, fourEyes),
    canApprove: asker.kind === "user" && inTime ? partToGive(asker, standing, fourEyes) : null,
    createdAt: plan.createdAt.toISOString(),
    updatedAt: plan.updatedAt.toISOString(),
    expiresAt: plan.expiresAt.toISOString(),
    approvedAt: iso(plan.approvedAt),
    appliedAt: iso(plan.appliedAt),
    endedAt: iso(plan.endedAt),
  };
}

export function toPlanJson(
  asker: Asker,
  facts: PlanFacts,
  { now, studioUrl, unready }: { now: Date; studioUrl: string } & Pick<PlanJson, "unready">,
): PlanJson {
  const { plan, fourEyes } = facts;
  const isShown = showsContent(asker, facts);
  return {
    ...toPlanSummaryJson(asker, facts, now),
    reason: isShown ? plan.reason : null,
    hash: plan.hash,
    identities: isShown ? plan.targets : null,
    showsContent: isShown && plan.contentsRemovedAt === null,
    contentsRemovedAt: iso(plan.contentsRemovedAt),
    warnings: plan.warnings,
    unready,
    asks: {
      recentSignIn: wantsRecentSignIn(plan),
      typedNames: namesToType(plan.targets).map(({ connectionId, name }) => ({
        connectionId,
        name,
      })),
      secondPerson: neededParts(plan, fourEyes).includes("second"),
    },
    rejection: isShown ? plan.rejection : null,
    standingApprovalId: plan.standingApprovalId,
    url: `${studioUrl}/plans/${plan.id}`,
    ...waysOn(asker, facts, now),
  };
}

function waysOn(asker: Asker, facts: PlanFacts, now: Date) {
  const { plan } = facts;
  const inTime = plan.expiresAt > now;
  if (asker.kind === "agent") {
    return {
      canReject: false,
      canCancel: isWaiting(plan.state),
      canEdit: isWaiting(plan.state),
      canApply: asker.mode === "build" && mayBegin(plan) && inTime,
    };
  }
  const isOwners = asker.userId === plan.ownerId;
  return {
    canReject: isWaiting(plan.state) && (isOwners || isAskedForSecond(asker, facts)),
    canCancel:
      (isOpen(plan.state) || (isPutOff(plan) && inTime)) &&
      mayDo(asker, "plan.end", { ownerId: plan.ownerId }),
    canEdit: isWaiting(plan.state) && isOwners,
    canApply: isOwners && mayBegin(plan) && inTime,
  };
}

/** The second person may also say no. */
export const isAskedForSecond = (
  principal: Principal,
  { plan, fourEyes }: Pick<PlanFacts, "plan" | "fourEyes">,
): boolean =>
  partOf(principal, plan) === "second" && neededParts(plan, fourEyes).includes("second");

export function toStepJson(step: StepFacts, preview: Preview | null): StepJson {
  const outcome = stepOutcomeSchema.safeParse(step.outcome);
  return {
    position: step.position,
    connectionId: step.connectionId,
    operationId: step.operationId,
    effect: step.effect,
    title: step.title,
    records: step.records,
    recipients: step.recipients,
    state: step.state,
    startedAt: iso(step.startedAt),
    finishedAt: iso(step.finishedAt),
    outcome: outcome.success ? outcome.data : null,
    requestId: step.requestId,
    hash: step.hash,
    contentBytes: step.contentBytes,
    preview,
  };
}
