import { type Anchor, anchorFileIn, readAnchors } from "#lib/audit/anchors.ts";
import type { ChainKey } from "#lib/audit/chain.ts";
import { chainIdsIn } from "#lib/audit/chain-repository.ts";
import { type ChainReport, verifyChain } from "#lib/audit/verify-chain.ts";
import type { Env } from "#lib/core/env.ts";
import type { Database } from "#lib/db/client.ts";

export type VerifyDeps = { db: Database; chainKey: ChainKey; settings: Pick<Env, "dataDir"> };

export type TrailReport = {
  chains: ChainReport[];
  /** Lines of the anchor file that the studio did not write so. */
  badAnchorLines: number[];
};

/**
 * Verifies the chains that are named, or every one that the database or an anchor knows of, so that a
 * chain that is gone altogether is missed too.
 *
 * @param options.olderKeys - of times before the present `SESSION_SECRET`
 */
export async function verifyTrail(
  deps: VerifyDeps,
  options: { chainIds?: readonly string[]; olderKeys?: readonly ChainKey[] } = {},
): Promise<TrailReport> {
  const keys = new Map(
    [deps.chainKey, ...(options.olderKeys ?? [])].map((key) => [key.id, key] as const),
  );
  const { anchors, badLines } = await readAnchors(anchorFileIn(deps.settings.dataDir), keys);
  const byChain: Map<string, Anchor[]> = Map.groupBy(anchors, ({ chainId }) => chainId);
  const chainIds =
    options.chainIds ?? [...new Set([...(await chainIdsIn(deps.db)), ...byChain.keys()])].sort();
  const chains: ChainReport[] = [];
  for (const chainId of chainIds) {
    chains.push(await verifyChain({ db: deps.db, keys }, chainId, byChain.get(chainId) ?? []));
  }
  return { chains, badAnchorLines: badLines };
}
