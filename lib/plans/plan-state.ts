import type { ApprovalPart, EndReason, PlanState, Risk } from "#lib/plans/plan-states.ts";
import { BULK_RECORDS, risks } from "#lib/plans/plan-states.ts";
import type { ApproveInput } from "#lib/plans/schema.ts";
import type { Actor } from "#lib/policy/role-matrix.ts";
import type { Effect } from "#lib/providers/operation.ts";
import { classify } from "#lib/providers/salesforce/hosts.ts";
import type { Environment, ProviderName } from "#lib/providers/vocabulary.ts";

/** Where a plan may go from where it is. What is not named here is not done. */
const transitions: Readonly<Record<PlanState, readonly PlanState[]>> = {
  proposed: ["proposed", "approved", "rejected", "cancelled", "expired", "stopped"],
  approved: ["proposed", "applying", "rejected", "cancelled", "expired", "stopped"],
  applying: ["applied", "stopped"],
  applied: [],
  // By the owner's word about a step of which nobody knew what became of it, or with a new day for its agent.
  stopped: ["applying", "applied", "cancelled"],
  rejected: [],
  cancelled: [],
  expired: [],
};
export const mayMove = (from: PlanState, to: PlanState): boolean => transitions[from].includes(to);

/** Ended so, the steps that were not sent stay as they were approved, until the plan's time is over. */
export const mayGoOnAfter = (reason: EndReason | null): boolean =>
  reason === "step_unknown" || reason === "budget_spent";

type Ended = { state: PlanState; endReason: EndReason | null };
/** Its agent's day was spent before the next step: the rest may be applied under the same approval (BRK-9). */
export const isPutOff = ({ state, endReason }: Ended): boolean =>
  state === "stopped" && endReason === "budget_spent";
/** Stopped at a step of which nobody knows what became of it: its owner says so, and whether the rest goes on. */
export const waitsForWord = ({ state, endReason }: Ended): boolean =>
  state === "stopped" && endReason === "step_unknown";
/** Whoever may apply it can do so now, but for its time. */
export const mayBegin = (plan: Ended): boolean => plan.state === "approved" || isPutOff(plan);

/** Nothing of it was sent, and nothing is being sent. */
export const isWaiting = (state: PlanState): boolean =>
  state === "proposed" || state === "approved";
export const isOpen = (state: PlanState): boolean => isWaiting(state) || state === "applying";

/** What a plan risks, in fixed order, from what its steps do, how much, and where. */
export function risksOf(
  {
    kinds,
    records,
    recipients,
  }: { kinds: ReadonlySet<Effect>; records: number; recipients: number },
  targets: readonly { isProduction: boolean }[],
): Risk[] {
  const found: Readonly<Record<Risk, boolean>> = {
    production: targets.some(({ isProduction }) => isProduction),
    destructive: kinds.has("destructive"),
    // A send to very many, or to nobody knows how many, changes as much as a write of that many records.
    bulk: Math.max(records, recipients) >= BULK_RECORDS,
    code: kinds.has("code"),
    send: kinds.has("send"),
  };
  return risks.filter((risk) => found[risk]);
}

/** A session left open must not be enough for these: anything that is a risk at all. */
export const wantsRecentSignIn = (of: { risks: readonly Risk[] }): boolean => of.risks.length > 0;

/**
 * Where real customers are: whoever calls an org a sandbox is believed only where its host says nothing
 * else, and a host that says nothing counts as production.
 */
export function isProductionTarget(of: {
  provider: ProviderName;
  environment: Environment;
  host: string | null;
}): boolean {
  if (of.environment === "demo") return false;
  if (of.provider === "marketing-cloud" || of.environment === "production") return true;
  const kind = of.host === null ? "other" : classify(of.host);
  if (of.environment === "sandbox") return kind === "production";
  return kind === "production" || kind === "other";
}

/** The production orgs of a plan: each one's name has to be typed. */
export const namesToType = <T extends { isProduction: boolean }>(targets: readonly T[]): T[] =>
  targets.filter(({ isProduction }) => isProduction);

/**
 * Those whose typed name is not, letter for letter, theirs; only spaces around it do not count. A single
 * `typedName` is nobody's where several are asked for: one name never stands for two orgs.
 */
export function wronglyTyped<
  T extends { connectionId: string; name: string; isProduction: boolean },
>(
  targets: readonly T[],
  { typedNames, typedName }: Pick<ApproveInput, "typedNames" | "typedName">,
): T[] {
  const asked = namesToType(targets);
  const typedOf = new Map(Object.entries(typedNames));
  const only = asked.length === 1 ? typedName : undefined;
  return asked.filter(
    ({ connectionId, name }) => (typedOf.get(connectionId) ?? only)?.trim() !== name.trim(),
  );
}

/** Whose words a plan needs: the owner's, and a second person's where the team wants that (PLN-8). */
export function neededParts(
  of: { risks: readonly Risk[] },
  fourEyes: readonly string[],
): ApprovalPart[] {
  const isTwo = of.risks.some((risk) => fourEyes.includes(risk));
  return isTwo ? ["owner", "second"] : ["owner"];
}

export type Parties = { ownerId: string; proposedById: string | null };

/**
 * Which part somebody can give. The owner of the grants alone is `owner` (TEN-4); a second person is an
 * admin or owner of the team who neither proposed it nor owns the grants.
 */
export function partOf(actor: Actor, plan: Parties): ApprovalPart | null {
  if (actor.userId === plan.ownerId) return "owner";
  if (actor.userId === plan.proposedById) return null;
  return actor.role === "member" ? null : "second";
}

export type Standing = Parties & {
  state: PlanState;
  risks: readonly Risk[];
  /** Of its version. */
  approvals: readonly { part: ApprovalPart }[];
};

/** Whose word it still waits for; nobody's once it is not proposed any more. */
export function missingParts(plan: Standing, fourEyes: readonly string[]): ApprovalPart[] {
  if (plan.state !== "proposed") return [];
  const given = new Set(plan.approvals.map(({ part }) => part));
  return neededParts(plan, fourEyes).filter((part) => !given.has(part));
}

/** The part that is missing and theirs to give, now. */
export function partToGive(
  actor: Actor,
  plan: Standing,
  fourEyes: readonly string[],
): ApprovalPart | null {
  const part = partOf(actor, plan);
  return part !== null && missingParts(plan, fourEyes).includes(part) ? part : null;
}

/**
 * Who sees what a plan writes: the owner of the grants, and whoever is, or was, asked for the second word.
 * Others of the team who may see plans see that it is there, where and how much.
 */
export function seesContent(
  actor: Actor,
  plan: Omit<Standing, "approvals"> & {
    approvals: readonly { part: ApprovalPart; userId: string }[];
  },
  fourEyes: readonly string[],
): boolean {
  if (actor.userId === plan.ownerId || actor.userId === plan.proposedById) return true;
  if (plan.approvals.some(({ userId }) => userId === actor.userId)) return true;
  return isOpen(plan.state) && partOf(actor, plan) === "second"
    ? neededParts(plan, fourEyes).includes("second")
    : false;
}
