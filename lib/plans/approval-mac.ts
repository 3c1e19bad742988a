import { createHmac, timingSafeEqual } from "node:crypto";
import type { Secret } from "#lib/core/secret.ts";
import { canonicalText } from "#lib/plans/plan-content.ts";
import type { ApprovalPart } from "#lib/plans/schema.ts";
import type { StandingEffect } from "#lib/plans/standing-approval-terms.ts";

/** The key that only the studio has (VA-5): whoever can write rows has it not. */
export type ApprovalMacDeps = { derivedKeys: { readonly planSigning: Secret } };

/** All that one person's word is: whose, when, to which bytes of which plan. */
export type SignedApproval = {
  id: string;
  planId: string;
  version: number;
  /** The plan's, which covers its team, owner and every step. */
  hash: string;
  userId: string;
  part: ApprovalPart;
  approvedAt: Date;
  /** By which the word was given beforehand; null: by hand. */
  standingApprovalId: string | null;
};

/** The terms of a word given beforehand; not how often it was used. */
export type SignedStanding = {
  id: string;
  teamId: string;
  ownerId: string;
  agentId: string;
  connectionId: string;
  operationId: string;
  effect: StandingEffect;
  target: unknown;
  appliesAtOnce: boolean;
  usesMost: number;
  recordsMost: number;
  until: Date;
  createdAt: Date;
};

/** HMAC-SHA-256 over the whole of it, in hex: a row without it is nobody's word (PLN-6). */
export const macOfApproval = (deps: ApprovalMacDeps, of: SignedApproval): string =>
  macOf(deps, [
    "meshmesh-plan-approval/1",
    of.id,
    of.planId,
    of.version,
    of.hash,
    of.userId,
    of.part,
    of.approvedAt.toISOString(),
    of.standingApprovalId,
  ]);

export const macOfStanding = (deps: ApprovalMacDeps, of: SignedStanding): string =>
  macOf(deps, [
    "meshmesh-standing-approval/1",
    of.id,
    of.teamId,
    of.ownerId,
    of.agentId,
    of.connectionId,
    of.operationId,
    of.effect,
    of.target,
    of.appliesAtOnce,
    of.usesMost,
    of.recordsMost,
    of.until.toISOString(),
    of.createdAt.toISOString(),
  ]);

/**
 * Whether the studio wrote it so, for this plan as it is stored. After another `SESSION_SECRET` no word of
 * before counts.
 */
export const isApprovalSigned = (
  deps: ApprovalMacDeps,
  plan: Pick<SignedApproval, "standingApprovalId">,
  approval: Omit<SignedApproval, "standingApprovalId"> & { mac: string },
): boolean => {
  // Only the owner gives their word beforehand.
  const standingApprovalId = approval.part === "owner" ? plan.standingApprovalId : null;
  return isSame(approval.mac, macOfApproval(deps, { ...approval, standingApprovalId }));
};

export const isStandingSigned = (
  deps: ApprovalMacDeps,
  of: SignedStanding & { mac: string },
): boolean => isSame(of.mac, macOfStanding(deps, of));

function macOf({ derivedKeys }: ApprovalMacDeps, parts: readonly unknown[]): string {
  const key = derivedKeys.planSigning.revealBytes();
  try {
    return createHmac("sha256", key).update(canonicalText(parts), "utf8").digest("hex");
  } finally {
    key.fill(0);
  }
}

function isSame(given: string, wanted: string): boolean {
  const [one, other] = [Buffer.from(given, "utf8"), Buffer.from(wanted, "utf8")];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
