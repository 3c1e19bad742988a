import { recordEvent } from "#lib/audit/record-event.ts";
import type { GrantJson } from "#lib/connections/schema.ts";
import { toGrantJson } from "#lib/connections/serialize.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { lockGrant, setRawLeases } from "#lib/grants/grant-repository.ts";
import type { GrantPatch } from "#lib/grants/schema.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";

/**
 * Its owner's choice whether agents may have a grant's access token itself (BRK-3). Taken back, it holds
 * for the next lease everywhere within a second; a token that is out already lives until it ends.
 *
 * @throws {NotFoundError} absent, or another person's
 */
export async function chooseRawLeases(
  deps: { db: Database; clock: Clock; random: Random; addresses: ProviderAddresses },
  principal: Principal,
  grantId: string,
  { allowsRawLeases }: GrantPatch,
): Promise<GrantJson> {
  return inTransaction(deps.db, async (tx) => {
    const grant = await lockGrant(tx, principal, grantId);
    if (!grant || grant.userId !== principal.userId) throw new NotFoundError();
    requireMay(principal, "grant.use", { ownerId: grant.userId });
    if (grant.allowsRawLeases !== allowsRawLeases) {
      await setRawLeases(tx, grantId, allowsRawLeases);
      await recordEvent(tx, deps, {
        action: allowsRawLeases ? "grant.raw_leases_allowed" : "grant.raw_leases_stopped",
        principal,
        target: { kind: "grant", id: grantId },
        connectionId: grant.connectionId,
        result: "success",
      });
    }
    return toGrantJson(deps, grant.connection.environment, { ...grant, allowsRawLeases });
  });
}
