import { listConnectionEvents } from "#lib/audit/list-connection-events.ts";
import type { ConnectionTimeline } from "#lib/audit/schema.ts";
import { findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";

/**
 * What happened on one connection, see `listConnectionEvents`.
 *
 * @throws {NotFoundError} absent, or another team's
 */
export async function listTimeline(
  deps: { db: Database },
  principal: Principal,
  connectionId: string,
): Promise<ConnectionTimeline> {
  if (!(await findConnection(deps.db, principal, connectionId))) throw new NotFoundError();
  return listConnectionEvents(deps, principal, connectionId);
}
