import {
  type ChainHead,
  type ChainKey,
  chainEvents,
  type EventContent,
  genesisHash,
  instanceChain,
  toHex,
} from "#lib/audit/chain.ts";
import type { Clock } from "#lib/core/clock.ts";
import { type Database, writeBeforeCommit } from "#lib/db/client.ts";
import { type Sql, sqlOf } from "#lib/db/sql.ts";

export type TrailDeps = { clock: Clock; chainKey: ChainKey };

/** From now on, what `recordEvent` collects on this client is chained with `key` and written. */
export function keepAuditTrail(db: Database, deps: TrailDeps): void {
  writeBeforeCommit(db, (tx, entries) =>
    appendEvents(sqlOf(tx), deps, entries as readonly EventContent[]),
  );
}

/**
 * Puts events at the end of their chains. Must be the last thing of a transaction: a chain's head row
 * is locked from here to the commit, which orders the writers of a team without a gap (AUD-4), and
 * never earlier, so that nobody waits for other rows while holding it.
 *
 * @param contents - of one or several chains; those of a chain keep their order
 */
export async function appendEvents(
  sql: Sql,
  { clock, chainKey }: TrailDeps,
  contents: readonly EventContent[],
): Promise<void> {
  if (contents.length === 0) return;
  const byChain = Map.groupBy(contents, ({ teamId }) => teamId ?? instanceChain);
  // One order for all: two transactions with the same chains never wait for each other in a circle.
  const chainIds = [...byChain.keys()].sort();
  const now = clock.now();
  const heads = await lockHeads(sql, chainKey, now, chainIds);
  const chained = chainIds.map((chainId) => {
    const head = heads.get(chainId);
    if (!head) throw new Error(`no head row for audit chain ${chainId}`);
    return chainEvents(chainKey, head, byChain.get(chainId) ?? []);
  });
  const ends = chained.map((events, at) => ({
    chain_id: chainIds[at],
    sequence: String(events.at(-1)?.sequence),
    hash: toHex(events.at(-1)?.hash ?? new Uint8Array()),
  }));
  const values = [
    JSON.stringify(chained.flat().map(rowOf)),
    JSON.stringify(ends),
    now.toISOString(),
  ];
  await (sql.finish ? sql.finish(insertEvents, values) : sql.query(insertEvents, values));
}

const insertEvents = `
  with moved as (
    update audit_heads set sequence = e.sequence, hash = decode(e.hash, 'hex'), updated_at = $3::timestamptz
    from json_to_recordset($2::json) as e(chain_id uuid, sequence bigint, hash text)
    where audit_heads.chain_id = e.chain_id
  )
  insert into audit_events (
    id, team_id, sequence, at, actor_kind, actor_id, session_id, action, target_kind, target_id,
    connection_id, on_behalf_of, result, detail, request_id, key_id, previous_hash, hash)
  select
    id, team_id, sequence, at, actor_kind, actor_id, session_id, action, target_kind, target_id,
    connection_id, on_behalf_of, result, detail, request_id, key_id,
    decode(previous_hash, 'hex'), decode(hash, 'hex')
  from json_to_recordset($1::json) as e(
    id uuid, team_id uuid, sequence bigint, at timestamptz, actor_kind text, actor_id uuid,
    session_id uuid, action text, target_kind text, target_id uuid, connection_id uuid,
    on_behalf_of uuid, result text, detail jsonb, request_id text, key_id text, previous_hash text,
    hash text)`;

const rowOf = (event: ReturnType<typeof chainEvents>[number]) => ({
  id: event.id,
  team_id: event.teamId,
  sequence: String(event.sequence),
  at: event.at.toISOString(),
  actor_kind: event.actorKind,
  actor_id: event.actorId,
  session_id: event.sessionId,
  action: event.action,
  target_kind: event.targetKind,
  target_id: event.targetId,
  connection_id: event.connectionId,
  on_behalf_of: event.onBehalfOf,
  result: event.result,
  detail: event.detail,
  request_id: event.requestId,
  key_id: event.keyId,
  previous_hash: toHex(event.previousHash),
  hash: toHex(event.hash),
});

// All or none of the rows are locked, and none before those that lack were made, so that every
// transaction takes them in the one order.
async function lockHeads(
  sql: Sql,
  key: ChainKey,
  now: Date,
  chainIds: readonly string[],
): Promise<Map<string, ChainHead>> {
  const lock = () =>
    sql.query(
      `select chain_id, sequence, hash from audit_heads
       where chain_id = any($1::uuid[]) and $2::int =
         (select count(*) from audit_heads where chain_id = any($1::uuid[]))
       order by chain_id for update`,
      [chainIds, chainIds.length],
    );
  let rows = await lock();
  if (rows.length < chainIds.length) {
    for (const chainId of chainIds) {
      await sql.query(
        `insert into audit_heads (chain_id, sequence, hash, updated_at)
         values ($1::uuid, 0, $2::bytea, $3::timestamptz) on conflict (chain_id) do nothing`,
        [chainId, genesisHash(key, chainId), now.toISOString()],
      );
    }
    rows = await lock();
  }
  return new Map(
    rows.map(({ chain_id, sequence, hash }) => [
      String(chain_id),
      { sequence: BigInt(sequence as bigint | string), hash: hash as ChainHead["hash"] },
    ]),
  );
}
