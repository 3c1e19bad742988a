import type { PlaceOnMap } from "#lib/connections/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** What the map looks at: the whole team, one group of connections, or one person. */
export type MapFocus = {
  group: { provider: ProviderName; key: string } | null;
  personId: string | null;
};

/** Grants that stand, with the connection they are for, as far as the focus reaches. */
const standing = (principal: Principal, focus: MapFocus) => Prisma.sql`
  select g.user_id, g.state = 'needs_reconnect' as troubled, c.id as connection_id,
         c.provider::text as provider, c.group_key
  from grants g
  join connections c on c.id = g.connection_id
  join memberships m on m.user_id = g.user_id and m.team_id = g.team_id
  where g.team_id = ${principal.teamId}::uuid and g.state <> 'disconnected' and ${within(focus)}`;

const within = ({ group, personId }: MapFocus) =>
  Prisma.join(
    [
      Prisma.sql`true`,
      ...(group
        ? [Prisma.sql`c.provider::text = ${group.provider} and c.group_key = ${group.key}`]
        : []),
      ...(personId === null ? [] : [Prisma.sql`g.user_id = ${personId}::uuid`]),
    ],
    " and ",
  );

export type PersonRow = {
  id: string;
  name: string;
  count: number;
  troubled: number;
  total: number;
};

/** People of the team: whoever asks first, then by trouble and by how much they are connected to. */
export function peopleOnMap(
  db: Database,
  principal: Principal,
  focus: MapFocus,
  limit: number,
): Promise<PersonRow[]> {
  const isNarrowed = focus.group !== null || focus.personId !== null;
  return db.$queryRaw<PersonRow[]>`
    with s as (${standing(principal, focus)})
    select u.id, u.name, count(s.user_id)::int as count,
           (count(*) filter (where s.troubled))::int as troubled,
           (count(*) over ())::int as total
    from memberships m
    join users u on u.id = m.user_id
    left join s on s.user_id = u.id
    where m.team_id = ${principal.teamId}::uuid
    group by u.id, u.name
    having ${isNarrowed} = false or count(s.user_id) > 0
    order by u.id = ${principal.userId}::uuid desc, 4 desc, 3 desc, lower(u.name), u.id
    limit ${limit}`;
}

export type PlaceRow = Omit<PlaceOnMap, "id"> & {
  placeId: string;
  groupKey: string;
  total: number;
};

/** Groups of connections, or, where the focus is narrower, the connections themselves. */
export function placesOnMap(
  db: Database,
  principal: Principal,
  focus: MapFocus,
  limit: number,
): Promise<PlaceRow[]> {
  if (focus.group === null && focus.personId === null) {
    return db.$queryRaw<PlaceRow[]>`
      with s as (${standing(principal, focus)}),
      held as (
        select provider, group_key, count(*) as count, bool_or(troubled) as troubled
        from s group by provider, group_key)
      select c.provider::text || ':' || c.group_key as "placeId", c.group_key as "groupKey",
             min(c.group_name) as name, c.provider::text as provider, null as environment,
             count(*)::int as connections, (count(*) over ())::int as total
      from connections c
      left join held on held.provider = c.provider::text and held.group_key = c.group_key
      where c.team_id = ${principal.teamId}::uuid
      group by c.provider, c.group_key
      order by bool_or(coalesce(held.troubled, false)) desc, coalesce(max(held.count), 0) desc,
               lower(min(c.group_name)), c.group_key
      limit ${limit}`;
  }
  return db.$queryRaw<PlaceRow[]>`
    with s as (${standing(principal, focus)}),
    held as (
      select connection_id, count(*) as count, bool_or(troubled) as troubled
      from s group by connection_id)
    select c.id::text as "placeId", c.group_key as "groupKey", c.name,
           c.provider::text as provider, c.environment::text as environment,
           1 as connections, (count(*) over ())::int as total
    from connections c
    left join held on held.connection_id = c.id
    where c.team_id = ${principal.teamId}::uuid
      and ${focus.group ? Prisma.sql`c.provider::text = ${focus.group.provider} and c.group_key = ${focus.group.key}` : Prisma.sql`held.connection_id is not null`}
    order by coalesce(held.troubled, false) desc, coalesce(held.count, 0) desc, lower(c.name), c.id
    limit ${limit}`;
}

export type ThreadRow = {
  personId: string;
  placeId: string;
  count: number;
  troubled: number;
};

/** Who is connected to what, for the people and places in view. */
export function threadsOnMap(
  db: Database,
  principal: Principal,
  focus: MapFocus,
  shown: { personIds: readonly string[]; placeIds: readonly string[] },
): Promise<ThreadRow[]> {
  const place =
    focus.group === null && focus.personId === null
      ? Prisma.sql`s.provider || ':' || s.group_key`
      : Prisma.sql`s.connection_id::text`;
  return db.$queryRaw<ThreadRow[]>`
    with s as (${standing(principal, focus)})
    select s.user_id as "personId", ${place} as "placeId", count(*)::int as count,
           (count(*) filter (where s.troubled))::int as troubled
    from s
    where s.user_id = any(${[...shown.personIds]}::uuid[]) and ${place} = any(${[...shown.placeIds]})
    group by 1, 2`;
}

/** A name for the focus; null where there is no such person or group in the team. */
export async function nameOfFocus(
  db: Database,
  principal: Principal,
  { group, personId }: MapFocus,
): Promise<string | null> {
  const [found] = group
    ? await db.$queryRaw<{ name: string }[]>`
        select group_name as name from connections
        where team_id = ${principal.teamId}::uuid and provider::text = ${group.provider}
          and group_key = ${group.key} limit 1`
    : await db.$queryRaw<{ name: string }[]>`
        select u.name from users u join memberships m on m.user_id = u.id
        where m.team_id = ${principal.teamId}::uuid and u.id = ${personId}::uuid`;
  return found?.name ?? null;
}
