import { deleteOldLeases } from "#lib/broker/lease-repository.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Database } from "#lib/db/client.ts";

const KEPT_MS = 30 * 24 * 3_600_000;
const BATCH = 5_000;

/** Deletes leases that ended thirty days ago, in small batches; their events stay. */
export async function sweepLeases(
  deps: { db: Database; clock: Clock },
  signal: AbortSignal,
): Promise<void> {
  const before = new Date(deps.clock.now().getTime() - KEPT_MS);
  while (!signal.aborted && (await deleteOldLeases(deps.db, before, BATCH)) === BATCH);
}
