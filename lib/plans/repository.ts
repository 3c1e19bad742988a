import type { JsonObject } from "#lib/core/json.ts";
import type { Principal } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { Sql } from "#lib/db/sql.ts";
import type {
  ApprovalPart,
  EndReason,
  PlanState,
  PlanTarget,
  PlanWarning,
  Risk,
  StepState,
} from "#lib/plans/schema.ts";
import type { Effect } from "#lib/providers/operation.ts";
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

export type StepRow = {
  planId: string;
  version: number;
  position: number;
  connectionId: string;
  operationId: string;
  effect: Exclude<Effect, "read">;
  title: string;
  records: number;
  recipients: number;
  content: string;
  hash: string;
  state: StepState;
  startedAt: Date | null;
  finishedAt: Date | null;
  outcome: unknown;
  requestId: string | null;
};
/** A step without what it would write. */
export type StepFacts = Omit<StepRow, "content"> & { contentBytes: number };

export type ApprovalRow = {
  id: string;
  planId: string;
  part: ApprovalPart;
  version: number;
  hash: string;
  userId: string;
  userName: string;
  approvedAt: Date;
  mac: string;
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

export type NewStep = Omit<StepRow, "state" | "startedAt" | "finishedAt" | "outcome" | "requestId">;

/**
 * Adds steps to a draft. On a plain connection: the other client keeps what it was given for as long as the
 * work goes on that gave it, and a plan may hold 50 MB.
 */
export async function insertSteps(sql: Sql, steps: readonly NewStep[]): Promise<void> {
  const column = <K extends keyof NewStep>(name: K) => steps.map((step) => step[name]);
  await sql.query(
    `insert into plan_steps (plan_id, version, position, connection_id, operation_id, effect, title,
       records, recipients, content, hash)
     select * from unnest($1::uuid[], $2::int[], $3::int[], $4::uuid[], $5::text[], $6::text[],
       $7::text[], $8::int[], $9::int[], $10::text[], $11::text[])`,
    [
      column("planId"),
      column("version"),
      column("position"),
      column("connectionId"),
      column("operationId"),
      column("effect"),
      column("title"),
      column("records"),
      column("recipients"),
      column("content"),
      column("hash"),
    ],
  );
}

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

/** Steps of a plan's version after a position, whole; a few at a time, for they may be large. */
export async function listSteps(
  db: DatabaseOrTransaction,
  { id, version }: Pick<PlanRow, "id" | "version">,
  { after, limit }: { after: number; limit: number },
): Promise<StepRow[]> {
  const rows = await db.planStep.findMany({
    where: { planId: id, version, position: { gt: after } },
    orderBy: { position: "asc" },
    take: limit,
  });
  return rows as StepRow[];
}

/** The same without what they write, and of one state if one is given. */
export async function listStepFacts(
  db: DatabaseOrTransaction,
  { id, version }: Pick<PlanRow, "id" | "version">,
  { after, limit, state }: { after: number; limit: number; state?: StepState | undefined },
): Promise<StepFacts[]> {
  const ofState =
    state === undefined ? Prisma.empty : Prisma.sql`and s.state = ${state}::"StepState"`;
  return db.$queryRaw<StepFacts[]>`
    select s.plan_id as "planId", s.version, s.position, s.connection_id as "connectionId",
      s.operation_id as "operationId", s.effect, s.title, s.records, s.recipients, s.hash,
      s.state::text as state, s.started_at as "startedAt", s.finished_at as "finishedAt",
      s.outcome, s.request_id as "requestId", octet_length(s.content) as "contentBytes"
    from plan_steps s
    where s.plan_id = ${id}::uuid and s.version = ${version} and s.position > ${after} ${ofState}
    order by s.position limit ${limit}`;
}

/** The contents of these steps, by position. */
export async function contentsOf(
  db: DatabaseOrTransaction,
  { id, version }: Pick<PlanRow, "id" | "version">,
  positions: readonly number[],
): Promise<Map<number, string>> {
  if (positions.length === 0) return new Map();
  const rows = await db.planStep.findMany({
    where: { planId: id, version, position: { in: [...positions] } },
    select: { position: true, content: true },
  });
  return new Map(rows.map(({ position, content }) => [position, content]));
}

/** One step of a plan's version, whole. */
export async function findStep(
  db: DatabaseOrTransaction,
  { id, version }: Pick<PlanRow, "id" | "version">,
  position: number,
): Promise<StepRow | null> {
  const row = await db.planStep.findUnique({
    where: { planId_version_position: { planId: id, version, position } },
  });
  return row as StepRow | null;
}

/** The hashes of a version's steps, in their order: what the plan's own hash is over. */
export async function stepHashesOf(
  db: DatabaseOrTransaction,
  { id, version }: Pick<PlanRow, "id" | "version">,
): Promise<string[]> {
  const rows = await db.planStep.findMany({
    where: { planId: id, version },
    orderBy: { position: "asc" },
    select: { hash: true },
  });
  return rows.map(({ hash }) => hash);
}

/**
 * Moves a step, if it still is where the caller saw it (PLN-4).
 *
 * @returns false where somebody was quicker; nothing changed
 */
export async function moveStep(
  tx: Transaction,
  from: Pick<StepRow, "planId" | "version" | "position" | "state">,
  to: {
    state: StepState;
    startedAt?: Date;
    finishedAt?: Date;
    outcome?: JsonObject;
    requestId?: string;
  },
): Promise<boolean> {
  const { planId, version, position, state } = from;
  const { outcome, ...rest } = to;
  const { count } = await tx.planStep.updateMany({
    where: { planId, version, position, state },
    data: {
      ...rest,
      ...(outcome === undefined ? {} : { outcome: outcome as Prisma.InputJsonObject }),
    },
  });
  return count === 1;
}

/** Steps that were never sent become skipped. @returns how many */
export async function skipPending(
  tx: Transaction,
  { id, version }: Pick<PlanRow, "id" | "version">,
  at: Date,
): Promise<number> {
  const { count } = await tx.planStep.updateMany({
    where: { planId: id, version, state: "pending" },
    data: { state: "skipped", finishedAt: at },
  });
  return count;
}

/** What is known of a plan's steps from its own state, however many they are. */
const stateOfAll: Readonly<Partial<Record<PlanState, StepState>>> = {
  proposed: "pending",
  approved: "pending",
  applied: "applied",
};

/** How many steps of each plan's version are in each state; counted only where that is not known anyway. */
export async function progressOf(
  db: DatabaseOrTransaction,
  plans: readonly Pick<PlanRow, "id" | "version" | "state" | "stepCount">[],
): Promise<Map<string, Partial<Record<StepState, number>>>> {
  const progress = new Map<string, Partial<Record<StepState, number>>>();
  const open: (typeof plans)[number][] = [];
  for (const plan of plans) {
    const state = stateOfAll[plan.state];
    if (state === undefined) open.push(plan);
    else progress.set(plan.id, { [state]: plan.stepCount });
  }
  if (open.length === 0) return progress;
  const rows = await db.$queryRaw<{ id: string; state: StepState; count: number }[]>`
    select s.plan_id as id, s.state::text as state, count(*)::int as count
    from unnest(${open.map(({ id }) => id)}::uuid[], ${open.map(({ version }) => version)}::int[])
      as plan (id, version)
    join plan_steps s on s.plan_id = plan.id and s.version = plan.version
    group by s.plan_id, s.state`;
  for (const { id, state, count } of rows) {
    progress.set(id, { ...progress.get(id), [state]: count });
  }
  return progress;
}

export async function insertApproval(
  tx: Transaction,
  approval: {
    id: string;
    planId: string;
    version: number;
    hash: string;
    userId: string;
    part: ApprovalPart;
    approvedAt: Date;
    mac: string;
  },
): Promise<void> {
  await tx.planApproval.create({ data: approval });
}

/** The approvals of each plan's version as it is now, the owner's first. */
export async function approvalsOf(
  db: DatabaseOrTransaction,
  planIds: readonly string[],
): Promise<Map<string, ApprovalRow[]>> {
  if (planIds.length === 0) return new Map();
  const rows = await db.$queryRaw<ApprovalRow[]>`
    select a.id, a.plan_id as "planId", a.mac, a.part, a.version, a.hash, a.user_id as "userId",
      coalesce(u.name, '') as "userName", a.approved_at as "approvedAt"
    from plan_approvals a
    join plans p on p.id = a.plan_id and p.version = a.version
    left join users u on u.id = a.user_id
    where a.plan_id = any(${[...planIds]}::uuid[]) order by a.plan_id, a.part`;
  return Map.groupBy(rows, ({ planId }) => planId) as Map<string, ApprovalRow[]>;
}

/** The last version before this one that somebody approved; null where there is none. */
export async function lastApprovedVersion(
  db: DatabaseOrTransaction,
  { id, version }: Pick<PlanRow, "id" | "version">,
  { userId }: Pick<Principal, "userId">,
): Promise<number | null> {
  const { _max } = await db.planApproval.aggregate({
    where: { planId: id, userId, version: { lt: version } },
    _max: { version: true },
  });
  return _max.version;
}

/** Which kinds of plan want a second person in this team (PLN-8). */
export async function fourEyesOf(db: DatabaseOrTransaction, { teamId }: InTeam): Promise<string[]> {
  const team = await db.team.findUnique({ where: { id: teamId }, select: { fourEyes: true } });
  return team?.fourEyes ?? [];
}

export async function setFourEyesOf(
  tx: Transaction,
  { teamId }: InTeam,
  fourEyes: readonly string[],
): Promise<void> {
  await tx.team.update({ where: { id: teamId }, data: { fourEyes: [...fourEyes] } });
}
