import { type Database, inTransaction } from "#lib/db/client.ts";
import { endFlow } from "#lib/grants/cancel-flow.ts";
import { failFlow } from "#lib/grants/fail-flow.ts";
import {
  forgetOldFlows,
  listInterruptedFlows,
  listUnansweredFlows,
} from "#lib/grants/flow-repository.ts";
import { confirmationLimitMs, exchangeLimitMs } from "#lib/grants/flow-state.ts";
import type { QueueDeps } from "#lib/grants/queue-revocation.ts";

const forgetAfterMs = 24 * 60 * 60 * 1000;
const batch = 100;

/**
 * Ends what time has ended, for everybody: exchanges that were cut off (a killed process, say) and
 * questions about another identity that nobody answered in an hour, whose tokens are queued to be
 * revoked. Forgets flows that ran out a day ago.
 */
export async function sweepFlows(deps: QueueDeps & { db: Database }): Promise<void> {
  const nowMs = deps.clock.now().getTime();
  const before = (ms: number) => new Date(nowMs - ms);
  for (const flow of await listInterruptedFlows(deps.db, before(exchangeLimitMs), batch)) {
    await failFlow(deps, null, flow, { reason: "flow_interrupted" });
  }
  for (const flow of await listUnansweredFlows(deps.db, before(confirmationLimitMs), batch)) {
    await inTransaction(deps.db, (tx) => endFlow(deps, tx, null, flow));
  }
  await forgetOldFlows(deps.db, before(forgetAfterMs));
}
