import { NotSignedInError } from "#lib/auth/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Transaction } from "#lib/db/client.ts";
import { findMember, lockTeam } from "#lib/team/members-repository.ts";

/**
 * The principal as they stand in the team now, with all the team's people held until the transaction
 * ends: whoever was removed or given another role a moment ago decides nothing more.
 *
 * @throws {NotSignedInError} not in the team any more
 */
export async function requireStanding(tx: Transaction, principal: Principal): Promise<Principal> {
  await lockTeam(tx, principal.teamId);
  const member = await findMember(tx, principal, principal.userId);
  if (!member) throw new NotSignedInError();
  return { ...principal, role: member.role };
}
