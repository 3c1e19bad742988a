import {
  type StandingEffect,
  type StandingState,
  standingEffects,
} from "#lib/plans/standing-approval-terms.ts";
import type { Effect } from "#lib/providers/operation.ts";

export type StandingFacts = {
  id: string;
  connectionId: string;
  operationId: string;
  effect: StandingEffect;
  appliesAtOnce: boolean;
  usesLeft: number;
  recordsMost: number;
  until: Date;
  revokedAt: Date | null;
};

/** How one stands now; whatever ended it first. */
export function standingState(
  of: Pick<StandingFacts, "revokedAt" | "until" | "usesLeft">,
  now: Date,
): StandingState {
  if (of.revokedAt !== null) return "revoked";
  if (of.until <= now) return "over";
  return of.usesLeft > 0 ? "live" : "used_up";
}

export const mayStand = (effect: Effect): effect is StandingEffect =>
  standingEffects.some((each) => each === effect);

/** A step as far as it is held against what was approved beforehand. */
export type StepToCover = {
  connectionId: string;
  operationId: string;
  effect: Effect;
  records: number;
  recipients: number;
};

/** Records or people, whichever are more: what an approval limits for one step. */
const sizeOf = ({ records, recipients }: StepToCover) => Math.max(records, recipients);

/**
 * Which approvals cover which number of steps, so that every step is covered; null where one is not: a
 * plan is approved beforehand as a whole or not at all. The largest steps choose first: whatever could
 * cover one of them could cover any that comes after it, so that what is left over never matters.
 *
 * @param approvals - live ones
 */
export function coverSteps(
  steps: readonly StepToCover[],
  approvals: readonly StandingFacts[],
): Map<string, number> | null {
  if (steps.length === 0) return null;
  const uses = new Map<string, number>();
  for (const step of steps.toSorted((one, other) => sizeOf(other) - sizeOf(one))) {
    const covering = approvals.find(
      (each) =>
        each.connectionId === step.connectionId &&
        each.operationId === step.operationId &&
        each.effect === step.effect &&
        sizeOf(step) <= each.recordsMost &&
        (uses.get(each.id) ?? 0) < each.usesLeft,
    );
    if (!covering) return null;
    uses.set(covering.id, (uses.get(covering.id) ?? 0) + 1);
  }
  return uses;
}

/** What the trail says of approvals: how often one was used, or that it was taken back. */
export type StandingEvent = {
  action: string;
  detail: Readonly<Record<string, unknown>>;
};

/** Whether the trail knows that this approval was taken back, whatever its row says. */
export const isToldRevoked = (events: readonly StandingEvent[], id: string): boolean =>
  events.some(
    ({ action, detail }) =>
      action === "standing_approval.revoked" && detail.standingApprovalId === id,
  );

/** Uses that an approval had left by the trail: no row gives one back. */
export function usesToldLeft(
  events: readonly StandingEvent[],
  { id, usesMost }: { id: string; usesMost: number },
): number {
  return events
    .filter(
      ({ action, detail }) =>
        action === "standing_approval.used" && detail.standingApprovalId === id,
    )
    .reduce((left, { detail }) => left - Number(detail.steps), usesMost);
}
