import { recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import { findConnection } from "#lib/connections/repository.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { type AttemptDeps, attemptRevocations } from "#lib/grants/attempt-revocation.ts";
import { type Flow, findFlow, lockFlow, moveFlow } from "#lib/grants/flow-repository.ts";
import { type QueueDeps, queueFlowToken } from "#lib/grants/queue-revocation.ts";
import type { Revocation } from "#lib/grants/revocation-repository.ts";
import type { SeenReason } from "#lib/grants/schema.ts";
import type { VaultDeps } from "#lib/grants/secrets.ts";

/**
 * Ends a flow that has not ended: a later callback finds it void. One that waits for its owner's
 * word is refused by this, and its token is revoked where the provider can.
 *
 * @throws {NotFoundError} absent, or another person's
 */
export async function cancelFlow(
  deps: AttemptDeps & QueueDeps,
  principal: Principal,
  flowId: string,
): Promise<void> {
  const flow = await findFlow(deps.db, principal, flowId);
  if (!flow) throw new NotFoundError();
  const queued = await inTransaction(deps.db, (tx) => endFlow(deps, tx, principal, flow));
  await attemptRevocations(deps, principal, [queued]);
}

/**
 * Ends a waiting flow by what its person saw on the provider's own page, from where nobody is sent
 * back. One that ended meanwhile stays as it ended.
 *
 * @throws {NotFoundError} absent, or another person's
 */
export async function reportFlow(
  deps: Pick<VaultDeps, "clock" | "random"> & { db: Database },
  principal: Principal,
  flowId: string,
  saw: SeenReason,
): Promise<void> {
  const found = await findFlow(deps.db, principal, flowId);
  if (!found) throw new NotFoundError();
  await inTransaction(deps.db, async (tx) => {
    const outcome = { status: "failed", reason: saw } as const;
    if (!(await moveFlow(tx, flowId, "waiting", outcome, deps.clock.now()))) return;
    await recordEvent(tx, deps, {
      action: "flow.failed",
      principal,
      target: { kind: "flow", id: flowId },
      connectionId: found.connectionId,
      result: "failed",
      detail: { reason: saw, seenBy: "person" },
    });
  });
}

/**
 * Ends a flow in the caller's transaction; what a callback or a word made of it meanwhile stands.
 *
 * @param principal - its owner, somebody who ends what it is about, or null for the studio itself
 * @returns what is to be revoked of it
 */
export async function endFlow(
  deps: QueueDeps,
  tx: Transaction,
  principal: Principal | null,
  { id, teamId, connectionId }: Pick<Flow, "id" | "teamId" | "connectionId">,
  under?: Connection,
): Promise<Revocation | null> {
  const flow = await lockFlow(tx, { teamId }, id);
  const connection = under ?? (await findConnection(tx, { teamId }, connectionId));
  if (!flow || !connection) return null;
  const from = flow.status;
  if (from !== "waiting" && from !== "exchanging" && from !== "needs_confirmation") return null;
  const outcome = principal
    ? ({ status: "cancelled", reason: "cancelled" } as const)
    : ({ status: "expired", reason: "flow_expired" } as const);
  const queued = await queueFlowToken(deps, tx, principal, flow, connection);
  await moveFlow(tx, flow.id, from, outcome, deps.clock.now());
  await recordEvent(tx, deps, {
    action: principal ? "flow.cancelled" : "flow.expired",
    principal,
    teamId: flow.teamId,
    target: { kind: "flow", id: flow.id },
    connectionId: flow.connectionId,
    ...(flow.userId === principal?.userId ? {} : { onBehalfOf: flow.userId }),
    result: "success",
    detail: { from },
  });
  return queued;
}
