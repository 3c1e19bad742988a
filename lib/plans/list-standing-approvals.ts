import { getAgent } from "#lib/agents/list-agents.ts";
import type { Clock } from "#lib/core/clock.ts";
import { type PageQuery, pageOf, pageQuerySchema } from "#lib/core/page.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import type { StandingList } from "#lib/plans/schema.ts";
import { listStandingRows } from "#lib/plans/standing-approval-repository.ts";
import { toStandingJson } from "#lib/plans/standing-approval-serialize.ts";

/** Every live one is shown, and of those that are over the newest. */
const SHOWN_MOST = 100;
const SHOWN_FOR_MS = 30 * 24 * 60 * 60 * 1000;

/**
 * What an agent's owner approved beforehand: what counts, and what was over within the last month.
 *
 * @throws {NotFoundError} no agent that the principal may see (TEN-2)
 */
export async function listStandingApprovals(
  deps: { db: DatabaseOrTransaction; clock: Clock },
  principal: Principal,
  agentId: string,
  query: PageQuery = pageQuerySchema.parse({}),
): Promise<StandingList> {
  await getAgent(deps, principal, agentId);
  const now = deps.clock.now();
  const since = new Date(now.getTime() - SHOWN_FOR_MS);
  const of = { teamId: principal.teamId, agentId };
  const rows = await listStandingRows(deps.db, of, { now, since, limit: SHOWN_MOST });
  return pageOf(
    rows.map((row) => toStandingJson(row, now)),
    query,
  );
}
