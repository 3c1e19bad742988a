import { recordEvent } from "#lib/audit/record-event.ts";
import { deleteConnectionRow, findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { endFlow } from "#lib/grants/cancel-flow.ts";
import { type DisconnectDeps, disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { RevocationUnconfirmedError } from "#lib/grants/errors.ts";
import { listFlowsWithToken } from "#lib/grants/flow-repository.ts";
import { listGrantsUnder, lockConnection } from "#lib/grants/grant-repository.ts";
import type { DisconnectReceipt } from "#lib/grants/schema.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";

/**
 * Ends everybody's grant under a connection, at the provider too, then forgets the definition.
 *
 * @param options.acceptUnconfirmed - delete even where a provider did not confirm; its tokens are
 *   then out of our reach
 * @returns a receipt for each grant that was ended
 * @throws {NotFoundError} absent, or another team's
 * @throws {ForbiddenError} neither its maker nor an admin
 * @throws {RevocationUnconfirmedError} the grants are ended here, the definition is kept
 */
export async function deleteConnection(
  deps: DisconnectDeps,
  principal: Principal,
  id: string,
  options: { acceptUnconfirmed: boolean },
): Promise<DisconnectReceipt[]> {
  const connection = await findConnection(deps.db, principal, id);
  if (!connection) throw new NotFoundError();
  const grants = (await listGrantsUnder(deps.db, principal, id)).filter(
    (grant) => grant.state !== "disconnected" || grant.refreshTokenSealed !== null,
  );
  const refusal = "Only its maker or an admin can delete a connection.";
  requireMay(principal, "connection.delete", { ownerId: connection.createdById }, refusal);
  for (const { userId: ownerId } of grants) {
    const words = "Teammates are connected here: an admin can delete it.";
    requireMay(principal, "grant.disconnect", { ownerId }, words);
  }
  const receipts: DisconnectReceipt[] = [];
  for (const grant of grants) receipts.push(await disconnectGrant(deps, principal, grant.id));
  let unconfirmed = receipts.filter((receipt) => receipt.revocation === "unconfirmed").length;
  for (const flow of await listFlowsWithToken(deps.db, principal, id)) {
    if (!(await endFlow(deps, principal, flow))) unconfirmed += 1;
  }
  if (unconfirmed > 0 && !options.acceptUnconfirmed) {
    throw new RevocationUnconfirmedError(unconfirmed);
  }
  await inTransaction(deps.db, async (tx) => {
    if (!(await lockConnection(tx, principal, id))) throw new NotFoundError();
    // Somebody may have come back meanwhile: that token would vanish unrevoked.
    const left = await listGrantsUnder(tx, principal, id);
    const live = left.filter((grant) => grant.state !== "disconnected").length;
    const waiting = (await listFlowsWithToken(tx, principal, id)).length;
    if (live > 0 || (waiting > 0 && !options.acceptUnconfirmed)) {
      throw new RevocationUnconfirmedError(live + waiting);
    }
    await deleteConnectionRow(tx, principal, id);
    await recordEvent(tx, deps, {
      action: "connection.deleted",
      principal,
      target: { kind: "connection", id },
      connectionId: id,
      result: "success",
      detail: { name: connection.name, grantsEnded: receipts.length, unconfirmed },
    });
  });
  return receipts;
}
