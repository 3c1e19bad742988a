import type { Principal } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { EndReason, PlanState, PlanTarget, PlanWarning, Risk } from "#lib/plans/schema.ts";
import { Prisma } from "#prisma/generated/client.ts";

type InTeam = Pick<Principal, "teamId">;

export type PlanRow = {
  id: string;
  teamId: string;
  ownerId: string;
  agentId: string | null;
  keyId: string | null;
  proposedById: string | null;
  clientKey: string | null;
  clientHash: string | null;
  title: string;
  reason: string;
  version: number;
  hash: string;
  state: PlanState;
  endReason: EndReason | null;
  stepCount: number;
  records: number;
  recipients: number;
  connectionIds: string[];
  risks: Risk[];
  targets: PlanTarget[];
  warnings: PlanWarning[];
  rejection: string | null;
  fence: number;
  standingApprovalId: string | null;
  createdAt: Date;
  updatedAt: Date;
  expiresAt: Date;
  approvedAt: Date | null;
  appliedAt: Date | null;
  endedAt: Date | null;
  /** What it wrote is stored no more. */
  contentsRemovedAt: Date | null;
};

/** Of a plan `p`. */
export const planColumns = Prisma.sql`p.id, p.team_id as "teamId", p.owner_id as "ownerId",
  p.agent_id as "agentId", p.key_id as "keyId", p.proposed_by_id as "proposedById",
  p.client_key as "clientKey", p.client_hash as "clientHash", p.title, p.reason, p.version, p.hash,
  p.state::text as state, p.end_reason as "endReason", p.step_count as "stepCount", p.records,
  p.recipients, p.connection_ids as "connectionIds", p.risks, p.targets, p.warnings, p.rejection,
  p.fence, p.standing_approval_id as "standingApprovalId", p.created_at as "createdAt",
  p.updated_at as "updatedAt", p.expires_at as "expiresAt", p.approved_at as "approvedAt",
  p.applied_at as "appliedAt", p.ended_at as "endedAt",
  p.contents_removed_at as "contentsRemovedAt"`;
const isPlan = Prisma.sql`p.state <> 'draft'`;

/** A plan of the team; who may see it is the caller's question. */
export async function findPlan(
  db: DatabaseOrTransaction,
  { teamId }: InTeam,
  id: string,
): Promise<PlanRow | null> {
  const [row] = await db.$queryRaw<PlanRow[]>`
    select ${planColumns} from plans p
    where p.id = ${id}::uuid and p.team_id = ${teamId}::uuid and ${isPlan}`;
  return row ?? null;
}

/** The same, held until the transaction ends. */
export async function lockPlan(
  tx: Transaction,
  { teamId }: InTeam,
  id: string,
): Promise<PlanRow | null> {
  const [row] = await tx.$queryRaw<PlanRow[]>`
    select ${planColumns} from plans p
    where p.id = ${id}::uuid and p.team_id = ${teamId}::uuid and ${isPlan} for no key update`;
  return row ?? null;
}

/** What an agent proposed under a key of its own. */
export async function findPlanByClientKey(
  db: DatabaseOrTransaction,
  { teamId, agentId }: InTeam & { agentId: string },
  clientKey: string,
): Promise<PlanRow | null> {
  const [row] = await db.$queryRaw<PlanRow[]>`
    select ${planColumns} from plans p
    where p.agent_id = ${agentId}::uuid and p.client_key = ${clientKey}
      and p.team_id = ${teamId}::uuid and ${isPlan}`;
  return row ?? null;
}

/** A row for steps that are being prepared; nobody sees it. */
export async function insertDraft(
  db: DatabaseOrTransaction,
  draft: InTeam & { id: string; ownerId: string; createdAt: Date; expiresAt: Date },
): Promise<void> {
  await db.plan.create({
    data: {
      ...draft,
      updatedAt: draft.createdAt,
      title: "",
      hash: "",
      connectionIds: [],
      risks: [],
      state: "draft",
      stepCount: 0,
      records: 0,
      recipients: 0,
    },
  });
}

/** Two proposed under one client key at the same time. */
export const isClientKeyConflict = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "P2002";

/** Drops a draft with its steps. */
export async function deleteDraft(
  db: DatabaseOrTransaction,
  { teamId }: InTeam,
  id: string,
): Promise<void> {
  await db.plan.deleteMany({ where: { id, teamId, state: "draft" } });
}

/** Drafts that nobody goes on with. @returns how many */
export async function deleteDraftsBefore(db: DatabaseOrTransaction, before: Date): Promise<number> {
  const { count } = await db.plan.deleteMany({
    where: { state: "draft", createdAt: { lt: before } },
  });
  return count;
}

export type ProposedValues = Pick<
  PlanRow,
  | "agentId"
  | "keyId"
  | "proposedById"
  | "clientKey"
  | "clientHash"
  | "title"
  | "reason"
  | "hash"
  | "stepCount"
  | "records"
  | "recipients"
  | "connectionIds"
  | "risks"
  | "targets"
  | "warnings"
  | "createdAt"
  | "expiresAt"
>;

/** Makes a draft the plan that it holds the steps of. @returns false where the draft is gone */
export async function proposeDraft(
  tx: Transaction,
  { teamId, id }: InTeam & { id: string },
  { createdAt, targets, warnings, ...values }: ProposedValues,
): Promise<boolean> {
  const { count } = await tx.plan.updateMany({
    where: { id, teamId, state: "draft" },
    data: {
      ...values,
      targets: [...targets],
      warnings: [...warnings],
      state: "proposed",
      createdAt,
      updatedAt: createdAt,
    },
  });
  if (count === 1) await announcePlan(tx, id);
  return count === 1;
}

/**
 * Makes a draft's steps the next version of a plan whose row is held; its approvals count no more (PLN-3).
 * The steps of the versions before stay.
 */
export async function replaceVersion(
  tx: Transaction,
  plan: Pick<PlanRow, "id" | "teamId" | "version">,
  draftId: string,
  values: Omit<ProposedValues, "clientKey" | "clientHash" | "createdAt"> & {
    updatedAt: Date;
  },
): Promise<boolean> {
  const { targets, warnings, ...rest } = values;
  const { count } = await tx.plan.updateMany({
    where: {
      id: plan.id,
      teamId: plan.teamId,
      version: plan.version,
      state: { in: ["proposed", "approved"] },
    },
    data: {
      ...rest,
      targets: [...targets],
      warnings: [...warnings],
      version: plan.version + 1,
      state: "proposed",
      approvedAt: null,
      standingApprovalId: null,
    },
  });
  if (count !== 1) return false;
  await tx.planStep.updateMany({ where: { planId: draftId }, data: { planId: plan.id } });
  await deleteDraft(tx, plan, draftId);
  await announcePlan(tx, plan.id);
  return true;
}

/**
 * Moves a plan, if it still is where the caller saw it: state, version and fence (PLN-4). Announced with
 * the commit.
 *
 * @returns false where somebody was quicker; nothing changed
 */
export async function movePlan(
  tx: Transaction,
  from: Pick<PlanRow, "id" | "teamId" | "state" | "version" | "fence">,
  to: {
    state: PlanState;
    updatedAt: Date;
    endReason?: EndReason | null;
    rejection?: string;
    approvedAt?: Date;
    appliedAt?: Date;
    endedAt?: Date | null;
    standingApprovalId?: string;
  },
): Promise<boolean> {
  const { id, teamId, state, version, fence } = from;
  const { count } = await tx.plan.updateMany({
    where: { id, teamId, state, version, fence },
    data: to,
  });
  if (count === 1) await announcePlan(tx, id);
  return count === 1;
}

export const announcePlan = (tx: Transaction, id: string): Promise<void> =>
  announceChange(tx, { kind: "plan", id });
