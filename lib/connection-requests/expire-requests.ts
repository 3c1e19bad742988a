import { recordEvent } from "#lib/audit/record-event.ts";
import {
  announceRequest,
  expireRequestRows,
  forgetRequests,
} from "#lib/connection-requests/repository.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";

const batch = 100;
const forgetAfterMs = 30 * 24 * 60 * 60 * 1000;

/** Ends requests that nobody answered in time, for all teams, and forgets those of a month ago. */
export async function expireRequests(
  deps: { db: Database; clock: Clock; random: Random },
  signal?: AbortSignal,
): Promise<void> {
  const now = deps.clock.now();
  for (let ended = batch; ended === batch && !signal?.aborted; ) {
    ended = await inTransaction(deps.db, async (tx) => {
      const late = await expireRequestRows(tx, { now, limit: batch });
      for (const { id, teamId, agentId, ownerId } of late) {
        await recordEvent(tx, deps, {
          action: "connection_request.expired",
          principal: null,
          teamId,
          target: { kind: "agent", id: agentId },
          onBehalfOf: ownerId,
          result: "success",
        });
        await announceRequest(tx, id);
      }
      return late.length;
    });
  }
  await forgetRequests(deps.db, new Date(now.getTime() - forgetAfterMs));
}
