import { counted } from "#components/ui/amounts.ts";
import { effectWords } from "#components/ui/effect-badge.tsx";
import { midInGroups } from "#lib/connections/health.ts";
import type { EndReason, PlanState, Risk, StepState } from "#lib/plans/plan-states.ts";
import type { PlanJson, PlanSummaryJson, PlanTarget } from "#lib/plans/schema.ts";
import { unknownRecipients } from "#lib/providers/vocabulary.ts";

type Tone = "plain" | "ok" | "warn" | "danger" | "accent";

const stateWords: Record<PlanState, { words: string; tone: Tone }> = {
  proposed: { words: "Waiting", tone: "accent" },
  approved: { words: "Approved", tone: "accent" },
  applying: { words: "Running", tone: "accent" },
  applied: { words: "Applied", tone: "ok" },
  stopped: { words: "Stopped", tone: "warn" },
  rejected: { words: "Declined", tone: "plain" },
  cancelled: { words: "Cancelled", tone: "plain" },
  expired: { words: "Expired", tone: "plain" },
};

/** Where a plan stands, for whoever looks; one that is past its time counts as expired. */
export function planStanding(
  plan: Pick<PlanSummaryJson, "state" | "canApprove" | "missing" | "expiresAt" | "progress">,
  now: Date,
): { words: string; tone: Tone } {
  const isWaiting = plan.state === "proposed" || plan.state === "approved";
  if (isWaiting && new Date(plan.expiresAt) <= now) return stateWords.expired;
  if (plan.state === "proposed") {
    if (plan.canApprove !== null) return { words: "Waiting for you", tone: "accent" };
    return plan.missing[0] === "second" && plan.missing.length === 1
      ? { words: "Waiting for a second person", tone: "plain" }
      : { words: "Waiting for its owner", tone: "plain" };
  }
  if (plan.state === "stopped" && (plan.progress.applied ?? 0) > 0) {
    return { words: "Stopped part way", tone: "warn" };
  }
  return stateWords[plan.state];
}

/** Why a plan ended, and what is left to do. */
export const endWords: Record<EndReason, string> = {
  rejected: "It was declined. Nothing was sent.",
  cancelled_by_proposer: "Whoever proposed it took it back.",
  cancelled_by_owner: "Its owner cancelled it.",
  cancelled_by_admin: "An admin cancelled it.",
  expired: "Nobody decided in time. Ask for it again if it is still wanted.",
  agent_ended: "Its agent was deleted.",
  agent_disabled: "Its agent was disabled.",
  agent_paused: "Its agent was paused, so nothing more of it was sent.",
  approval_ended: "The standing approval it ran under ended.",
  budget_spent:
    "Its agent had used up its day, so the steps after it were not sent. They can be run after midnight UTC, or once you allow the agent more, until the plan expires.",
  key_revoked: "The key that proposed it was revoked.",
  member_removed: "Its owner left the team.",
  grant_ended: "A connection it needs was disconnected. Reconnect, then ask for it again.",
  connection_ended: "A connection it needs was edited or deleted. Ask for it again.",
  killed: "An operator stopped it.",
  damaged:
    "What is stored is not what was approved. Nothing more was sent; tell whoever runs the studio.",
  step_failed:
    "A step failed, so the steps after it were not sent. See what it says, then propose the rest again.",
  step_unknown:
    "Nobody knows whether a step happened, so the steps after it were not sent. Look in the org, then say what you found.",
  step_drifted:
    "The org changed after this was proposed, so nothing more was sent. Ask for the plan again, with what is there now.",
  refused: "The studio refused a step, so the steps after it were not sent.",
};

export const riskWords: Record<Risk, { words: string; tone: Tone }> = {
  production: { words: "production", tone: "plain" },
  destructive: effectWords("destructive"),
  bulk: { words: "bulk", tone: "warn" },
  code: effectWords("code"),
  send: effectWords("send"),
};

export const stepWords: Record<StepState, { words: string; tone: Tone }> = {
  pending: { words: "Not sent yet", tone: "plain" },
  sending: { words: "Being sent", tone: "accent" },
  applied: { words: "Applied", tone: "ok" },
  failed: { words: "Failed", tone: "danger" },
  unknown: { words: "Not known", tone: "warn" },
  drifted: { words: "The org changed", tone: "warn" },
  skipped: { words: "Not sent", tone: "plain" },
};

/** What to do about a step that did not go as it should. */
export const stepNextWords: Partial<Record<StepState, string>> = {
  failed:
    "Nothing of this step was kept as far as the provider says. Mend the cause, then propose it again.",
  unknown:
    "The request was sent and no answer came. Look in the org, then say here what you found: it is never sent twice.",
  drifted: "Ask for the plan again: it is then made from what is there now.",
};

/** Whether nobody knows how many people are written to. */
export const isUnknownReach = (recipients: number): boolean => recipients >= unknownRecipients;

/** Why a plan would stop at an org; who has to sign in is its owner, or whoever looks. */
export const unreadyWords: Record<PlanJson["unready"][number]["why"], string> = {
  needs_reconnect: "Needs reconnect",
  not_connected: "Not connected",
  another_identity: "Signed in as somebody else",
};

/** "214 emails at most", or that nobody knows. */
export const emailsWords = (recipients: number): string =>
  isUnknownReach(recipients)
    ? "an unknown number of emails"
    : `${counted(recipients, "email")} at most`;

/** In the words of a summary: "3 steps, 430 records, 214 emails at most". */
export function countsLine(
  plan: Pick<PlanSummaryJson, "stepCount" | "records" | "recipients">,
): string {
  return [
    counted(plan.stepCount, "step"),
    counted(plan.records, "record"),
    ...(plan.recipients > 0 ? [emailsWords(plan.recipients)] : []),
  ].join(", ");
}

/** An org's id as people know it; MIDs in groups of three. */
export const targetId = ({
  orgId = null,
  memberId = null,
}: Partial<Pick<PlanTarget, "orgId" | "memberId">>): string | null =>
  orgId ?? (memberId === null ? null : `MID ${midInGroups(memberId)}`);

/** "6 letters to go", or what is wrong; null once it is there. */
export function typingWords(wanted: string, typed: string): string | null {
  const [goal, text] = [wanted.trim(), typed.trimStart()];
  if (text.trimEnd() === goal) return null;
  if (!goal.startsWith(text)) return "This is not its name";
  const left = [...goal].length - [...text].length;
  return left === 1 ? "1 letter to go" : `${left} letters to go`;
}

/** `9f3c…e71a` */
export const shortHash = (hash: string) => `${hash.slice(0, 4)}…${hash.slice(-4)}`;
