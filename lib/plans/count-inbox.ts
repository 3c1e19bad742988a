import { countWaitingRequests } from "#lib/connection-requests/list-requests.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import { countPlansToDecide } from "#lib/plans/get-plan.ts";

/** How much waits for this person: plans to decide, and connections that their agents ask for. */
export async function countInbox(
  deps: { db: DatabaseOrTransaction; clock: Clock },
  principal: Principal,
): Promise<{ plans: number; requests: number }> {
  const [plans, requests] = await Promise.all([
    countPlansToDecide(deps, principal),
    countWaitingRequests(deps, principal),
  ]);
  return { plans, requests };
}
