import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import type { PlanRow } from "#lib/plans/repository.ts";
import type { EndReason } from "#lib/plans/schema.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** Why a plan `p` must not go on, by all that it stands on; null while everything of it is there. */
const fault = (now: Date) => Prisma.sql`case
  when not exists (select 1 from memberships m
    where m.team_id = p.team_id and m.user_id = p.owner_id) then 'member_removed'
  when exists (select 1 from users u
    where u.id = p.owner_id and u.disabled_at is not null) then 'killed'
  when p.agent_id is not null and not exists (select 1 from agents a
    where a.id = p.agent_id and a.team_id = p.team_id) then 'agent_ended'
  when p.agent_id is not null and exists (select 1 from agents a
    where a.id = p.agent_id and a.disabled_at is not null) then 'agent_disabled'
  when p.key_id is not null and not exists (select 1 from agent_keys k
    where k.id = p.key_id and k.revoked_at is null
      and (k.expires_at is null or k.expires_at > ${now})) then 'key_revoked'
  when exists (select 1 from unnest(p.connection_ids) as c(id) where not exists (
    select 1 from connections n where n.id = c.id and n.team_id = p.team_id))
    then 'connection_ended'
  when exists (select 1 from unnest(p.connection_ids) as c(id) where not exists (
    select 1 from grants g where g.connection_id = c.id and g.user_id = p.owner_id
      and g.state <> 'disconnected')) then 'grant_ended'
  when p.agent_id is not null and exists (select 1 from unnest(p.connection_ids) as c(id)
    where not exists (select 1 from agent_connections r
      where r.agent_id = p.agent_id and r.connection_id = c.id)) then 'connection_ended'
end`;

/** What of all that a plan stands on is there no more (PLN-7); null: it may go on. */
export async function findFault(
  db: DatabaseOrTransaction,
  { id, teamId }: Pick<PlanRow, "id" | "teamId">,
  now: Date,
): Promise<EndReason | null> {
  const [row] = await db.$queryRaw<{ fault: EndReason | null }[]>`
    select ${fault(now)} as fault from plans p
    where p.id = ${id}::uuid and p.team_id = ${teamId}::uuid`;
  return row === undefined ? "cancelled_by_owner" : row.fault;
}

export type FaultyPlan = Pick<PlanRow, "id" | "teamId"> & { fault: EndReason };

/** Open plans, of all teams, that must not go on or whose time is over. */
export async function listFaultyPlans(
  db: DatabaseOrTransaction,
  { now, limit }: { now: Date; limit: number },
): Promise<FaultyPlan[]> {
  return db.$queryRaw<FaultyPlan[]>`
    select * from (
      select p.id, p.team_id as "teamId", case
        when p.state <> 'applying' and p.expires_at <= ${now} then 'expired'
        else ${fault(now)} end as fault
      from plans p where p.state in ('proposed', 'approved', 'applying')
    ) looked where fault is not null limit ${limit}`;
}

/** The open plans of an owner, an agent or a key, in one order for whoever holds several. */
export async function listOpenPlansOf(
  db: DatabaseOrTransaction,
  { teamId }: Pick<PlanRow, "teamId">,
  whose: { ownerId: string } | { agentId: string } | { keyId: string },
): Promise<string[]> {
  const rows = await db.plan.findMany({
    where: { teamId, ...whose, state: { in: ["proposed", "approved", "applying"] } },
    orderBy: { id: "asc" },
    select: { id: true },
  });
  return rows.map(({ id }) => id);
}

/** How many plans of an agent, or of a person's own hand, wait. */
export async function countWaitingPlans(
  db: DatabaseOrTransaction,
  { teamId, ownerId, agentId }: Pick<PlanRow, "teamId" | "ownerId" | "agentId">,
): Promise<number> {
  return db.plan.count({
    where: { teamId, ownerId, agentId, state: { in: ["proposed", "approved"] } },
  });
}
