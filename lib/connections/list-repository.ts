import type { ConnectionQuery, HealthKind } from "#lib/connections/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** The same decision as `healthOf`, in the database's words. */
const health = (idleBefore: Date) => Prisma.sql`
  case
    when g.id is null or g.state = 'disconnected' then 'not_connected'
    when g.state = 'needs_reconnect' then 'needs_reconnect'
    when cardinality(g.missing_scopes) > 0 then 'missing_scopes'
    when g.idle_deadline < ${idleBefore} then 'idle_soon'
    else 'connected'
  end`;

/** Everything the team has, with one person's health of it. */
const rows = (principal: Principal, idleBefore: Date) => Prisma.sql`
  select c.id, c.name, c.provider::text as provider, c.environment::text as environment,
         c.group_key, c.group_name, c.login_host, c.tenant_subdomain, c.instance_host,
         c.org_id, c.org_name, c.account_id, g.member_id,
         g.id is not null and g.state <> 'disconnected' as mine,
         ${health(idleBefore)} as health
  from connections c
  left join grants g on g.connection_id = c.id and g.user_id = ${principal.userId}::uuid
  where c.team_id = ${principal.teamId}::uuid`;

const trouble = Prisma.sql`health in ('needs_reconnect', 'missing_scopes', 'idle_soon')`;

function filters(query: ConnectionQuery): Prisma.Sql {
  const parts = [Prisma.sql`true`];
  if (query.provider) parts.push(Prisma.sql`provider = ${query.provider}`);
  if (query.environment.length > 0) parts.push(Prisma.sql`environment = any(${query.environment})`);
  if (query.health.length > 0) parts.push(Prisma.sql`health = any(${query.health})`);
  if (query.q) {
    const like = `%${query.q.replace(/[\\%_]/g, "\\$&")}%`;
    const digits = query.q.replace(/\s/g, "");
    parts.push(Prisma.sql`(
      name ilike ${like} or group_name ilike ${like} or coalesce(org_name, '') ilike ${like}
      or coalesce(login_host, '') ilike ${like} or coalesce(instance_host, '') ilike ${like}
      or coalesce(tenant_subdomain, '') ilike ${like} or coalesce(org_id, '') ilike ${like}
      or account_id::text = ${digits} or member_id::text = ${digits})`);
  }
  return Prisma.join(parts, " and ");
}

/** Ids of one page in the list's order, and how many rows match over all pages. */
export async function pageOfConnections(
  db: Database,
  principal: Principal,
  query: ConnectionQuery & { offset: number; idleBefore: Date },
): Promise<{ ids: string[]; total: number }> {
  const page = await db.$queryRaw<{ id: string; total: bigint }[]>`
    with everything as (${rows(principal, query.idleBefore)}),
    matching as (select * from everything where ${filters(query)}),
    grouped as (
      select *, count(*) over () as total,
             bool_or(${trouble}) over (partition by provider, group_key) as group_trouble,
             bool_and(environment = 'demo') over (partition by provider, group_key) as group_demo
      from matching)
    select id, total from grouped
    order by group_trouble desc, group_demo, lower(group_name), provider desc, group_key,
             array_position(array['production', 'custom', 'sandbox', 'demo'], environment),
             array_position(array['needs_reconnect', 'missing_scopes', 'idle_soon', 'connected', 'not_connected'], health),
             lower(name), id
    offset ${query.offset} limit ${query.limit}`;
  return { ids: page.map((row) => row.id), total: Number(page[0]?.total ?? 0) };
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
  return db.$queryRaw<SummaryRow[]>`
    select provider, group_key as "groupKey", min(group_name) as "groupName", health,
           count(*)::int as count, (count(*) filter (where mine))::int as mine
    from (${rows(principal, idleBefore)}) everything
    group by provider, group_key, health`;
}
