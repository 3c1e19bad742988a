import { recordEvent } from "#lib/audit/record-event.ts";
import { endTeamSessionsOf, renewSession } from "#lib/auth/team-sessions.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal, Role } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { LastOwnerError } from "#lib/team/errors.ts";
import { countOwners, findMember, setRole } from "#lib/team/members-repository.ts";
import { requireStanding } from "#lib/team/standing.ts";

/**
 * Gives somebody another role in the team. Their sessions in it end, so that nobody goes on with what
 * they were; whoever changes their own goes on in the session whose token is returned (WEB-3).
 *
 * @returns the caller's new session token where it was their own role, else `null`
 * @throws {NotFoundError} not of this team, or nobody
 * @throws {ForbiddenError} not an admin, or the role before or after is above their own (TEN-3)
 * @throws {LastOwnerError} nobody else would be an owner
 */
export async function changeRole(
  deps: { db: Database; clock: Clock; random: Random },
  principal: Principal,
  userId: string,
  role: Role,
): Promise<Secret | null> {
  return inTransaction(deps.db, async (tx) => {
    const actor = await requireStanding(tx, principal);
    const member = await findMember(tx, principal, userId);
    if (!member) throw new NotFoundError();
    const of = { roles: [member.role, role] };
    requireMay(actor, "team.roles.change", of, "Nobody gives or takes a role above their own.");
    if (member.role === role) return null;
    if (member.role === "owner" && (await countOwners(tx, principal)) < 2) {
      throw new LastOwnerError();
    }
    await setRole(tx, principal, userId, role);
    await recordEvent(tx, deps, {
      action: "team.role_changed",
      principal,
      target: { kind: "user", id: userId },
      ...(userId === principal.userId ? {} : { onBehalfOf: userId }),
      result: "success",
      detail: { from: member.role, to: role },
    });
    const isOwn = userId === principal.userId;
    const renewed = isOwn
      ? await renewSession(tx, deps, principal, principal.teamId, "role_changed")
      : null;
    await endTeamSessionsOf(tx, deps, principal, userId, "role_changed", renewed?.id ?? null);
    return renewed?.token ?? null;
  });
}
