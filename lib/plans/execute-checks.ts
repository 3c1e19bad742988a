import type { AuditAction } from "#lib/audit/actions.ts";
import type { ChainKey } from "#lib/audit/chain.ts";
import { eventsAboutPlan, eventsAboutStanding } from "#lib/audit/sealed-events-repository.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { AgentPrincipal, Principal, Role } from "#lib/core/principal.ts";
import type { Transaction } from "#lib/db/client.ts";
import { type HotPool, sqlOfPool } from "#lib/db/hot-pool.ts";
import { sqlOf } from "#lib/db/sql.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import {
  type AgentStanding,
  groundOf,
  type Held,
  holdAgent,
  holdGrant,
  holdOwner,
  isInstanceHeld,
  rolesOf,
} from "#lib/plans/apply-repository.ts";
import {
  type ApprovalMacDeps,
  isApprovalSigned,
  isStandingSigned,
} from "#lib/plans/approval-mac.ts";
import { type ApprovalRow, approvalsOf } from "#lib/plans/approval-repository.ts";
import {
  hashOfPlan,
  hostOfDoor,
  isSameTarget,
  type StepContent,
  targetOf,
} from "#lib/plans/plan-content.ts";
import { historyOf, type PlanHistory, planWords } from "#lib/plans/plan-history.ts";
import { neededParts, partOf } from "#lib/plans/plan-state.ts";
import { lockPlan, type PlanRow } from "#lib/plans/repository.ts";
import type { EndReason } from "#lib/plans/schema.ts";
import { isToldRevoked } from "#lib/plans/standing-approval.ts";
import { holdStandingOf } from "#lib/plans/standing-approval-repository.ts";
import { fourEyesOf } from "#lib/team/teams-repository.ts";

/** A plan that this instance applies. */
export type Taken = Held & {
  /** As it was when it was taken: what may not change by now. */
  readonly plan: PlanRow;
  readonly instance: number;
  /** The hash of each step's stored bytes; together they had the hash that was approved. */
  readonly stepHashes: readonly string[];
  /** Steps that may have been sent already, whatever their rows say. */
  readonly sent: ReadonlySet<number>;
};

export type JudgeDeps = ApprovalMacDeps & { clock: Clock; chainKey: ChainKey };

/** Whom the trail names, and whose turns are taken: the agent for its owner, or the owner (PLN-11). */
export type Doer =
  | Pick<AgentPrincipal, "kind" | "agentId" | "keyId" | "ownerId" | "teamId">
  | (Pick<Principal, "kind" | "userId" | "teamId"> & { sessionId: null });

export const doerOf = ({ teamId, ownerId, agentId, keyId }: PlanRow): Doer =>
  agentId !== null && keyId !== null
    ? { kind: "agent", agentId, keyId, ownerId, teamId }
    : { kind: "user", userId: ownerId, teamId, sessionId: null };

export type Verdict =
  | { kind: "go"; plan: PlanRow; grant: Grant }
  /** Another instance has it, or takes this one for dead: nothing may be written. */
  | { kind: "lost" }
  /** Somebody ended it. */
  | { kind: "over" }
  /** It has to be stopped before this step (PLN-7). */
  | { kind: "stop"; plan: PlanRow; reason: EndReason };

const agentReasons: Readonly<Record<Exclude<AgentStanding, "live">, EndReason>> = {
  gone: "agent_ended",
  disabled: "agent_disabled",
  paused: "agent_paused",
  key_revoked: "key_revoked",
  not_there: "connection_ended",
};

type ToJudge = { content: StepContent; hash: string };
type Go = Extract<Verdict, { kind: "go" }>;
/** What was judged good last, by connection, and the ground that it stood on. */
export type Grounds = Map<string, { ground: string; go: Go }>;

/**
 * Whether this step may be sent now, as everything stands at this moment, read anew and kept so until the
 * transaction ends (PLN-2, PLN-7). What was judged before is judged again only where something changed.
 *
 * @param step - opened from its stored bytes, whose hash it is
 */
export async function judgeStep(
  deps: JudgeDeps,
  tx: Transaction,
  { taken, grounds }: { taken: Taken; grounds: Grounds },
  step: ToJudge,
): Promise<Verdict> {
  const { connectionId } = step.content.target;
  const of = { connectionId, instance: taken.instance, now: deps.clock.now(), isHeld: true };
  const ground = await groundOf(sqlOf(tx), taken.plan, of);
  const known = grounds.get(connectionId);
  if (known?.ground === ground) return ofThisStep(known.go, taken, step);
  const verdict = await judgeAnew(deps, tx, taken, connectionId);
  if (verdict.kind !== "go") return verdict;
  grounds.set(connectionId, { ground, go: verdict });
  return ofThisStep(verdict, taken, step);
}

/** The same where nothing changed since it was judged last, without a transaction; else null. */
export async function recallVerdict(
  deps: { clock: Clock; hotPool: HotPool },
  { taken, grounds }: { taken: Taken; grounds: Grounds },
  step: ToJudge,
): Promise<Verdict | null> {
  const { connectionId } = step.content.target;
  const known = grounds.get(connectionId);
  if (!known) return null;
  const of = { connectionId, instance: taken.instance, now: deps.clock.now(), isHeld: false };
  const ground = await groundOf(sqlOfPool(deps.hotPool), taken.plan, of);
  return known.ground === ground ? ofThisStep(known.go, taken, step) : null;
}

function ofThisStep(go: Go, { stepHashes }: Taken, { content, hash }: ToJudge): Verdict {
  const { plan, grant } = go;
  if (stepHashes[content.position - 1] !== hash) return { kind: "stop", plan, reason: "damaged" };
  return leadsThere(grant, content) ? go : { kind: "stop", plan, reason: "connection_ended" };
}

/** All of it, whoever it is about; people and grants are held before the plan. */
async function judgeAnew(
  deps: JudgeDeps,
  tx: Transaction,
  taken: Taken,
  connectionId: string,
): Promise<Verdict> {
  const sql = sqlOf(tx);
  const now = deps.clock.now();
  const owner = await holdOwner(sql, taken.plan);
  const agent =
    taken.plan.agentId === null ? "live" : await holdAgent(sql, taken.plan, connectionId, now);
  await holdGrant(sql, taken.plan, connectionId);
  const { teamId, ownerId } = taken.plan;
  const grant = await findOwnGrant(tx, { teamId, userId: ownerId }, connectionId);
  const plan = await lockPlan(tx, taken, taken.id);
  if (plan?.fence !== taken.fence) return { kind: "lost" };
  if (!(await isInstanceHeld(sql, taken.instance))) return { kind: "lost" };
  if (plan.state !== "applying") return { kind: "over" };
  const stop = (reason: EndReason): Verdict => ({ kind: "stop", plan, reason });
  if ((await findHistory(deps, tx, plan, planWords)) === null) return stop("damaged");
  const flaw = await flawOfApproval(deps, tx, plan, taken.stepHashes);
  if (flaw !== null) return stop(flaw);
  if (plan.expiresAt <= now) return stop("expired");
  if (owner !== "live") return stop(owner === "gone" ? "member_removed" : "killed");
  if (agent !== "live") return stop(agentReasons[agent]);
  if (grant?.state !== "active") return stop("grant_ended");
  return { kind: "go", plan, grant };
}

/**
 * What the trail tells of a plan whose row says that it is applied (PLN-4): a rejected plan that was set back
 * to approved, an applied one that was begun anew, are not.
 *
 * @param words - of what kinds
 * @returns null where the trail does not say that exactly this version is under way
 */
export async function findHistory(
  { chainKey }: JudgeDeps,
  tx: Transaction,
  plan: PlanRow,
  words: readonly AuditAction[],
): Promise<PlanHistory | null> {
  const events = await eventsAboutPlan(tx, chainKey, plan, words);
  const history = events && historyOf(events);
  const { begun } = history ?? { begun: null };
  return begun?.version === plan.version && begun.hash === plan.hash ? history : null;
}

/**
 * What is wrong with the plan's approval (PLN-2): null where what is stored has the hash that everybody
 * approved whose word is needed. The header is read anew; the steps' bytes have those hashes. A word that
 * the studio did not write itself is damage (PLN-6).
 */
export async function flawOfApproval(
  deps: JudgeDeps,
  tx: Transaction,
  plan: PlanRow,
  stepHashes: readonly string[],
): Promise<"damaged" | "approval_ended" | null> {
  const hash = hashOfPlan(plan, stepHashes);
  if (plan.hash !== hash || plan.stepCount !== stepHashes.length) return "damaged";
  const approvals = (await approvalsOf(tx, [plan])).get(plan.id) ?? [];
  const isOfThis = (approval: ApprovalRow) =>
    approval.hash === hash &&
    approval.version === plan.version &&
    isApprovalSigned(deps, plan, approval);
  if (!approvals.every(isOfThis)) return "damaged";
  const needed = neededParts(plan, await fourEyesOf(tx, plan));
  const sql = sqlOf(tx);
  const roles = await rolesOf(
    sql,
    plan,
    approvals.map(({ userId }) => userId),
  );
  const isGiven = needed.every((part) =>
    approvals.some((approval) => approval.part === part && isTheirs(plan, approval, roles)),
  );
  const isHeld = isGiven && (await isStandingHeld(deps, tx, plan));
  return isHeld ? null : "approval_ended";
}

/**
 * A yes that was given beforehand counts until its time is over, and until somebody takes it back: by its
 * terms as the studio signed them, and by the trail.
 */
async function isStandingHeld(
  { clock, chainKey, ...keys }: JudgeDeps,
  tx: Transaction,
  plan: PlanRow,
): Promise<boolean> {
  const { teamId, standingApprovalId } = plan;
  if (standingApprovalId === null) return true;
  const held = await holdStandingOf(tx, plan);
  const standingApprovalIds = held.map(({ id }) => id);
  const told = await eventsAboutStanding(tx, chainKey, { teamId, standingApprovalIds });
  return (
    told !== null &&
    standingApprovalIds.includes(standingApprovalId) &&
    held.every(
      (each) =>
        isStandingSigned(keys, each) &&
        each.revokedAt === null &&
        each.until > clock.now() &&
        !isToldRevoked(told, each.id),
    )
  );
}

/**
 * Nobody's word counts twice, nobody else's for the owner's (TEN-4, PLN-8), and a second person's only
 * while they could still give it (PLN-7).
 */
function isTheirs(
  plan: PlanRow,
  { part, userId }: ApprovalRow,
  roles: ReadonlyMap<string, Role>,
): boolean {
  if (part === "owner") return userId === plan.ownerId;
  const role = roles.get(userId);
  return role !== undefined && partOf({ userId, role }, plan) === "second";
}

/** The same org or business unit, as the same person, by the same host as when it was approved. */
export const leadsThere = (grant: Grant, { target, request }: StepContent): boolean =>
  isSameTarget(targetOf(grant), target) && hostOfDoor(grant, request.door) === target.host;
