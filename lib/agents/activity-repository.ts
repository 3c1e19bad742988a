import type { DayUse } from "#lib/agents/unusual-use.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Sql } from "#lib/db/sql.ts";
import { unknownRecipients } from "#lib/providers/vocabulary.ts";

/** One thing an agent did, for its live log: what and how it went, nothing of its content. */
export type CallRow = Pick<AgentPrincipal, "teamId" | "ownerId" | "agentId" | "keyId"> & {
  connectionId: string | null;
  at: Date;
  door: string;
  operation: string;
  effect: string;
  status: number | null;
  code: string | null;
  durationMs: number;
  rows: number;
  bytes: number;
  repeats: number;
};

/** What was used in one day, or is to be added to it. */
export type AgentUse = { calls: number; rows: number; sends: number; kilobytes: number };
export type UseOfDay = AgentUse & { agentId: string; day: string };

const insert = `
  insert into agent_calls (team_id, owner_id, agent_id, key_id, connection_id, at, door, operation,
    effect, status, code, duration_ms, rows, bytes, repeats)
  select r."teamId", r."ownerId", r."agentId", r."keyId", r."connectionId", r.at, r.door, r.operation,
    r.effect, r.status, r.code, r."durationMs", r.rows, r.bytes, r.repeats
  from jsonb_to_recordset($1::jsonb) as r("teamId" uuid, "ownerId" uuid, "agentId" uuid, "keyId" uuid,
    "connectionId" uuid, at timestamptz, door text, operation text, effect text, status int, code text,
    "durationMs" int, rows int, bytes int, repeats int)`;

export async function insertCalls(sql: Sql, rows: readonly CallRow[]): Promise<void> {
  await sql.query(insert, [JSON.stringify(rows)]);
}

const add = `
  insert into agent_days as d (agent_id, day, calls, rows, sends, kilobytes)
  select r."agentId", r.day, r.calls, r.rows, r.sends, r.kilobytes
  from jsonb_to_recordset($1::jsonb)
    as r("agentId" uuid, day date, calls int, rows int, sends int, kilobytes int)
  where exists (select 1 from agents a where a.id = r."agentId")
  order by r."agentId", r.day
  on conflict (agent_id, day) do update
    set calls = d.calls + excluded.calls, rows = d.rows + excluded.rows,
      -- A sum of people ends where nobody knows any more how many they were.
      sends = least(${unknownRecipients}, d.sends::bigint + excluded.sends), kilobytes = d.kilobytes + excluded.kilobytes
  returning d.agent_id as "agentId", d.day::text as day, d.calls, d.rows, d.sends, d.kilobytes`;

/** Adds to days, and says what they then hold, with what other instances added. */
export async function addToDays(sql: Sql, uses: readonly UseOfDay[]): Promise<UseOfDay[]> {
  return (await sql.query(add, [JSON.stringify(uses)])) as unknown as UseOfDay[];
}

const take = `
  insert into agent_days as d (agent_id, day, sends)
  select $1, $2::date, $3::int where $3::int <= $4::int
  on conflict (agent_id, day) do update set sends = d.sends + excluded.sends
    where d.sends + excluded.sends <= $4::int
  returning d.sends`;

/** Takes sends out of a day's budget, all or none, over all instances. */
export async function takeSends(
  sql: Sql,
  { agentId, day, sends, most }: { agentId: string; day: string; sends: number; most: number },
): Promise<boolean> {
  return (await sql.query(take, [agentId, day, sends, most])).length > 0;
}

/** What an agent used on one day so far. */
export async function usedOn(sql: Sql, agentId: string, day: string): Promise<AgentUse> {
  const [row] = await sql.query(
    "select calls, rows, sends, kilobytes from agent_days where agent_id = $1 and day = $2::date",
    [agentId, day],
  );
  return (row as AgentUse | undefined) ?? { calls: 0, rows: 0, sends: 0, kilobytes: 0 };
}

/** Its days with use in the two weeks before this one. */
export async function daysBefore(sql: Sql, agentId: string, day: string): Promise<DayUse[]> {
  return (await sql.query(
    `select calls, rows, kilobytes from agent_days
     where agent_id = $1 and day < $2::date and day >= $2::date - 14 and calls > 0`,
    [agentId, day],
  )) as unknown as DayUse[];
}

/** Forgets calls and days that no view shows any more. */
export async function deleteActivityBefore(
  sql: Sql,
  { calls, days }: { calls: Date; days: Date },
): Promise<void> {
  await sql.query("delete from agent_calls where at < $1", [calls]);
  await sql.query("delete from agent_days where day < $1::date", [days.toISOString().slice(0, 10)]);
}
