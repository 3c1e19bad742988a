import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { PlanTarget } from "#lib/plans/schema.ts";
import type { StandingFacts, StepToCover } from "#lib/plans/standing-approval.ts";
import type { Environment } from "#lib/providers/vocabulary.ts";
import { Prisma } from "#prisma/generated/client.ts";

type InTeam = Pick<Principal, "teamId">;

export type StandingRow = StandingFacts & {
  teamId: string;
  ownerId: string;
  agentId: string;
  target: PlanTarget;
  usesMost: number;
  createdAt: Date;
  mac: string;
};
/** With the connection's own name and colour, for a list. */
export type ListedStanding = StandingRow & { connectionName: string; environment: Environment };

const columns = Prisma.sql`s.id, s.team_id as "teamId", s.owner_id as "ownerId",
  s.agent_id as "agentId", s.connection_id as "connectionId", s.operation_id as "operationId",
  s.effect, s.target, s.applies_at_once as "appliesAtOnce", s.uses_most as "usesMost",
  s.uses_left as "usesLeft", s.records_most as "recordsMost", s.until, s.created_at as "createdAt",
  s.revoked_at as "revokedAt", s.mac`;

/** An agent's, those that count first, then the newest; what ended before `since` is left out. */
export async function listStandingRows(
  db: DatabaseOrTransaction,
  { teamId, agentId }: InTeam & { agentId: string },
  { now, since, limit }: { now: Date; since: Date; limit: number },
): Promise<ListedStanding[]> {
  return db.$queryRaw<ListedStanding[]>`
    select ${columns}, c.name as "connectionName", c.environment::text as environment
    from standing_approvals s join connections c on c.id = s.connection_id
    where s.agent_id = ${agentId}::uuid and s.team_id = ${teamId}::uuid
      and coalesce(s.revoked_at, s.until) > ${since}
    order by (s.revoked_at is null and s.until > ${now} and s.uses_left > 0) desc,
      s.created_at desc, s.id limit ${limit}`;
}

export async function countLiveStanding(
  tx: Transaction,
  agentId: string,
  now: Date,
): Promise<number> {
  return tx.standingApproval.count({
    where: { agentId, revokedAt: null, until: { gt: now }, usesLeft: { gt: 0 } },
  });
}

export async function insertStanding(
  tx: Transaction,
  row: Omit<StandingRow, "revokedAt" | "usesLeft">,
): Promise<void> {
  await tx.standingApproval.create({
    data: { ...row, target: { ...row.target }, usesLeft: row.usesMost },
  });
}

/** One of an agent's, held until the transaction ends. */
export async function lockStanding(
  tx: Transaction,
  { teamId, agentId }: InTeam & { agentId: string },
  id: string,
): Promise<StandingRow | null> {
  const [row] = await tx.$queryRaw<StandingRow[]>`
    select ${columns} from standing_approvals s
    where s.id = ${id}::uuid and s.agent_id = ${agentId}::uuid and s.team_id = ${teamId}::uuid
    for no key update`;
  return row ?? null;
}

/** The live ones of an agent for these connections, held in one order until the transaction ends. */
export async function lockLiveStanding(
  tx: Transaction,
  of: InTeam & { agentId: string; ownerId: string; connectionIds: readonly string[] },
  now: Date,
): Promise<StandingRow[]> {
  return tx.$queryRaw<StandingRow[]>`
    select ${columns} from standing_approvals s
    where s.agent_id = ${of.agentId}::uuid and s.team_id = ${of.teamId}::uuid
      and s.owner_id = ${of.ownerId}::uuid and s.connection_id = any(${of.connectionIds}::uuid[])
      and s.revoked_at is null and s.until > ${now} and s.uses_left > 0
    order by s.id for no key update`;
}

/** Those that a plan's version was approved by, held as they are until the transaction ends. */
export async function holdStandingOf(
  tx: Transaction,
  { id, version }: { id: string; version: number },
): Promise<StandingRow[]> {
  return tx.$queryRaw<StandingRow[]>`
    select ${columns} from standing_approval_uses u
    join standing_approvals s on s.id = u.standing_approval_id
    where u.plan_id = ${id}::uuid and u.version = ${version} order by s.id for share of s`;
}

/**
 * Takes uses of one, if it still has them.
 *
 * @returns false where it has not; nothing changed
 */
export async function takeUses(
  tx: Transaction,
  id: string,
  { steps, now }: { steps: number; now: Date },
): Promise<boolean> {
  const { count } = await tx.standingApproval.updateMany({
    where: { id, revokedAt: null, until: { gt: now }, usesLeft: { gte: steps } },
    data: { usesLeft: { decrement: steps } },
  });
  return count === 1;
}

export async function insertUses(
  tx: Transaction,
  plan: { id: string; version: number },
  uses: ReadonlyMap<string, number>,
): Promise<void> {
  await tx.standingApprovalUse.createMany({
    data: [...uses].map(([standingApprovalId, steps]) => ({
      standingApprovalId,
      planId: plan.id,
      version: plan.version,
      steps,
    })),
  });
}

export async function revokeStandingRow(tx: Transaction, id: string, now: Date): Promise<void> {
  await tx.standingApproval.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: now },
  });
}

/**
 * Plans approved by it of which nothing was sent yet, or which wait for a second person, held until the
 * transaction ends.
 */
export async function lockWaitingPlansOf(
  tx: Transaction,
  { teamId }: InTeam,
  standingApprovalId: string,
): Promise<{ id: string; state: "proposed" | "approved"; version: number; fence: number }[]> {
  return tx.$queryRaw`
    select p.id, p.state::text as state, p.version, p.fence
    from plans p join standing_approval_uses u on u.plan_id = p.id and u.version = p.version
    where u.standing_approval_id = ${standingApprovalId}::uuid and p.team_id = ${teamId}::uuid
      and p.state in ('proposed', 'approved')
    order by p.id for no key update of p`;
}

/** Takes the owner's word, given beforehand, back from a plan's version; the plan waits for it anew. */
export async function takeApprovalBack(
  tx: Transaction,
  { teamId }: InTeam,
  plan: { id: string; version: number; fence: number },
  now: Date,
): Promise<void> {
  await tx.planApproval.deleteMany({
    where: { planId: plan.id, version: plan.version, part: "owner" },
  });
  await tx.plan.updateMany({
    where: {
      id: plan.id,
      teamId,
      version: plan.version,
      fence: plan.fence,
      state: { in: ["proposed", "approved"] },
    },
    data: { state: "proposed", approvedAt: null, standingApprovalId: null, updatedAt: now },
  });
}

/** What a plan's version would do, as far as an approval beforehand is about it. */
export async function stepsToCover(
  tx: Transaction,
  { id, version }: { id: string; version: number },
): Promise<StepToCover[]> {
  const rows = await tx.planStep.findMany({
    where: { planId: id, version },
    select: {
      connectionId: true,
      operationId: true,
      effect: true,
      records: true,
      recipients: true,
    },
  });
  return rows as StepToCover[];
}
