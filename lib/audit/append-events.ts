import {
  type ChainHead,
  type ChainKey,
  chainEvents,
  type EventContent,
  genesisHash,
  instanceChain,
} from "#lib/audit/chain.ts";
import type { Clock } from "#lib/core/clock.ts";
import { type Database, type Transaction, writeBeforeCommit } from "#lib/db/client.ts";

type HeadRow = { chain_id: string; sequence: bigint; hash: Uint8Array<ArrayBuffer> };

/** From now on, what `recordEvent` collects on this client is chained with `key` and written. */
export function keepAuditTrail(db: Database, deps: { clock: Clock; key: ChainKey }): void {
  writeBeforeCommit(db, (tx, entries) => appendEvents(tx, deps, entries as EventContent[]));
}

/**
 * Puts events at the end of their chains. Runs as the last thing of a transaction: a chain's head row
 * is locked from here to the commit, which orders the writers of a team without a gap (AUD-4), and
 * never earlier, so that nobody waits for other rows while holding it.
 *
 * @param contents - of one or several chains; those of a chain keep their order
 */
async function appendEvents(
  tx: Transaction,
  deps: { clock: Clock; key: ChainKey },
  contents: readonly EventContent[],
): Promise<void> {
  const byChain = Map.groupBy(contents, ({ teamId }) => teamId ?? instanceChain);
  // One order for all: two transactions with the same chains never wait for each other in a circle.
  const chainIds = [...byChain.keys()].sort();
  const heads = await lockHeads(tx, deps, chainIds);
  const chained = chainIds.map((chainId) => {
    const head = heads.get(chainId);
    if (!head) throw new Error(`no head row for audit chain ${chainId}`);
    return chainEvents(deps.key, head, byChain.get(chainId) ?? []);
  });
  await tx.auditEvent.createMany({
    data: chained.flat().map((event) => ({ ...event, detail: { ...event.detail } as object })),
  });
  const now = deps.clock.now();
  for (const [index, chainId] of chainIds.entries()) {
    const last = chained[index]?.at(-1);
    if (!last) continue;
    await tx.$executeRaw`
      update audit_heads set sequence = ${last.sequence}, hash = ${last.hash}, updated_at = ${now}
      where chain_id = ${chainId}::uuid`;
  }
}

// All or none of the rows are locked, and none before those that lack were made, so that every
// transaction takes them in the one order.
async function lockHeads(
  tx: Transaction,
  deps: { clock: Clock; key: ChainKey },
  chainIds: readonly string[],
): Promise<Map<string, ChainHead>> {
  const lock = () => tx.$queryRaw<HeadRow[]>`
    select chain_id, sequence, hash from audit_heads
    where chain_id = any(${chainIds}::uuid[]) and ${chainIds.length} =
      (select count(*) from audit_heads where chain_id = any(${chainIds}::uuid[]))
    order by chain_id for update`;
  let rows = await lock();
  if (rows.length < chainIds.length) {
    const now = deps.clock.now();
    for (const chainId of chainIds) {
      await tx.$executeRaw`
        insert into audit_heads (chain_id, sequence, hash, updated_at)
        values (${chainId}::uuid, 0, ${genesisHash(deps.key, chainId)}, ${now})
        on conflict (chain_id) do nothing`;
    }
    rows = await lock();
  }
  return new Map(rows.map(({ chain_id, ...head }) => [chain_id, head]));
}
