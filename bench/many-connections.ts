import { randomUUID } from "node:crypto";
import type { Database } from "#lib/db/client.ts";

export type FilledTeam = {
  teamId: string /** The first one is whoever the lists are made for. */;
  userIds: string[];
};

/**
 * Fills a team as a consultancy's looks after years: half Salesforce (a production org and four
 * sandboxes a company), half Marketing Cloud (a parent and twenty-four units a tenant), everything
 * connected by one to six people, some of it in need of somebody. The same numbers give the same rows.
 *
 * @param db - as the tables' owner: nobody else may make the statistics that a plan needs
 * @param size.teamId - an existing team; left out, one is made with its people
 */
export async function fillConnections(
  db: Database,
  size: { connections: number; people: number; teamId?: string; userId?: string },
): Promise<FilledTeam> {
  const teamId = size.teamId ?? randomUUID();
  if (!size.teamId) {
    await db.$executeRaw`
      insert into teams (id, name, created_at) values (${teamId}::uuid, 'Many connections', now())`;
  }
  const made = await db.$queryRaw<{ id: string }[]>`
    insert into users (id, email, name, created_at)
    select gen_random_uuid(), 'person-' || n || '-' || ${teamId} || '@bench.example', 'Person ' || n, now()
    from generate_series(1, ${size.people - (size.userId ? 1 : 0)}::int) n
    returning id`;
  const userIds = [...(size.userId ? [size.userId] : []), ...made.map(({ id }) => id)];
  await db.$executeRaw`
    insert into memberships (team_id, user_id, role, created_at)
    select ${teamId}::uuid, id, case when n = 1 then 'owner' else 'member' end::"Role", now()
    from unnest(${userIds}::uuid[]) with ordinality as person (id, n)
    on conflict do nothing`;
  await db.$executeRaw`
    insert into connections (id, team_id, provider, method, name, environment, surfaces, login_host,
      tenant_subdomain, account_id, client_id, scopes, group_key, group_name, org_id, org_name,
      instance_host, enterprise_id, created_by_id, created_at, updated_at)
    select gen_random_uuid(), ${teamId}::uuid,
      case when is_org then 'salesforce' else 'marketing-cloud' end::"Provider",
      case when is_org then 'quick' else 'public-app' end::"ConnectionMethod",
      case when is_org then case when place = 0 then 'Company ' || family else 'sandbox' || place end
           else case when place = 0 then 'Tenant ' || family else 'Unit ' || family || '-' || place end end,
      case when is_org and place > 0 then 'sandbox' else 'production' end::"Environment",
      array['web']::"Surface"[],
      case when is_org then case when place = 0 then 'login.salesforce.com' else 'test.salesforce.com' end end,
      case when not is_org then 'mctenant' || lpad(family::text, 8, '0') end,
      case when not is_org then 500000000 + family * 100 + place end,
      'benchclient' || family, array['api', 'refresh_token'],
      case when is_org then 'company' || family else 'mctenant' || lpad(family::text, 8, '0') end,
      case when is_org then 'Company ' || family else 'Tenant ' || family end,
      case when is_org then '00D' || lpad(n::text, 15, '0') end,
      case when is_org then 'Company ' || family end,
      case when is_org then 'company' || family
        || case when place > 0 then '--sandbox' || place || '.sandbox' else '' end || '.my.salesforce.com' end,
      case when not is_org then 500000000 + family * 100 end,
      (${userIds}::uuid[])[1 + n % array_length(${userIds}::uuid[], 1)],
      now() - n * interval '1 minute', now()
    from (
      select n, n % 2 = 0 as is_org,
        case when n % 2 = 0 then n / 10 else n / 50 end as family,
        case when n % 2 = 0 then (n / 2) % 5 else (n / 2) % 25 end as place
      from generate_series(0, ${size.connections - 1}::int) n) numbered`;
  // Everybody has some of it; the first person about every fourth.
  await db.$executeRaw`
    insert into grants (id, team_id, connection_id, user_id, state, surface, scopes, missing_scopes,
      provider_user_id, username, email, org_id, member_id, enterprise_id, rest_host, connected_at,
      last_proven_at, refresh_token_sealed, idle_deadline)
    select gen_random_uuid(), ${teamId}::uuid, c.id, person.id,
      case when c.n % 97 = 0 then 'needs_reconnect' when c.n % 53 = 0 then 'disconnected' else 'active' end::"GrantState",
      'web', c.scopes, case when c.n % 41 = 0 then array['web'] else array[]::text[] end,
      '005' || person.n, 'person-' || person.n || '@bench.example', 'person-' || person.n || '@bench.example',
      c.org_id, c.account_id, c.enterprise_id, c.instance_host, now(), now(),
      repeat('sealed.', 60), now() + case when c.n % 29 = 0 then interval '3 days' else interval '25 days' end
    from (select *, row_number() over (order by created_at desc) as n from connections where team_id = ${teamId}::uuid) c
    cross join lateral (
      select distinct on (id) id, n from (
        select (${userIds}::uuid[])[1 + (c.n * 7 + k * 31) % array_length(${userIds}::uuid[], 1)] as id,
               (c.n * 7 + k * 31) % array_length(${userIds}::uuid[], 1) as n
        from generate_series(0, (c.n % 6)::int) k
        union all
        select (${userIds}::uuid[])[1], 0 where c.n % 4 = 0) some_people) person
    on conflict do nothing`;
  await db.$executeRawUnsafe("analyze connections");
  await db.$executeRawUnsafe("analyze grants");
  return { teamId, userIds };
}
