import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { type Principal, roles } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { mayDo, requireMay } from "#lib/policy/role-matrix.ts";
import {
  listMemberRows,
  listMemberSessions,
  type MemberRow,
} from "#lib/team/members-repository.ts";
import type { MemberJson, MemberList, MemberQuery, MemberSessionJson } from "#lib/team/schema.ts";

type Deps = { db: Database; clock: Clock };

/** The team's people by name. When they were here and how often is for them and admins only. */
export async function listMembers(
  deps: Deps,
  principal: Principal,
  query: MemberQuery,
): Promise<MemberList> {
  requireMay(principal, "team.members.list");
  const wanted = { ...query, limit: query.limit + 1 };
  const { rows, total } = await listMemberRows(deps.db, deps.clock, principal, wanted);
  const page = rows.slice(0, query.limit);
  return {
    items: page.map((row) => toMemberJson(principal, row)),
    nextCursor: rows.length > page.length ? (page.at(-1)?.id ?? null) : null,
    total,
  };
}

/**
 * One person of the team with their live sessions in it.
 *
 * @throws {NotFoundError} not of this team, or nobody
 * @throws {ForbiddenError} somebody else, and the principal is no admin
 */
export async function getMember(
  deps: Deps,
  principal: Principal,
  userId: string,
): Promise<{ member: MemberJson; sessions: MemberSessionJson[] }> {
  const query = { userId, limit: 1 };
  const { rows } = await listMemberRows(deps.db, deps.clock, principal, query);
  const [row] = rows;
  if (!row) throw new NotFoundError();
  requireMay(principal, "team.members.inspect", { ownerId: userId });
  const sessions = await listMemberSessions(deps.db, deps.clock, principal, userId);
  return { member: toMemberJson(principal, row), sessions };
}

function toMemberJson(principal: Principal, row: MemberRow): MemberJson {
  const maySeeMore = mayDo(principal, "team.members.inspect", { ownerId: row.id });
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    isMe: row.id === principal.userId,
    joinedAt: row.joinedAt.toISOString(),
    connections: row.connections,
    lastSeenAt: maySeeMore ? (row.lastSeenAt?.toISOString() ?? null) : null,
    sessions: maySeeMore ? row.sessions : null,
    hasSecondFactor: maySeeMore ? row.hasSecondFactor : null,
    grantableRoles: roles.filter((role) =>
      mayDo(principal, "team.roles.change", { roles: [row.role, role] }),
    ),
    canRemove:
      row.id !== principal.userId && mayDo(principal, "team.members.remove", { roles: [row.role] }),
  };
}
