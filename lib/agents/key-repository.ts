import type { AgentBudget } from "#lib/core/principal.ts";
import type { Sql } from "#lib/db/sql.ts";

/** A key with everything that decides whether it counts, as one query reads it. */
export type KeyRow = {
  keyId: string;
  secretHash: Uint8Array;
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  agentId: string;
  teamId: string;
  ownerId: string;
  mode: "plan" | "build";
  budget: AgentBudget;
  asksForConnections: boolean;
  /** The key stands, its agent works and is not paused, and its owner is a member whose account does too. */
  isLive: boolean;
  connections: { connectionId: string; directWritesUntil: Date | null }[];
};

// Connections are the agent's team's, whatever a row may say.
const selectKeys = `
  select k.id, k.secret_hash, k.expires_at, k.last_used_at, a.id as agent_id, a.team_id, a.owner_id, a.mode::text as mode,
    a.calls_per_day, a.rows_per_day, a.sends_per_day, a.asks_for_connections,
    k.revoked_at is null and a.disabled_at is null and a.paused_at is null and u.disabled_at is null
      and m.user_id is not null as is_live,
    (select json_agg(json_build_array(r.connection_id, r.direct_writes_until))
     from agent_connections r join connections c on c.id = r.connection_id
     where r.agent_id = a.id and c.team_id = a.team_id) as connections
  from agent_keys k
  join agents a on a.id = k.agent_id and a.team_id = k.team_id
  join users u on u.id = a.owner_id
  left join memberships m on m.team_id = a.team_id and m.user_id = a.owner_id
  where k.id = any($1::uuid[])`;

/** The keys of these ids, by id; absent ones are left out. */
export async function findKeys(sql: Sql, ids: readonly string[]): Promise<Map<string, KeyRow>> {
  const rows = await sql.query(selectKeys, [[...new Set(ids)]]);
  return new Map(rows.map((row) => [String(row.id), keyOfRow(row)]));
}

function keyOfRow(row: Readonly<Record<string, unknown>>): KeyRow {
  const reaches = (row.connections ?? []) as [string, string | null][];
  return {
    keyId: String(row.id),
    secretHash: row.secret_hash as Uint8Array,
    expiresAt: row.expires_at as Date | null,
    lastUsedAt: row.last_used_at as Date | null,
    agentId: String(row.agent_id),
    teamId: String(row.team_id),
    ownerId: String(row.owner_id),
    mode: row.mode === "build" ? "build" : "plan",
    budget: {
      callsPerDay: row.calls_per_day as number | null,
      rowsPerDay: row.rows_per_day as number | null,
      sendsPerDay: row.sends_per_day as number | null,
    },
    asksForConnections: row.asks_for_connections === true,
    isLive: row.is_live === true,
    connections: reaches.map(([connectionId, until]) => ({
      connectionId,
      directWritesUntil: until === null ? null : new Date(until),
    })),
  };
}

export type KeyUse = { keyId: string; at: Date };

// A row that somebody changes just now is passed over: the next use tells again.
const noteKeys = `
  with used as (select * from unnest($1::uuid[], $2::timestamptz[]) as u(id, at)),
  free as (select id from agent_keys where id = any($1::uuid[]) for no key update skip locked)
  update agent_keys k set last_used_at = used.at
  from used join free on free.id = used.id
  where k.id = used.id and (k.last_used_at is null or k.last_used_at < used.at)`;
const noteAgents = `
  with used as (
    select k.agent_id as id, max(u.at) as at
    from unnest($1::uuid[], $2::timestamptz[]) as u(id, at) join agent_keys k on k.id = u.id
    group by k.agent_id),
  free as (select id from agents where id in (select id from used) for no key update skip locked)
  update agents a set last_used_at = used.at
  from used join free on free.id = used.id
  where a.id = used.id and (a.last_used_at is null or a.last_used_at < used.at)`;

/** Notes the last uses of keys and of their agents. */
export async function noteKeyUses(sql: Sql, uses: readonly KeyUse[]): Promise<void> {
  const latest = new Map(uses.map(({ keyId, at }) => [keyId, at.toISOString()]));
  const values = [[...latest.keys()], [...latest.values()]];
  await sql.query(noteKeys, values);
  await sql.query(noteAgents, values);
}
