import { recordEvent } from "#lib/audit/record-event.ts";
import { deleteConnectionRow, findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { attemptRevocations } from "#lib/grants/attempt-revocation.ts";
import type { DisconnectDeps } from "#lib/grants/disconnect-grant.ts";
import { endAll, requireMayEndAll } from "#lib/grants/end-grants.ts";
import { lockConnection } from "#lib/grants/grant-repository.ts";
import { listRevocationsByIds } from "#lib/grants/list-revocations.ts";
import type { RevocationJson } from "#lib/grants/schema.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";

/**
 * Ends everybody's grant under a connection and forgets the definition, at once; their tokens are queued
 * to be ended at the provider in the same transaction, and tried before this returns. What is not
 * confirmed by then outlives the definition and is tried again.
 *
 * @returns how each revocation stands
 * @throws {NotFoundError} absent, or another team's
 * @throws {ForbiddenError} neither its maker nor an admin, or teammates are connected and no admin
 */
export async function deleteConnection(
  deps: DisconnectDeps,
  principal: Principal,
  id: string,
): Promise<RevocationJson[]> {
  const queued = await inTransaction(deps.db, async (tx) => {
    if (!(await lockConnection(tx, principal, id))) throw new NotFoundError();
    const connection = await findConnection(tx, principal, id);
    if (!connection) throw new NotFoundError();
    const refusal = "Only its maker or an admin can delete a connection.";
    requireMay(principal, "connection.delete", { ownerId: connection.createdById }, refusal);
    await requireMayEndAll(
      tx,
      principal,
      id,
      "Teammates are connected here: an admin can delete it.",
    );
    const { teamId } = principal;
    const { ended, revocations } = await endAll(
      deps,
      tx,
      principal,
      { teamId, connectionId: id },
      "connection_deleted",
    );
    await deleteConnectionRow(tx, principal, id);
    await recordEvent(tx, deps, {
      action: "connection.deleted",
      principal,
      target: { kind: "connection", id },
      connectionId: id,
      result: "success",
      detail: { name: connection.name, grantsEnded: ended },
    });
    return revocations;
  });
  await attemptRevocations(deps, principal, queued);
  return listRevocationsByIds(
    deps,
    principal,
    queued.map((each) => each.id),
  );
}
