import { SESSION_IDLE_MS } from "#lib/auth/sessions.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Principal, Role } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { MemberQuery, MemberSessionJson } from "#lib/team/schema.ts";
import { Prisma } from "#prisma/generated/client.ts";

type InTeam = Pick<Principal, "teamId">;

export type MemberRow = {
  id: string;
  name: string;
  email: string;
  role: Role;
  joinedAt: Date;
  connections: number;
  lastSeenAt: Date | null;
  sessions: number;
  hasSecondFactor: boolean;
};

/** How a session is live, for queries that count them; the same decision as `findLiveSession`. */
function liveSince(clock: Clock): Prisma.Sql {
  const now = clock.now();
  const idleSince = new Date(now.getTime() - SESSION_IDLE_MS);
  return Prisma.sql`s.ended_at is null and s.absolute_expires_at > ${now}
    and s.last_seen_at > ${idleSince}
    and (s.second_factor_at is not null or not exists (select 1 from second_factors w
      where w.user_id = s.user_id and w.confirmed_at is not null))`;
}

/** The team's people by name; after `cursor`, a person's id. */
export async function listMemberRows(
  db: DatabaseOrTransaction,
  clock: Clock,
  { teamId }: InTeam,
  query: Pick<MemberQuery, "cursor" | "limit" | "q"> & { userId?: string },
): Promise<{ rows: MemberRow[]; total: number }> {
  const parts = [Prisma.sql`m.team_id = ${teamId}::uuid`];
  if (query.userId) parts.push(Prisma.sql`u.id = ${query.userId}::uuid`);
  if (query.q) {
    const like = `%${query.q.replace(/[\\%_]/g, "\\$&")}%`;
    parts.push(Prisma.sql`(u.name ilike ${like} or u.email ilike ${like})`);
  }
  const from = Prisma.sql`from memberships m join users u on u.id = m.user_id`;
  const matching = Prisma.join(parts, " and ");
  const [counted] = await db.$queryRaw<{ total: bigint }[]>`
    select count(*) as total ${from} where ${matching}`;
  if (query.cursor) {
    parts.push(Prisma.sql`(lower(u.name), u.id) > (
      select lower(c.name), c.id from users c
      join memberships cm on cm.user_id = c.id and cm.team_id = ${teamId}::uuid
      where c.id = ${query.cursor}::uuid)`);
  }
  const rows = await db.$queryRaw<MemberRow[]>`
    select u.id, u.name, u.email, m.role::text as role, m.created_at as "joinedAt",
      (select count(*)::int from grants g where g.team_id = m.team_id and g.user_id = m.user_id
        and g.state <> 'disconnected') as connections,
      (select max(s.last_seen_at) from sessions s
        where s.team_id = m.team_id and s.user_id = m.user_id) as "lastSeenAt",
      (select count(*)::int from sessions s where s.team_id = m.team_id
        and s.user_id = m.user_id and ${liveSince(clock)}) as sessions,
      exists (select 1 from second_factors f where f.user_id = m.user_id
        and f.confirmed_at is not null) as "hasSecondFactor"
    ${from} where ${Prisma.join(parts, " and ")}
    order by lower(u.name), u.id limit ${query.limit}`;
  return { rows, total: Number(counted?.total ?? 0) };
}

/** A person's live sessions in this team, last used first. */
export async function listMemberSessions(
  db: DatabaseOrTransaction,
  clock: Clock,
  { teamId }: InTeam,
  userId: string,
): Promise<MemberSessionJson[]> {
  const rows = await db.$queryRaw<
    { id: string; created: Date; seen: Date; network: string | null; agent: string | null }[]
  >`
    select s.id, s.created_at as created, s.last_seen_at as seen, s.network, s.user_agent as agent
    from sessions s
    join memberships m on m.team_id = s.team_id and m.user_id = s.user_id
    where s.team_id = ${teamId}::uuid and s.user_id = ${userId}::uuid and ${liveSince(clock)}
    order by s.last_seen_at desc, s.id limit 200`;
  return rows.map(({ id, created, seen, network, agent }) => ({
    id,
    createdAt: created.toISOString(),
    lastSeenAt: seen.toISOString(),
    network,
    userAgent: agent,
  }));
}

/**
 * Holds the team's people until the transaction ends: changes of roles and memberships take turns, so
 * that two at once cannot take the last owner away. Rows that only refer to the team are not held up.
 */
export async function lockTeam(tx: Transaction, teamId: string): Promise<void> {
  await tx.$queryRaw`select 1 from teams where id = ${teamId}::uuid for no key update`;
}

export type Member = { userId: string; role: Role; email: string; name: string };

/** Somebody of the team; read it after `lockTeam` where something is decided by it. */
export async function findMember(
  db: DatabaseOrTransaction,
  { teamId }: InTeam,
  userId: string,
): Promise<Member | null> {
  const row = await db.membership.findUnique({
    where: { teamId_userId: { teamId, userId } },
    select: { role: true, user: { select: { email: true, name: true } } },
  });
  return row && { userId, role: row.role, ...row.user };
}

export async function isMemberByEmail(
  db: DatabaseOrTransaction,
  { teamId }: InTeam,
  email: string,
): Promise<boolean> {
  return (await db.membership.count({ where: { teamId, user: { email } } })) > 0;
}

export async function countOwners(tx: Transaction, { teamId }: InTeam): Promise<number> {
  return tx.membership.count({ where: { teamId, role: "owner" } });
}

export async function setRole(
  tx: Transaction,
  { teamId }: InTeam,
  userId: string,
  role: Role,
): Promise<void> {
  await tx.membership.updateMany({ where: { teamId, userId }, data: { role } });
  await announceChange(tx, { kind: "member", id: userId });
}

export async function deleteMembership(
  tx: Transaction,
  { teamId }: InTeam,
  userId: string,
): Promise<void> {
  await tx.membership.deleteMany({ where: { teamId, userId } });
  await announceChange(tx, { kind: "member", id: userId });
}

/** @returns false where the person is in the team already */
export async function insertMembership(
  tx: Transaction,
  member: { teamId: string; userId: string; role: Role; createdAt: Date },
): Promise<boolean> {
  const { count } = await tx.membership.createMany({ data: [member], skipDuplicates: true });
  return count === 1;
}

/**
 * Is this person still in the team? Holds the answer until the transaction ends: a removal waits for
 * it, or has happened (TEN-10).
 */
export async function holdMembership(
  tx: Transaction,
  { teamId, userId }: Pick<Principal, "teamId" | "userId">,
): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from memberships
    where team_id = ${teamId}::uuid and user_id = ${userId}::uuid for share`;
  return rows.length === 1;
}
