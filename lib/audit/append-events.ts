import { LRUCache } from "lru-cache";
import {
  type ChainedEvent,
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

/** The ends of chains as this process saw them last: guesses, proven by whoever writes behind one. */
export type KnownHeads = LRUCache<string, ChainHead>;
export const createKnownHeads = (): KnownHeads => new LRUCache({ max: 5_000 });

/**
 * Puts events at the end of their chains. Must be the last thing of a transaction: a chain's head row
 * is locked from here to the commit, which orders the writers of a team without a gap (AUD-4), and
 * never earlier, so that nobody waits for other rows while holding it.
 *
 * @param contents - of one or several chains; those of a chain keep their order
 * @param known - learns where the chains then end, if the transaction commits
 */
export async function appendEvents(
  sql: Sql,
  { clock, chainKey }: TrailDeps,
  contents: readonly EventContent[],
  known?: KnownHeads,
): Promise<void> {
  if (contents.length === 0) return;
  const byChain = byChainOf(contents);
  const now = clock.now();
  const heads = await lockHeads(sql, chainKey, now, [...byChain.keys()]);
  const links = linksOf(chainKey, byChain, heads);
  const values = valuesOf(links, now);
  await (sql.finish ? sql.finish(insertEvents, values) : sql.query(insertEvents, values));
  noteEnds(known, links);
}

/**
 * The same with one statement, a transaction of its own, behind the ends that are known of the chains:
 * nobody is asked for them first. Its head rows are locked in the one order, and nothing is written where
 * one of them ends elsewhere.
 *
 * @param beside - `fits` is to be asked for by whatever else it writes; its parameters begin with `$4`
 * @returns false: nothing was written; `known` has learnt more, or lacks a chain
 */
export async function appendAtOnce(
  sql: Sql,
  { clock, chainKey }: TrailDeps,
  known: KnownHeads,
  contents: readonly EventContent[],
  beside: { statement: string; values: readonly unknown[] },
): Promise<boolean> {
  const byChain = byChainOf(contents);
  const heads = new Map<string, ChainHead>();
  for (const chainId of byChain.keys()) {
    const head = known.get(chainId);
    if (!head) return false;
    heads.set(chainId, head);
  }
  const links = linksOf(chainKey, byChain, heads);
  const values = [...valuesOf(links, clock.now()), ...beside.values];
  const rows = await sql.query(textAtOnce(beside.statement), values);
  const isWritten = rows.length > 0 && rows.every(({ fits }) => fits === true);
  if (isWritten) noteEnds(known, links);
  else {
    for (const chainId of byChain.keys()) known.delete(chainId);
    for (const [chainId, head] of headsOf(rows)) known.set(chainId, head);
  }
  return isWritten;
}

// One order for all: two transactions with the same chains never wait for each other in a circle.
function byChainOf(contents: readonly EventContent[]): Map<string, EventContent[]> {
  const byChain = Map.groupBy(contents, ({ teamId }) => teamId ?? instanceChain);
  return byChain.size < 2 ? byChain : new Map([...byChain].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** New events of a chain, and what they stand behind. */
type Link = { chainId: string; before: ChainHead; events: ChainedEvent[]; end: ChainHead };

const linksOf = (
  key: ChainKey,
  byChain: ReadonlyMap<string, readonly EventContent[]>,
  heads: ReadonlyMap<string, ChainHead>,
): Link[] =>
  [...byChain].map(([chainId, contents]) => {
    const before = heads.get(chainId);
    if (!before) throw new Error(`no head row for audit chain ${chainId}`);
    const events = chainEvents(key, before, contents);
    return { chainId, before, events, end: events.at(-1) ?? before };
  });

const valuesOf = (links: readonly Link[], now: Date): unknown[] => [
  JSON.stringify(links.flatMap(({ events }) => events.map(rowOf))),
  JSON.stringify(
    links.map(({ chainId, before, end }) => ({
      chain_id: chainId,
      before: String(before.sequence),
      before_hash: toHex(before.hash),
      sequence: String(end.sequence),
      hash: toHex(end.hash),
    })),
  ),
  now.toISOString(),
];

function noteEnds(known: KnownHeads | undefined, links: readonly Link[]): void {
  for (const { chainId, end } of links) {
    known?.set(chainId, { sequence: end.sequence, hash: end.hash });
  }
}

const ends = `json_to_recordset($2::json)
  as e(chain_id uuid, before bigint, before_hash text, sequence bigint, hash text)`;
const moveHeads = `
  update audit_heads set sequence = e.sequence, hash = decode(e.hash, 'hex'), updated_at = $3::timestamptz
  from ${ends} where audit_heads.chain_id = e.chain_id`;
const insertRows = `
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
const insertEvents = `with moved as (${moveHeads}) ${insertRows}`;

// `held` waits for whoever has a head locked, and then sees what they left.
const textsAtOnce = new Map<string, string>();
function textAtOnce(beside: string): string {
  let text = textsAtOnce.get(beside);
  if (text === undefined) {
    text = `
  with held as materialized (
    select h.chain_id, h.sequence, h.hash from audit_heads h
    where h.chain_id in (select chain_id from ${ends}) order by h.chain_id for update),
  fits as (
    select count(h.chain_id) = count(*) as yes from ${ends}
    left join held h on h.chain_id = e.chain_id and h.sequence = e.before
      and h.hash = decode(e.before_hash, 'hex')),
  moved as (${moveHeads} and (select yes from fits)),
  written as (${insertRows} where (select yes from fits)),
  besides as (${beside})
  select h.chain_id, h.sequence, h.hash, (select yes from fits) as fits from held h`;
    textsAtOnce.set(beside, text);
  }
  return text;
}

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
  return headsOf(rows);
}

const headsOf = (rows: readonly Readonly<Record<string, unknown>>[]): Map<string, ChainHead> =>
  new Map(
    rows.map(({ chain_id, sequence, hash }) => [
      String(chain_id),
      { sequence: BigInt(sequence as bigint | string), hash: hash as ChainHead["hash"] },
    ]),
  );
