import { FAILING_FROM } from "#lib/connections/health.ts";
import { type ConnectionQuery, type HealthKind, healthKinds } from "#lib/connections/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** The same decision as `healthOf`, in the database's words: the place in `healthKinds`. */
const healthRank = (idleBefore: Date) => Prisma.sql`
  case
    when g.id is null or g.state = 'disconnected' then 5
    when g.state = 'needs_reconnect' then 0
    when c.problem is not null then 1
    when cardinality(g.missing_scopes) > 0 then 2
    when g.idle_deadline < ${idleBefore} then 3
    when g.refresh_failures >= ${FAILING_FROM} then 4
    else 6
  end`;
/** Below this place in `healthKinds` somebody has something to do. */
const healthyFrom = healthKinds.indexOf("not_connected");

/** Everything the team has, with one person's own grant. */
const from = (principal: Principal) => Prisma.sql`
  from connections c
  left join grants g on g.connection_id = c.id and g.user_id = ${principal.userId}::uuid
    and g.team_id = ${principal.teamId}::uuid
  where c.team_id = ${principal.teamId}::uuid`;

/** Leads its group: an org that is no sandbox, the unit that is the tenant's parent. */
const isParent = Prisma.sql`
  case when c.provider = 'salesforce' then c.environment <> 'sandbox'
       else coalesce(coalesce(c.account_id, g.member_id) = coalesce(c.enterprise_id, g.enterprise_id), false) end`;

function filters(query: ConnectionQuery, idleBefore: Date): Prisma.Sql {
  const parts = [Prisma.sql`true`];
  if (query.provider) parts.push(Prisma.sql`c.provider = ${query.provider}::"Provider"`);
  if (query.environment.length > 0) {
    parts.push(Prisma.sql`c.environment = any(${query.environment}::"Environment"[])`);
  }
  if (query.health.length > 0) {
    const ranks = query.health.map((kind) => healthKinds.indexOf(kind));
    parts.push(Prisma.sql`${healthRank(idleBefore)} = any(${ranks})`);
  }
  if (query.q) {
    const like = `%${query.q.replace(/[\\%_]/g, "\\$&")}%`;
    const digits = query.q.replace(/\s/g, "");
    parts.push(Prisma.sql`(
      c.name ilike ${like} or c.group_name ilike ${like} or coalesce(c.org_name, '') ilike ${like}
      or coalesce(c.login_host, '') ilike ${like} or coalesce(c.instance_host, '') ilike ${like}
      or coalesce(c.tenant_subdomain, '') ilike ${like} or coalesce(c.org_id, '') ilike ${like}
      or c.account_id::text = ${digits} or g.member_id::text = ${digits})`);
  }
  return Prisma.join(parts, " and ");
}

/** A group of rows on a page: a company or a tenant, counted over all pages. */
export type GroupRow = {
  provider: ProviderName;
  groupKey: string;
  groupName: string;
  total: number;
  trouble: number;
  worst: HealthKind;
};

export type Page = {
  /** In the list's order. */
  rows: { id: string; groupKey: string; provider: ProviderName }[];
  groups: GroupRow[];
  /** Rows that match, over all pages. */
  total: number;
};

/**
 * One page in the list's order. Groups are counted and placed first; only the rows of those that the
 * page cuts are sorted, so that a page of ten thousand costs one look at each row and a small sort.
 * A group goes by the name that anybody's proof taught, whatever its rows were made with.
 */
export async function pageOfConnections(
  db: Database,
  principal: Principal,
  query: ConnectionQuery & { offset: number; idleBefore: Date },
): Promise<Page> {
  const end = query.offset + query.limit;
  const page = await db.$queryRaw<
    (Omit<GroupRow, "worst"> & { id: string; grand: number; worst: number })[]
  >`
    with everything as materialized (
      select c.id, c.provider, c.environment, c.group_key, c.group_name, c.name,
             ${healthRank(query.idleBefore)} as health, ${isParent} as is_parent,
             ${filters(query, query.idleBefore)} as matches
      ${from(principal)}),
    groups as (
      select provider, group_key,
             coalesce(max(group_name) filter (where group_name <> group_key), group_key) as group_name,
             count(*) filter (where matches)::int as total,
             count(*) filter (where matches and health < ${healthyFrom})::int as trouble,
             min(health) filter (where matches) as worst,
             bool_and(environment = 'demo') as is_demo
      from everything group by provider, group_key having bool_or(matches)),
    placed as (
      select *, sum(total) over ()::int as grand,
             (sum(total) over (
               order by trouble > 0 desc, is_demo, lower(group_name), provider desc, group_key
               rows unbounded preceding) - total)::int as before
      from groups),
    here as (select * from placed where before < ${end} and before + total > ${query.offset})
    select e.id, e.provider::text as provider, e.group_key as "groupKey", h.group_name as "groupName",
           h.total, h.trouble, h.worst, h.grand
    from here h join everything e on e.provider = h.provider and e.group_key = h.group_key
    where e.matches
    order by h.before, e.is_parent desc,
             case e.environment when 'production' then 0 when 'custom' then 1 when 'sandbox' then 2 else 3 end,
             case e.health when 5 then 6 when 6 then 5 else e.health end, lower(e.name), e.id
    offset ${query.offset} - (select min(before) from here) limit ${query.limit}`;
  const groups = new Map<string, GroupRow>();
  for (const { provider, groupKey, groupName, total, trouble, worst } of page) {
    const group = { provider, groupKey, groupName, total, trouble, worst: healthKinds[worst] };
    groups.set(`${provider}:${groupKey}`, { ...group, worst: group.worst ?? "connected" });
  }
  return {
    rows: page.map(({ id, groupKey, provider }) => ({ id, groupKey, provider })),
    groups: [...groups.values()],
    total: page[0]?.grand ?? 0,
  };
}

export type SummaryRow = {
  provider: ProviderName;
  groupKey: string;
  groupName: string;
  health: HealthKind;
  count: number;
  mine: number;
};

/** Counts by provider, group and health. */
export async function countConnections(
  db: Database,
  principal: Principal,
  idleBefore: Date,
): Promise<SummaryRow[]> {
  const rows = await db.$queryRaw<(Omit<SummaryRow, "health"> & { health: number })[]>`
    select provider::text as provider, group_key as "groupKey",
           coalesce(max(max(group_name) filter (where group_name <> group_key))
             over (partition by provider, group_key), group_key) as "groupName",
           health, count(*)::int as count, (count(*) filter (where mine))::int as mine
    from (select c.provider, c.group_key, c.group_name, ${healthRank(idleBefore)} as health,
                 g.id is not null and g.state <> 'disconnected' as mine
          ${from(principal)}) everything
    group by provider, group_key, health`;
  return rows.map((row) => ({ ...row, health: healthKinds[row.health] ?? "connected" }));
}
