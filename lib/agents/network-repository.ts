import type { KeyNetwork } from "#lib/agents/network-habits.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { Sql } from "#lib/db/sql.ts";

/** Where a key may be used from without a word. */
export async function ownNetworks(sql: Sql, keyId: string): Promise<string[]> {
  const rows = await sql.query(
    "select network from agent_key_networks where key_id = $1 and state <> 'held'",
    [keyId],
  );
  return rows.map(({ network }) => String(network));
}

/** All networks of a key whose agent's row is held. */
export function networksOfKey(tx: Transaction, keyId: string): Promise<KeyNetwork[]> {
  return tx.keyNetwork.findMany({
    where: { keyId },
    select: { network: true, state: true, firstSeenAt: true },
  });
}

/** A key on the move keeps so many; the oldest make room. */
const MOST_KEPT = 200;

/** Writes how a network of a key stands from now on. */
export async function setNetwork(
  tx: Transaction,
  keyId: string,
  { network, state, firstSeenAt }: KeyNetwork,
): Promise<void> {
  await tx.keyNetwork.upsert({
    where: { keyId_network: { keyId, network } },
    create: { keyId, network, state, firstSeenAt },
    update: { state },
  });
  await tx.$executeRaw`
    delete from agent_key_networks where key_id = ${keyId}::uuid and network in (
      select network from agent_key_networks where key_id = ${keyId}::uuid
      order by state = 'held', first_seen_at desc offset ${MOST_KEPT}::int)`;
}

/** The owner knows them: they are the agent's. @returns which were waiting for that word */
export async function ownNewNetworks(tx: Transaction, agentId: string): Promise<string[]> {
  const rows = await tx.$queryRaw<{ network: string }[]>`
    update agent_key_networks n set state = 'known' from agent_keys k
    where k.id = n.key_id and k.agent_id = ${agentId}::uuid and n.state <> 'known'
    returning n.network`;
  return [...new Set(rows.map(({ network }) => network))].sort();
}

/** How many of a person's own agents wait for their look: paused by the studio, or on new networks. */
export async function countAgentsToLookAt(
  db: DatabaseOrTransaction,
  { teamId, userId }: Pick<Principal, "teamId" | "userId">,
  now: Date,
): Promise<number> {
  const [row] = await db.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from agents a
    where a.team_id = ${teamId}::uuid and a.owner_id = ${userId}::uuid
      and (a.paused_at is not null or exists (
        select 1 from agent_keys k join agent_key_networks n on n.key_id = k.id
        where k.agent_id = a.id and n.state <> 'known'
          and k.revoked_at is null and (k.expires_at is null or k.expires_at > ${now})))`;
  return row?.count ?? 0;
}
