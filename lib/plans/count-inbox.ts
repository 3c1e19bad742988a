import { countAgentsToLookAt } from "#lib/agents/network-repository.ts";
import { countWaitingRequests } from "#lib/connection-requests/list-requests.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import { countPlansToDecide } from "#lib/plans/get-plan.ts";

/** How much waits for this person: plans to decide, connections that their agents ask for, agents to look at. */
export async function countInbox(
  deps: { db: DatabaseOrTransaction; clock: Clock },
  principal: Principal,
): Promise<{ plans: number; requests: number; agents: number }> {
  const [plans, requests, agents] = await Promise.all([
    countPlansToDecide(deps, principal),
    countWaitingRequests(deps, principal),
    countAgentsToLookAt(deps.db, principal, deps.clock.now()),
  ]);
  return { plans, requests, agents };
}
