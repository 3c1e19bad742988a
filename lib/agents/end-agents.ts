import {
  announceAgent,
  endLeaseRows,
  lockAgentsOf,
  revokeKeys,
  revokeStandingOf,
  updateAgent,
} from "#lib/agents/repository.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Transaction } from "#lib/db/client.ts";

/**
 * Stops everything of one person's agents in one team, in the caller's transaction: agents are disabled,
 * keys revoked, leases ended; every process hears of it with the commit (TEN-10). They stay as they are
 * for the trail, and come back with no key if the person does.
 *
 * @param principal - who does it, in the same team; what they may was decided by the caller
 */
export async function endAgentsOf(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  principal: Principal,
  { teamId, userId: ownerId }: { teamId: string; userId: string },
): Promise<{ agentsEnded: number }> {
  if (teamId !== principal.teamId) throw new TypeError("agents of another team");
  const now = deps.clock.now();
  const agents = await lockAgentsOf(tx, { teamId, ownerId });
  const keys = await revokeKeys(tx, { teamId, ownerId }, now);
  await endLeaseRows(tx, { teamId, ownerId }, now);
  await revokeStandingOf(tx, { teamId, ownerId }, now);
  let agentsEnded = 0;
  for (const { id, name, disabledAt } of agents) {
    const keysRevoked = keys.filter(({ agentId }) => agentId === id).length;
    if (disabledAt !== null && keysRevoked === 0) continue;
    agentsEnded += 1;
    if (disabledAt === null) {
      await updateAgent(tx, { teamId }, id, { disabledAt: now, updatedAt: now });
    }
    await recordEvent(tx, deps, {
      action: "agent.disabled",
      principal,
      target: { kind: "agent", id },
      ...(ownerId === principal.userId ? {} : { onBehalfOf: ownerId }),
      result: "success",
      detail: { name, keysRevoked, cause: "member_removed" },
    });
    await announceAgent(tx, id);
  }
  return { agentsEnded };
}
