import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import { type PlanRow, planColumns } from "#lib/plans/repository.ts";
import type { PlanQuery } from "#lib/plans/schema.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** Who looks, and how far: their own and, for admins, the team's; an agent what it proposed. */
export type Looker = {
  teamId: string;
  /** Only plans whose grants are this person's, or that they proposed. */
  onlyOf: string | null;
  /** Only what this agent proposed. */
  onlyAgent: string | null;
  /** Whose word is asked for. */
  userId: string | null;
  /** May give a second word. */
  isSecond: boolean;
  /** The team's kinds of plan that want two. */
  fourEyes: readonly string[];
};

/** Plans that whoever looks may know of, as `p`. */
function seenBy({ teamId, onlyAgent, onlyOf }: Looker): Prisma.Sql {
  const parts = [Prisma.sql`p.team_id = ${teamId}::uuid and p.state <> 'draft'`];
  if (onlyAgent !== null) parts.push(Prisma.sql`p.agent_id = ${onlyAgent}::uuid`);
  if (onlyOf !== null) parts.push(Prisma.sql`p.owner_id = ${onlyOf}::uuid`);
  return Prisma.join(parts, " and ");
}

function conditions(looker: Looker, query: Omit<PlanQuery, "limit" | "cursor">, now: Date) {
  const parts = [seenBy(looker)];
  if (query.state !== undefined) parts.push(Prisma.sql`p.state = ${query.state}::"PlanState"`);
  if (query.agent !== undefined) parts.push(Prisma.sql`p.agent_id = ${query.agent}::uuid`);
  if (query.connection !== undefined) {
    parts.push(Prisma.sql`p.connection_ids @> array[${query.connection}::uuid]`);
  }
  if (query.view === "open")
    parts.push(Prisma.sql`p.state in ('proposed', 'approved', 'applying')`);
  if (query.view === "ended") {
    parts.push(Prisma.sql`p.state in ('applied', 'stopped', 'rejected', 'cancelled', 'expired')`);
  }
  if (query.q !== "") {
    const like = `%${query.q.replaceAll(/[\\%_]/g, "\\$&")}%`;
    parts.push(Prisma.sql`(p.title ilike ${like}
      or exists (select 1 from users u where u.id = p.owner_id and u.name ilike ${like})
      or exists (select 1 from agents g where g.id = p.agent_id
        and g.team_id = ${looker.teamId}::uuid and g.name ilike ${like}))`);
  }
  if (query.view === "to-decide") parts.push(waitsFor(looker, now));
  return Prisma.join(parts, " and ");
}

/** Proposed, in time, and the part that this person can give is missing. */
function waitsFor({ userId, isSecond, fourEyes }: Looker, now: Date): Prisma.Sql {
  const given = (part: string) => Prisma.sql`exists (select 1 from plan_approvals a
    where a.plan_id = p.id and a.version = p.version and a.part = ${part})`;
  const asOwner = Prisma.sql`(p.owner_id = ${userId}::uuid and not ${given("owner")})`;
  const asSecond = Prisma.sql`(${isSecond} and p.owner_id <> ${userId}::uuid
    and p.proposed_by_id is distinct from ${userId}::uuid
    and p.risks && ${[...fourEyes]}::text[] and not ${given("second")})`;
  return Prisma.sql`p.state = 'proposed' and p.expires_at > ${now} and (${asOwner} or ${asSecond})`;
}

/** One page, the newest first; after `cursor`, a plan's id: a foreign one is as an absent one (TEN-2). */
export async function pageOfPlans(
  db: DatabaseOrTransaction,
  looker: Looker,
  query: PlanQuery,
  now: Date,
): Promise<PlanRow[]> {
  const { limit, cursor, ...filters } = query;
  const after =
    cursor === undefined
      ? Prisma.empty
      : Prisma.sql`and (p.created_at, p.id) < (select p.created_at, p.id from plans p
          where p.id = ${cursor}::uuid and ${seenBy(looker)})`;
  return db.$queryRaw<PlanRow[]>`
    select ${planColumns} from plans p where ${conditions(looker, filters, now)} ${after}
    order by p.created_at desc, p.id desc limit ${limit + 1}`;
}

/** How many plans wait for this person's word, at most so many. */
export async function countWaitingFor(
  db: DatabaseOrTransaction,
  looker: Looker,
  now: Date,
  most: number,
): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from (
      select 1 from plans p where ${conditions(looker, { view: "to-decide", q: "" }, now)} limit ${most}
    ) waiting`;
  return row?.count ?? 0;
}

/** Names of the people and agents that plans tell of; of whom is gone there is none. */
export async function namesFor(
  db: DatabaseOrTransaction,
  plans: readonly Pick<PlanRow, "teamId" | "ownerId" | "agentId" | "proposedById">[],
): Promise<ReadonlyMap<string, string>> {
  const people = new Set(plans.flatMap(({ ownerId, proposedById }) => [ownerId, proposedById]));
  const agents = new Set(plans.map(({ agentId }) => agentId));
  const teams = new Set(plans.map(({ teamId }) => teamId));
  const ids = (of: Set<string | null>) => [...of].filter((id) => id !== null);
  const [users, found] = await Promise.all([
    db.user.findMany({ where: { id: { in: ids(people) } }, select: { id: true, name: true } }),
    db.agent.findMany({
      where: { id: { in: ids(agents) }, teamId: { in: [...teams] } },
      select: { id: true, name: true },
    }),
  ]);
  return new Map([...users, ...found].map(({ id, name }) => [id, name]));
}
