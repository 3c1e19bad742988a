import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { PlanRow } from "#lib/plans/repository.ts";

/** Plans, of all teams, that ended before that and whose contents are still stored. */
export async function listEndedBefore(
  db: DatabaseOrTransaction,
  { before, now, limit }: { before: Date; now: Date; limit: number },
): Promise<Pick<PlanRow, "id" | "teamId">[]> {
  return db.plan.findMany({
    // The rest of one that was stopped may be sent until its own time is over.
    where: { endedAt: { lt: before }, expiresAt: { lte: now }, contentsRemovedAt: null },
    select: { id: true, teamId: true },
    orderBy: { endedAt: "asc" },
    take: limit,
  });
}

/**
 * Takes away what every version of a plan would have written, what was read for it, what came back and what
 * people said of it; its row is held. Titles, counts, hashes, states and approvals stay.
 */
export async function removeContentsOf(
  tx: Transaction,
  { id, teamId }: Pick<PlanRow, "id" | "teamId">,
  now: Date,
): Promise<void> {
  await tx.$executeRaw`
    update plan_steps set content = '',
      outcome = outcome || '{"summary": "", "output": {}}'::jsonb
    where plan_id = ${id}::uuid`;
  await tx.plan.updateMany({
    where: { id, teamId },
    data: { reason: "", rejection: null, contentsRemovedAt: now },
  });
}
