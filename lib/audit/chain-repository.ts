import { type ChainedEvent, type ChainHead, instanceChain } from "#lib/audit/chain.ts";
import type { Database } from "#lib/db/client.ts";

const teamOf = (chainId: string) => (chainId === instanceChain ? null : chainId);

/** Events of one chain behind `after`, in their order; `after: null` begins before everything. */
export async function pageOfChain(
  db: Database,
  chainId: string,
  page: { after: bigint | null; upTo?: bigint; limit: number },
): Promise<ChainedEvent[]> {
  const rows = await db.auditEvent.findMany({
    where: {
      teamId: teamOf(chainId),
      sequence: {
        ...(page.after === null ? {} : { gt: page.after }),
        ...(page.upTo === undefined ? {} : { lte: page.upTo }),
      },
    },
    orderBy: [{ sequence: "asc" }, { id: "asc" }],
    take: page.limit,
  });
  return rows.map((row) => ({ ...row, detail: row.detail as ChainedEvent["detail"] }));
}

export async function countOfChain(db: Database, chainId: string): Promise<number> {
  return db.auditEvent.count({ where: { teamId: teamOf(chainId) } });
}

export async function findHead(db: Database, chainId: string): Promise<ChainHead | null> {
  const select = { sequence: true, hash: true };
  return db.auditHead.findUnique({ where: { chainId }, select });
}

/** Every chain that has a head or an event. */
export async function chainIdsIn(db: Database): Promise<string[]> {
  const rows = await db.$queryRaw<{ chain_id: string }[]>`
    select chain_id from audit_heads
    union select distinct coalesce(team_id, ${instanceChain}::uuid) from audit_events
    order by 1`;
  return rows.map((row) => row.chain_id);
}
