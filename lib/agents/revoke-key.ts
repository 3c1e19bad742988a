import { hintOf } from "#lib/agents/agent-key.ts";
import type { EndAgentDeps } from "#lib/agents/create-agent.ts";
import { announceAgent, endLeaseRows, findKey, revokeKeys } from "#lib/agents/repository.ts";
import { requireAgent } from "#lib/agents/require-agent.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";

/**
 * Revokes a key and ends the leases it holds, everywhere within a second (BRK-11). One that has ended
 * already stays as it is.
 *
 * @throws {NotFoundError} no such agent for this principal, or no such key of it
 * @throws {SecondFactorRequiredError} an admin, without a second factor
 */
export async function revokeKey(
  deps: EndAgentDeps,
  principal: Principal,
  agentId: string,
  keyId: string,
  requestId?: string,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const agent = await requireAgent(tx, principal, agentId, "agent.end");
    const key = await findKey(tx, agentId, keyId);
    if (!key) throw new NotFoundError();
    const now = deps.clock.now();
    const of = { teamId: agent.teamId, keyId };
    const revoked = await revokeKeys(tx, of, now);
    if (revoked.length === 0) return;
    const leasesEnded = await endLeaseRows(tx, of, now);
    await recordEvent(tx, deps, {
      action: "agent_key.revoked",
      principal,
      target: { kind: "agent", id: agentId },
      ...(agent.ownerId === principal.userId ? {} : { onBehalfOf: agent.ownerId }),
      result: "success",
      detail: { name: agent.name, key: hintOf(keyId), keyId, keyName: key.name, leasesEnded },
      ...(requestId ? { requestId } : {}),
    });
    await deps.onAgentEnded(tx, principal, { ...of, agentId });
    await announceAgent(tx, agentId);
  });
}
