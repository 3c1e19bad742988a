/** Words of plans that rows, rules and pages share; safe in a browser. */

/** The first three are open; the others are the end. */
export const planStates = [
  "proposed",
  "approved",
  "applying",
  "applied",
  "stopped",
  "rejected",
  "cancelled",
  "expired",
] as const;
export type PlanState = (typeof planStates)[number];

export const openPlanStates = ["proposed", "approved", "applying"] as const;
/** Where nothing was sent yet, and a word is enough to end it. */
export const waitingPlanStates = ["proposed", "approved"] as const;

export const stepStates = [
  "pending",
  "sending",
  "applied",
  "failed",
  "unknown",
  "drifted",
  "skipped",
] as const;
export type StepState = (typeof stepStates)[number];

/** What makes a plan one to look at twice: asks for a recent sign-in, and by a team's choice for two people. */
export const risks = ["production", "destructive", "bulk", "code", "send"] as const;
export type Risk = (typeof risks)[number];

/** Why a plan ended, for programs; pages have words for each. */
export const endReasons = [
  "rejected",
  "cancelled_by_proposer",
  "cancelled_by_owner",
  "cancelled_by_admin",
  "expired",
  "agent_ended",
  "agent_disabled",
  "agent_paused",
  "key_revoked",
  "member_removed",
  "grant_ended",
  "connection_ended",
  "killed",
  "approval_ended",
  "budget_spent",
  "damaged",
  "step_failed",
  "step_unknown",
  "step_drifted",
  "refused",
] as const;
export type EndReason = (typeof endReasons)[number];

export const approvalParts = ["owner", "second"] as const;
export type ApprovalPart = (typeof approvalParts)[number];

/** From so many records on, a plan is a bulk change. */
export const BULK_RECORDS = 200;
export const STEPS_MOST = 2_000;
export const REQUEST_BYTES_MOST = 1024 * 1024;
export const PLAN_BYTES_MOST = 50 * 1024 * 1024;
export const OBSERVED_BYTES_MOST = 64 * 1024;
export const EXPIRY_MINUTES = { least: 5, usual: 60, most: 7 * 24 * 60 } as const;
