import type { ChainedEvent } from "#lib/audit/chain.ts";
import type { AuditFilters } from "#lib/audit/schema.ts";
import { isNotable } from "#lib/audit/timeline-repository.ts";
import type { Database } from "#lib/db/client.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** Whose events: a team's, and of them all or only those about one person. */
export type EventScope = { teamId: string; onlyAbout: string | null };

/** An event with the names of today. */
export type NamedEvent = ChainedEvent & {
  actorName: string | null;
  onBehalfOfName: string | null;
  targetName: string | null;
  connectionName: string | null;
};

/** One page of a team's events, newest or oldest first, on one side of `beyond`. */
export async function pageOfEvents(
  db: Database,
  scope: EventScope,
  filters: AuditFilters,
  page: {
    order: "newest" | "oldest";
    /** The last sequence of the page before. */
    beyond: bigint | null;
    upTo?: bigint;
    limit: number;
  },
): Promise<NamedEvent[]> {
  const isNewest = page.order === "newest";
  const parts = [Prisma.sql`e.team_id = ${scope.teamId}::uuid`, ...conditions(filters)];
  if (scope.onlyAbout !== null) parts.push(about(scope.onlyAbout));
  if (page.beyond !== null) {
    parts.push(
      isNewest ? Prisma.sql`e.sequence < ${page.beyond}` : Prisma.sql`e.sequence > ${page.beyond}`,
    );
  }
  if (page.upTo !== undefined) parts.push(Prisma.sql`e.sequence <= ${page.upTo}`);
  return db.$queryRaw<NamedEvent[]>`
    select e.id, e.team_id as "teamId", e.sequence, e.at, e.actor_kind as "actorKind",
      e.actor_id as "actorId", e.session_id as "sessionId", e.action,
      e.target_kind as "targetKind", e.target_id as "targetId", e.connection_id as "connectionId",
      e.on_behalf_of as "onBehalfOf", e.result, e.detail, e.request_id as "requestId",
      e.key_id as "keyId", e.previous_hash as "previousHash", e.hash,
      coalesce(actor.name, agent.name) as "actorName", other.name as "onBehalfOfName",
      coalesce(target.name, about.name) as "targetName",
      c.name as "connectionName"
    from audit_events e
    left join users actor on actor.id = e.actor_id
    left join agents agent on e.actor_kind = 'agent' and agent.id = e.actor_id
      and agent.team_id = e.team_id
    left join agents about on e.target_kind = 'agent' and about.id = e.target_id
      and about.team_id = e.team_id
    left join users other on other.id = e.on_behalf_of
    left join users target on e.target_kind = 'user' and target.id = e.target_id
    left join connections c on c.id = e.connection_id and c.team_id = e.team_id
    where ${Prisma.join(parts, " and ")}
    order by e.sequence ${isNewest ? Prisma.sql`desc` : Prisma.sql`asc`}
    limit ${page.limit}`;
}

const about = (userId: string) => Prisma.sql`(e.actor_id = ${userId}::uuid
  or e.on_behalf_of = ${userId}::uuid
  or (e.target_kind = 'user' and e.target_id = ${userId}::uuid))`;

function conditions(filters: AuditFilters): Prisma.Sql[] {
  const parts: Prisma.Sql[] = [];
  if (filters.action.length > 0) parts.push(Prisma.sql`e.action = any(${filters.action})`);
  if (filters.routine === false) parts.push(isNotable);
  if (filters.actor) parts.push(about(filters.actor));
  if (filters.connection) parts.push(Prisma.sql`e.connection_id = ${filters.connection}::uuid`);
  if (filters.from) parts.push(Prisma.sql`e.at >= ${new Date(filters.from)}`);
  if (filters.to) parts.push(Prisma.sql`e.at < ${new Date(filters.to)}`);
  if (filters.q) {
    const like = `%${filters.q.replace(/[\\%_]/g, "\\$&")}%`;
    const exact = filters.q.toLowerCase();
    parts.push(Prisma.sql`(
      e.action ilike ${like} or e.detail::text ilike ${like} or actor.name ilike ${like}
      or agent.name ilike ${like} or about.name ilike ${like}
      or other.name ilike ${like} or target.name ilike ${like} or c.name ilike ${like}
      or e.request_id = ${exact} or e.id::text = ${exact} or e.target_id::text = ${exact}
      or e.sequence::text = ${exact})`);
  }
  return parts;
}

/** The team's people by name, for a filter. */
export async function membersOf(
  db: Database,
  teamId: string,
  limit: number,
): Promise<{ id: string; name: string }[]> {
  const rows = await db.membership.findMany({
    where: { teamId },
    select: { user: { select: { id: true, name: true } } },
    orderBy: { user: { name: "asc" } },
    take: limit,
  });
  return rows.map(({ user }) => user);
}
