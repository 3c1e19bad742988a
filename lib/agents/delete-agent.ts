import type { EndAgentDeps } from "#lib/agents/create-agent.ts";
import { announceAgent, deleteAgentRow, endLeaseRows, revokeKeys } from "#lib/agents/repository.ts";
import { requireAgent } from "#lib/agents/require-agent.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";

/**
 * Deletes an agent with its keys; its leases end with it, everywhere within a second. What it did stays in
 * the trail.
 *
 * @throws {NotFoundError} absent, another team's, or a teammate's and the principal is no admin
 * @throws {SecondFactorRequiredError} an admin, without a second factor
 */
export async function deleteAgent(
  deps: EndAgentDeps,
  principal: Principal,
  agentId: string,
  requestId?: string,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const agent = await requireAgent(tx, principal, agentId, "agent.end");
    const now = deps.clock.now();
    const of = { teamId: agent.teamId, agentId };
    const keys = await revokeKeys(tx, of, now);
    const leasesEnded = await endLeaseRows(tx, of, now);
    await deps.onAgentEnded(tx, principal, { ...of, isDeleted: true });
    await deleteAgentRow(tx, principal, agentId);
    await recordEvent(tx, deps, {
      action: "agent.deleted",
      principal,
      target: { kind: "agent", id: agentId },
      ...(agent.ownerId === principal.userId ? {} : { onBehalfOf: agent.ownerId }),
      result: "success",
      detail: { name: agent.name, keysRevoked: keys.length, leasesEnded },
      ...(requestId ? { requestId } : {}),
    });
    await announceAgent(tx, agentId);
  });
}
