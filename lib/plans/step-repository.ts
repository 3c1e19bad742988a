import type { JsonObject } from "#lib/core/json.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { Sql } from "#lib/db/sql.ts";
import type { PlanRow } from "#lib/plans/repository.ts";
import type { PlanState, StepState } from "#lib/plans/schema.ts";
import type { Effect } from "#lib/providers/operation.ts";
import { Prisma } from "#prisma/generated/client.ts";

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
