import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { StillHereError } from "#lib/team/erase-errors.ts";
import { erase, lockPerson } from "#lib/team/erase-repository.ts";
import { requireStanding } from "#lib/team/standing.ts";

const PSEUDONYM_LENGTH = 8;

/**
 * Erases who a former member was: name and address give way to a pseudonym, ways to sign in, sessions,
 * and what providers told of them are deleted, for good. Events hold ids only, so the trail stays as
 * it is and verifies (AUD-7).
 *
 * @throws {ForbiddenError} for all but owners
 * @throws {NotFoundError} nobody whom this team knew
 * @throws {StillHereError} a member of a team, or with a grant that was not ended: removing them from
 *   the team comes first, which revokes at the providers
 */
export async function erasePerson(
  deps: { db: Database; clock: Clock; random: Random },
  principal: Principal,
  userId: string,
): Promise<{ name: string }> {
  return inTransaction(deps.db, async (tx) => {
    requireMay(await requireStanding(tx, principal), "people.erase");
    const person = await lockPerson(tx, principal.teamId, userId);
    if (!person?.isKnownHere) throw new NotFoundError();
    if (person.teamIds.length > 0 || person.hasLiveGrant) throw new StillHereError();
    const name = `Former member ${userId.slice(0, PSEUDONYM_LENGTH)}`;
    const email = `${userId}@erased.invalid`;
    await erase(tx, userId, { name, email, at: deps.clock.now() });
    await recordEvent(tx, deps, {
      action: "user.erased",
      principal,
      target: { kind: "user", id: userId },
      result: "success",
    });
    return { name };
  });
}
