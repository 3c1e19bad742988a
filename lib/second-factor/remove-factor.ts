import { recordEvent } from "#lib/audit/record-event.ts";
import { endOtherSessions } from "#lib/auth/sessions.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { requireFreshSecondFactor } from "#lib/core/second-factor.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { LastFactorError } from "#lib/second-factor/errors.ts";
import { isSecondFactorWanted } from "#lib/second-factor/list-second-factors.ts";
import { lockPerson } from "#lib/second-factor/lock-person.ts";

/**
 * Removes one of the caller's own factors and ends their other sessions. With the last one the recovery
 * codes go too.
 *
 * @throws {SecondFactorRequiredError} none was given within the last minutes
 * @throws {LastFactorError} it is the last, and one of the person's roles wants one
 * @throws {NotFoundError} absent, or somebody else's
 */
export async function removeFactor(
  deps: { db: Database; clock: Clock; random: Random },
  principal: Principal,
  factorId: string,
): Promise<void> {
  requireFreshSecondFactor(principal, deps.clock);
  const { userId } = principal;
  await inTransaction(deps.db, async (tx) => {
    await lockPerson(tx, principal);
    const factors = await tx.secondFactor.findMany({
      where: { userId, confirmedAt: { not: null } },
      select: { id: true, kind: true },
    });
    const factor = factors.find(({ id }) => id === factorId);
    if (!factor) throw new NotFoundError();
    if (factors.length === 1) {
      if (await isSecondFactorWanted({ db: tx }, userId)) throw new LastFactorError();
      await tx.recoveryCode.deleteMany({ where: { userId } });
      // What was given here says nothing about a factor of later.
      await tx.session.updateMany({ where: { userId }, data: { secondFactorAt: null } });
    }
    await tx.secondFactor.delete({ where: { id: factor.id } });
    await recordEvent(tx, deps, {
      action: "second_factor.removed",
      principal,
      target: { kind: "second_factor", id: factor.id },
      result: "success",
      detail: { kind: factor.kind },
    });
    await endOtherSessions({ ...deps, db: tx }, principal, "second_factor_changed");
  });
}
