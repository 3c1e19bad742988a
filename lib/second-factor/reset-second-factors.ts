import { recordEvent } from "#lib/audit/record-event.ts";
import { endAllSessionsOf } from "#lib/auth/sessions.ts";
import type { Clock } from "#lib/core/clock.ts";
import { ForbiddenError, NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { requireFreshSecondFactor } from "#lib/core/second-factor.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { mayDo, requireMay } from "#lib/policy/role-matrix.ts";
import { lockUser } from "#lib/second-factor/lock-person.ts";

/**
 * Takes all factors and recovery codes from a member who lost theirs, and ends their sessions: they sign
 * in by their first way and set up anew. The factors are theirs in all their teams, so the caller must
 * reach their role in each.
 *
 * @throws {SecondFactorRequiredError} the caller gave none of their own within the last minutes
 * @throws {ForbiddenError} a role above the caller's, here or in another team, or the caller's own
 * @throws {NotFoundError} nobody in this team
 */
export async function resetSecondFactors(
  deps: { db: Database; clock: Clock; random: Random },
  principal: Principal,
  userId: string,
): Promise<{ removed: number }> {
  const { teamId } = principal;
  return inTransaction(deps.db, async (tx) => {
    await lockUser(tx, userId);
    const memberships = await tx.membership.findMany({
      where: { userId: { in: [userId, principal.userId] } },
      select: { userId: true, teamId: true, role: true },
    });
    const theirs = memberships.filter((membership) => membership.userId === userId);
    const here = theirs.find((membership) => membership.teamId === teamId);
    if (!here) throw new NotFoundError();
    if (userId === principal.userId) throw new ForbiddenError("Remove your own in Settings.");
    requireMay(principal, "second_factors.reset", { ownerId: userId, roles: [here.role] });
    requireFreshSecondFactor(principal, deps.clock);
    const reachesAll = theirs.every(({ teamId: theirTeam, role }) =>
      memberships.some(
        (own) =>
          own.userId === principal.userId &&
          own.teamId === theirTeam &&
          mayDo({ userId: own.userId, role: own.role }, "second_factors.reset", { roles: [role] }),
      ),
    );
    if (!reachesAll) {
      throw new ForbiddenError(
        "This person is also in a team that you do not look after. Only a recovery code helps them.",
      );
    }
    const { count } = await tx.secondFactor.deleteMany({ where: { userId } });
    await tx.recoveryCode.deleteMany({ where: { userId } });
    await recordEvent(tx, deps, {
      action: "second_factor.reset",
      principal,
      target: { kind: "user", id: userId },
      onBehalfOf: userId,
      result: "success",
      detail: { count },
    });
    await endAllSessionsOf(tx, deps, principal, userId, "second_factor_reset");
    return { removed: count };
  });
}
