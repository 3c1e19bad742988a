import { GrantNotUsableError } from "#lib/broker/errors.ts";
import { type UsableGrantDeps, usableGrant } from "#lib/broker/usable-grant.ts";
import { findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import type { Asker } from "#lib/operations/send-request.ts";

/**
 * The asker's own grant on a connection: an agent's owner's, or the person's (TEN-4).
 *
 * @returns without its sealed values, for an agent
 * @throws {NotFoundError} no such connection for them (TEN-2)
 * @throws {GrantNotUsableError} they have to connect or reconnect
 */
export async function grantOf(
  deps: UsableGrantDeps,
  asker: Asker,
  connectionId: string,
): Promise<Grant> {
  if (asker.kind === "agent") return usableGrant(deps, asker, connectionId);
  const grant = await findOwnGrant(deps.db, asker, connectionId);
  if (grant?.state === "active") return grant;
  const connection = grant?.connection ?? (await findConnection(deps.db, asker, connectionId));
  if (!connection) throw new NotFoundError();
  throw new GrantNotUsableError({
    connectionId,
    isNew: grant === null || grant.state === "disconnected",
  });
}
