import { endFlow } from "#lib/grants/cancel-flow.ts";
import { failFlow } from "#lib/grants/fail-flow.ts";
import {
  forgetOldFlows,
  listFlowsLeftAtProvider,
  listInterruptedFlows,
  listUnansweredFlows,
} from "#lib/grants/flow-repository.ts";
import { confirmationLimitMs, exchangeLimitMs } from "#lib/grants/flow-state.ts";
import type { RevokeDeps } from "#lib/grants/revoke.ts";

/** How often a running studio sweeps. */
export const sweepEveryMs = 10 * 60 * 1000;
const forgetAfterMs = 24 * 60 * 60 * 1000;
const batch = 100;
/** Each may take as long as a provider takes to answer. */
const revocationBatch = 10;

/**
 * Ends what time has ended, for everybody: exchanges that were cut off (a killed process, say) and
 * questions about another identity that nobody answered in an hour. Tries again to revoke what is
 * kept for that, and forgets flows that ran out a day ago.
 */
export async function sweepFlows(deps: RevokeDeps): Promise<void> {
  const nowMs = deps.clock.now().getTime();
  const before = (ms: number) => new Date(nowMs - ms);
  for (const flow of await listInterruptedFlows(deps.db, before(exchangeLimitMs), batch)) {
    await failFlow(deps, null, flow, { reason: "flow_interrupted" });
  }
  for (const flow of await listUnansweredFlows(deps.db, before(confirmationLimitMs), batch)) {
    await endFlow(deps, null, flow);
  }
  for (const flow of await listFlowsLeftAtProvider(deps.db, revocationBatch)) {
    await endFlow(deps, null, flow);
  }
  await forgetOldFlows(deps.db, before(forgetAfterMs));
}
