import type { GrantJson } from "#lib/connections/schema.ts";
import { toGrantJson } from "#lib/connections/serialize.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { findTeamGrant } from "#lib/grants/grant-repository.ts";
import type { ProviderAddresses } from "#lib/providers/addresses.ts";

/**
 * The principal's own grant.
 *
 * @throws {NotFoundError} absent, or another person's
 */
export async function getGrantView(
  deps: { db: Database; addresses: ProviderAddresses },
  principal: Principal,
  id: string,
): Promise<GrantJson> {
  const grant = await findTeamGrant(deps.db, principal, id);
  if (!grant || grant.userId !== principal.userId) throw new NotFoundError();
  return toGrantJson(deps, grant.connection.environment, grant);
}
