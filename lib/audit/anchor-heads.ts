import {
  type Anchor,
  anchorFileIn,
  appendAnchors,
  boundAnchors,
  readAnchors,
} from "#lib/audit/anchors.ts";
import type { ChainKey } from "#lib/audit/chain.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Env } from "#lib/core/env.ts";
import type { Logger } from "#lib/core/log.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";

type Deps = {
  db: Database;
  clock: Clock;
  log: Logger;
  chainKey: ChainKey;
  settings: Pick<Env, "dataDir">;
};

export const anchorEveryMs = 60_000;
/** One process at a time writes the file. */
const ANCHOR_LOCK = 7_270_737_002n;

/**
 * Notes the ends of all chains that grew since the last time in a file outside the database, so that
 * a cut tail shows even where the head row was rewritten (AUD-4). Another process that is at it is
 * left to it.
 *
 * @returns chains that are shorter than they once were; each is logged as an error too
 */
export async function anchorHeads(deps: Deps): Promise<string[]> {
  const file = anchorFileIn(deps.settings.dataDir);
  const keys = new Map([[deps.chainKey.id, deps.chainKey]]);
  return inTransaction(deps.db, async (tx) => {
    const [lock] = await tx.$queryRaw<{ is_mine: boolean }[]>`
      select pg_try_advisory_xact_lock(${ANCHOR_LOCK}) as is_mine`;
    if (!lock?.is_mine) return [];
    const newest = newestOf((await readAnchors(file, keys)).anchors);
    const heads = new Map(
      (await tx.auditHead.findMany()).map(({ chainId, sequence, hash }) => [
        chainId,
        { chainId, sequence, hash },
      ]),
    );
    const grown = [...heads.values()].filter(
      ({ chainId, sequence }) => sequence > (newest.get(chainId)?.sequence ?? 0n),
    );
    if (grown.length > 0) {
      await appendAnchors(file, deps.chainKey, deps.clock.now(), grown);
      await boundAnchors(file, keys);
    }
    const shorter = [...newest.values()]
      .filter(({ chainId, sequence }) => (heads.get(chainId)?.sequence ?? 0n) < sequence)
      .map(({ chainId }) => chainId);
    for (const chainId of shorter) {
      deps.log.error("audit chain is shorter than its anchor", { teamId: chainId });
    }
    return shorter;
  });
}

function newestOf(anchors: readonly Anchor[]): Map<string, Anchor> {
  const newest = new Map<string, Anchor>();
  for (const anchor of anchors) {
    if (anchor.sequence >= (newest.get(anchor.chainId)?.sequence ?? 0n)) {
      newest.set(anchor.chainId, anchor);
    }
  }
  return newest;
}
