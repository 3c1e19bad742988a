import { hintOf } from "#lib/agents/agent-key.ts";
import { announceAgent, endLeaseRows, endUnusedKeyRows } from "#lib/agents/repository.ts";
import { KEY_UNUSED_DAYS } from "#lib/agents/terms.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const BATCH = 100;

/**
 * Revokes keys that nobody used for ninety days (OPS-8), a batch a transaction, with an event each.
 *
 * @param signal - the process ends: the rest is the next run's
 * @returns how many
 */
export async function endUnusedKeys(
  deps: { db: Database; clock: Clock; random: Random },
  signal?: AbortSignal,
): Promise<number> {
  const now = deps.clock.now();
  const unusedSince = new Date(now.getTime() - KEY_UNUSED_DAYS * DAY_MS);
  let total = 0;
  for (let ended = BATCH; ended === BATCH && !signal?.aborted; total += ended) {
    ended = await inTransaction(deps.db, async (tx) => {
      const keys = await endUnusedKeyRows(tx, { now, unusedSince, limit: BATCH });
      for (const key of keys) {
        await endLeaseRows(tx, { teamId: key.teamId, keyId: key.id }, now);
        await recordEvent(tx, deps, {
          action: "agent_key.ended_unused",
          principal: null,
          teamId: key.teamId,
          target: { kind: "agent", id: key.agentId },
          onBehalfOf: key.ownerId,
          result: "success",
          detail: {
            name: key.agentName,
            key: hintOf(key.id),
            keyId: key.id,
            keyName: key.name,
            lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
          },
        });
        await announceAgent(tx, key.agentId);
      }
      return keys.length;
    });
  }
  return total;
}
