import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { listGrantsOfMember } from "#lib/grants/grant-repository.ts";
import type { MemberGrantJson } from "#lib/grants/schema.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { findMember } from "#lib/team/members-repository.ts";

/** More than anybody connects; a list that is cut says so by its length. */
const MOST = 200;

/**
 * What a member is connected to, as the one who may end it sees it: which org and since when, never a
 * token nor a way to use it (TEN-4).
 *
 * @throws {NotFoundError} not of this team, or nobody
 * @throws {ForbiddenError} somebody else, and the principal is no admin
 */
export async function listMemberGrants(
  deps: { db: Database },
  principal: Principal,
  userId: string,
): Promise<MemberGrantJson[]> {
  if (!(await findMember(deps.db, principal, userId))) throw new NotFoundError();
  requireMay(principal, "team.members.inspect", { ownerId: userId });
  const grants = await listGrantsOfMember(deps.db, principal, userId, MOST);
  return grants.map(({ connection, ...grant }) => ({
    id: grant.id,
    connection: {
      id: connection.id,
      name: connection.name,
      environment: connection.environment,
      provider: connection.provider,
    },
    state: grant.state,
    username: grant.username,
    connectedAt: grant.connectedAt.toISOString(),
    lastUsedAt: grant.lastUsedAt?.toISOString() ?? null,
  }));
}
