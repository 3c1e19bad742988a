import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, type DatabaseOrTransaction, inTransaction } from "#lib/db/client.ts";
import { risks } from "#lib/plans/plan-states.ts";
import type { FourEyes } from "#lib/plans/schema.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { requireStanding } from "#lib/team/standing.ts";
import { fourEyesOf, setFourEyesOf } from "#lib/team/teams-repository.ts";

/** Which kinds of plan want a second person's yes in the principal's team (PLN-8). */
export async function getFourEyes(
  deps: { db: DatabaseOrTransaction },
  principal: Principal,
): Promise<FourEyes> {
  const kinds = await fourEyesOf(deps.db, principal);
  return { kinds: risks.filter((risk) => kinds.includes(risk)) };
}

/**
 * Chooses which kinds of plan want a second person. It holds for every plan of which nothing was sent yet:
 * one that was approved under a softer rule is not applied without the second yes.
 *
 * @throws {ForbiddenError} not an owner of the team
 * @throws {SecondFactorRequiredError} without a second factor
 */
export async function setFourEyes(
  deps: { db: Database; clock: Clock; random: Random },
  principal: Principal,
  input: FourEyes,
  requestId?: string,
): Promise<FourEyes> {
  return inTransaction(deps.db, async (tx) => {
    requireMay(await requireStanding(tx, principal), "team.four_eyes.change");
    const { kinds: before } = await getFourEyes({ db: tx }, principal);
    const kinds = risks.filter((risk) => input.kinds.includes(risk));
    await setFourEyesOf(tx, principal, kinds);
    await recordEvent(tx, deps, {
      action: "team.four_eyes_changed",
      principal,
      target: { kind: "team", id: principal.teamId },
      result: "success",
      detail: { from: before, to: kinds },
      ...(requestId ? { requestId } : {}),
    });
    return { kinds };
  });
}
