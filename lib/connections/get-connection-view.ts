import { findConnectionWithGrants } from "#lib/connections/repository.ts";
import type { ConnectionJson } from "#lib/connections/schema.ts";
import { type SerializeDeps, toConnectionJson } from "#lib/connections/serialize.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";

/**
 * One connection of the principal's team, as that person may see it.
 *
 * @throws {NotFoundError} absent, or another team's
 */
export async function getConnectionView(
  deps: SerializeDeps & { db: Database },
  principal: Principal,
  id: string,
): Promise<ConnectionJson> {
  const found = await findConnectionWithGrants(deps.db, principal, id);
  if (!found) throw new NotFoundError();
  return toConnectionJson(deps, principal, found);
}
