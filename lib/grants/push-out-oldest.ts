import { recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Transaction } from "#lib/db/client.ts";
import { endGrantRow, listOwnApprovals, lockGrant } from "#lib/grants/grant-repository.ts";
import { type QueueDeps, queueGrantToken } from "#lib/grants/queue-revocation.ts";
import { providerOf } from "#lib/providers/registry.ts";

/**
 * Says of one's own older sign-ins through the same app that the provider dropped them, where it keeps
 * only so many of a user (contract of Salesforce §3.1): it does so without a word, and each would fail
 * at its next use. In the transaction of the newest, which counts.
 */
export async function pushOutOldest(
  deps: QueueDeps,
  tx: Transaction,
  principal: Principal,
  newest: { connection: Pick<Connection, "provider" | "clientId">; providerUserId: string },
): Promise<void> {
  const { approvalsPerUser } = providerOf(newest.connection.provider);
  if (approvalsPerUser === null) return;
  const approvals = await listOwnApprovals(tx, principal, {
    clientId: newest.connection.clientId,
    providerUserId: newest.providerUserId,
  });
  for (const { id } of approvals.slice(approvalsPerUser)) {
    const grant = await lockGrant(tx, principal, id);
    if (grant?.state !== "active") continue;
    await queueGrantToken(deps, tx, principal, grant, "replaced");
    await endGrantRow(tx, id, { state: "needs_reconnect", reason: "grant_pushed_out" });
    await recordEvent(tx, deps, {
      action: "grant.voided",
      principal,
      target: { kind: "grant", id },
      connectionId: grant.connectionId,
      result: "success",
      detail: { reason: "grant_pushed_out" },
    });
  }
}
