import { endTeamSessionsOf } from "#lib/auth/team-sessions.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { findMember } from "#lib/team/members-repository.ts";
import { requireStanding } from "#lib/team/standing.ts";

/**
 * Ends all of somebody's sessions in the team, a stolen one say; the caller's own current one goes on.
 *
 * @returns how many there were
 * @throws {NotFoundError} not of this team, or nobody
 * @throws {ForbiddenError} somebody else, and the principal is no admin or of a lower role
 */
export async function endMemberSessions(
  deps: { db: Database; clock: Clock; random: Random },
  principal: Principal,
  userId: string,
): Promise<number> {
  return inTransaction(deps.db, async (tx) => {
    const actor = await requireStanding(tx, principal);
    const member = await findMember(tx, principal, userId);
    if (!member) throw new NotFoundError();
    requireMay(actor, "team.sessions.end", { ownerId: userId, roles: [member.role] });
    const { sessionId } = principal;
    return endTeamSessionsOf(tx, deps, principal, userId, "ended_by_admin", sessionId);
  });
}
