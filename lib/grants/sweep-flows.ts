import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Database } from "#lib/db/client.ts";
import { failFlow } from "#lib/grants/fail-flow.ts";
import { forgetOldFlows, listInterruptedFlows } from "#lib/grants/flow-repository.ts";
import { exchangeLimitMs } from "#lib/grants/flow-state.ts";

const forgetAfterMs = 24 * 60 * 60 * 1000;
const batch = 100;

/**
 * Ends everybody's flows whose exchange was cut off (a killed process, say), with their event, and
 * forgets those that ran out a day ago.
 */
export async function sweepFlows(deps: {
  db: Database;
  clock: Clock;
  random: Random;
}): Promise<void> {
  const nowMs = deps.clock.now().getTime();
  const cutOff = await listInterruptedFlows(deps.db, new Date(nowMs - exchangeLimitMs), batch);
  for (const flow of cutOff) await failFlow(deps, null, flow, { reason: "flow_interrupted" });
  await forgetOldFlows(deps.db, new Date(nowMs - forgetAfterMs));
}
