import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Env } from "#lib/core/env.ts";
import type { Random } from "#lib/core/ids.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { listEndedBefore, removeContentsOf } from "#lib/plans/contents-repository.ts";
import { isOpen } from "#lib/plans/plan-state.ts";
import { announcePlan, lockPlan } from "#lib/plans/repository.ts";

const BATCH = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Removes what plans hold of customers, so many days after they ended (OPS-6): every version's requests,
 * previews and read values, answers, reasons. What was decided, by whom, about which hash, and what became of
 * each step stays, and the trail with it.
 */
export async function removePlanContents(
  deps: { db: Database; clock: Clock; random: Random; settings: Pick<Env, "planContentsDays"> },
  signal?: AbortSignal,
): Promise<void> {
  const now = deps.clock.now();
  const before = new Date(now.getTime() - deps.settings.planContentsDays * DAY_MS);
  for (let found = BATCH; found === BATCH && !signal?.aborted; ) {
    const ended = await listEndedBefore(deps.db, { before, now, limit: BATCH });
    found = ended.length;
    for (const each of ended) {
      await inTransaction(deps.db, async (tx) => {
        const plan = await lockPlan(tx, each, each.id);
        if (!plan || isOpen(plan.state) || plan.contentsRemovedAt !== null) return;
        await removeContentsOf(tx, plan, now);
        await announcePlan(tx, plan.id);
        await recordEvent(tx, deps, {
          action: "plan.contents_removed",
          principal: null,
          teamId: plan.teamId,
          target: { kind: "plan", id: plan.id },
          onBehalfOf: plan.ownerId,
          result: "success",
          detail: { hash: plan.hash, version: plan.version, steps: plan.stepCount },
        });
      });
    }
  }
}
