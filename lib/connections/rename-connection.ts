import { recordEvent } from "#lib/audit/record-event.ts";
import { findConnection, renameConnectionRow } from "#lib/connections/repository.ts";
import type { ConnectionPatch } from "#lib/connections/schema.ts";
import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";

/**
 * Gives a connection another name; hosts, client id and grants stay as they are.
 *
 * @throws {NotFoundError} absent, or another team's
 * @throws {ForbiddenError} neither its maker nor an admin
 */
export async function renameConnection(
  deps: { db: Database; clock: Clock; random: Random },
  principal: Principal,
  id: string,
  patch: ConnectionPatch,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const connection = await findConnection(tx, principal, id);
    if (!connection) throw new NotFoundError();
    const refusal = "Only its maker or an admin can rename a connection.";
    requireMay(principal, "connection.edit", { ownerId: connection.createdById }, refusal);
    await renameConnectionRow(tx, principal, { id, name: patch.name, updatedAt: deps.clock.now() });
    await recordEvent(tx, deps, {
      action: "connection.renamed",
      principal,
      target: { kind: "connection", id },
      connectionId: id,
      result: "success",
      detail: { from: connection.name, to: patch.name },
    });
  });
}
