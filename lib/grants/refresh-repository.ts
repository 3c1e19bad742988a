import type { Connection } from "#lib/connections/connection.ts";
import type { GrantRecord } from "#lib/connections/repository.ts";
import { announceChanges } from "#lib/db/changes.ts";
import { heldInstances } from "#lib/db/instance.ts";
import type { Sql } from "#lib/db/sql.ts";
import type { InstanceHosts } from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

/** The definition as a refresh needs it. */
export type RefreshedConnection = Pick<
  Connection,
  | "id"
  | "teamId"
  | "name"
  | "provider"
  | "method"
  | "environment"
  | "loginHost"
  | "tenantSubdomain"
  | "accountId"
  | "clientId"
  | "clientSecretSealed"
  | "scopes"
> & { problem: ReasonCode | null; problemAt: Date | null };

/** A grant as a refresh needs it, read under its lock. */
export type RefreshedGrant = Pick<
  GrantRecord,
  | "id"
  | "teamId"
  | "connectionId"
  | "userId"
  | "username"
  | "state"
  | "generation"
  | "tokenVersion"
  | "refreshTokenSealed"
  | "refreshFailures"
  | "refreshRetryAt"
  | "refreshUncertain"
  | "lastRefreshedAt"
  | "providerUserId"
  | "orgId"
  | "memberId"
  | "instanceHost"
  | "restHost"
  | "soapHost"
  | "scopes"
  | "accessTokenExpiresAt"
  | "idleDeadline"
> & {
  reason: ReasonCode | null;
  refreshProblem: ReasonCode | null;
  connection: RefreshedConnection;
  /** Whoever is at work on it. */
  intent: Intent | null;
};

export type Intent = { fence: string; holder: number; isHolderAlive: boolean };

/**
 * Holds the rows of those grants until the transaction ends, without waiting for any: one that somebody
 * else writes this moment is not among them. So groups of many never wait for each other in a circle.
 */
export async function lockGrantRows(sql: Sql, ids: readonly string[]): Promise<Set<string>> {
  const rows = await sql.query(
    "select id from grants where id = any($1::uuid[]) order by id for update skip locked",
    [ids],
  );
  return new Set(rows.map(({ id }) => String(id)));
}

/** Of several about one grant in one transaction only the first is worked upon: the rest come again. */
export function firstOfEach<T extends { grantId: string }>(items: readonly T[]) {
  const firsts = new Map(items.toReversed().map((item) => [item.grantId, item]));
  return (item: T): boolean => firsts.get(item.grantId) === item;
}

/**
 * Grants whose rows are held, each with its definition and its intent, and whether this instance's own
 * lock stands: without it the others take it for dead, and it must begin nothing.
 */
export async function readForRefresh(
  sql: Sql,
  ids: readonly string[],
  instance: number,
): Promise<{ grants: Map<string, RefreshedGrant>; isInstanceHeld: boolean }> {
  const rows = await sql.query(selectForRefresh, [ids, instance]);
  const grants = new Map(rows.map((row) => [String(row.id), grantOfSqlRow(row)]));
  return { grants, isInstanceHeld: rows[0]?.is_instance_held === true };
}

const selectForRefresh = `
  with alive as materialized (${heldInstances})
  select g.id, g.team_id, g.connection_id, g.user_id, g.username, g.state::text, g.reason, g.generation,
    g.token_version, g.refresh_token_sealed, g.refresh_failures, g.refresh_retry_at, g.refresh_problem,
    g.refresh_uncertain, g.last_refreshed_at, g.provider_user_id, g.org_id, g.member_id, g.instance_host,
    g.rest_host, g.soap_host, g.scopes, g.access_token_expires_at, g.idle_deadline,
    c.name, c.provider::text, c.method::text, c.environment::text, c.login_host, c.tenant_subdomain,
    c.account_id, c.client_id, c.client_secret_sealed, c.scopes as asked_scopes, c.problem, c.problem_at,
    r.fence, r.holder, r.holder in (select number from alive) as is_holder_alive,
    exists (select 1 from alive where number = $2) as is_instance_held
  from grants g
  join connections c on c.id = g.connection_id
  left join refreshes r on r.grant_id = g.id
  where g.id = any($1::uuid[])`;

type Row = Readonly<Record<string, unknown>>;

const text = (value: unknown) => (value === null ? null : String(value));
const number = (value: unknown) => (value === null ? null : Number(value));
const date = (value: unknown) => value as Date | null;

function grantOfSqlRow(row: Row): RefreshedGrant {
  return {
    id: String(row.id),
    teamId: String(row.team_id),
    connectionId: String(row.connection_id),
    userId: String(row.user_id),
    username: String(row.username),
    state: row.state as RefreshedGrant["state"],
    reason: row.reason as ReasonCode | null,
    generation: Number(row.generation),
    tokenVersion: Number(row.token_version),
    refreshTokenSealed: text(row.refresh_token_sealed),
    refreshFailures: Number(row.refresh_failures),
    refreshRetryAt: date(row.refresh_retry_at),
    refreshProblem: row.refresh_problem as ReasonCode | null,
    refreshUncertain: row.refresh_uncertain === true,
    lastRefreshedAt: date(row.last_refreshed_at),
    providerUserId: String(row.provider_user_id),
    orgId: text(row.org_id),
    memberId: number(row.member_id),
    instanceHost: text(row.instance_host),
    restHost: text(row.rest_host),
    soapHost: text(row.soap_host),
    scopes: row.scopes as string[],
    accessTokenExpiresAt: date(row.access_token_expires_at),
    idleDeadline: date(row.idle_deadline),
    connection: {
      id: String(row.connection_id),
      teamId: String(row.team_id),
      name: String(row.name),
      provider: row.provider as Connection["provider"],
      method: row.method as Connection["method"],
      environment: row.environment as Connection["environment"],
      loginHost: text(row.login_host),
      tenantSubdomain: text(row.tenant_subdomain),
      accountId: number(row.account_id),
      clientId: String(row.client_id),
      clientSecretSealed: text(row.client_secret_sealed),
      scopes: row.asked_scopes as string[],
      problem: row.problem as ReasonCode | null,
      problemAt: date(row.problem_at),
    },
    intent: row.fence === null ? null : intentOfRow(row),
  };
}

const intentOfRow = (row: Row): Intent => ({
  fence: String(row.fence),
  holder: Number(row.holder),
  isHolderAlive: row.is_holder_alive === true,
});

export type NewIntent = {
  grantId: string;
  teamId: string;
  generation: number;
  tokenVersion: number;
  isRecovery: boolean;
};

/** Takes away intents whose holders are dead, or that were never acted upon; the rows are held. */
export async function takeOverIntents(
  sql: Sql,
  intents: readonly { grantId: string; fence: string }[],
): Promise<Set<string>> {
  if (intents.length === 0) return new Set();
  const rows = await sql.query(
    `delete from refreshes r
     using json_to_recordset($1::json) as i("grantId" uuid, fence bigint)
     where r.grant_id = i."grantId" and r.fence = i.fence returning r.grant_id`,
    [JSON.stringify(intents)],
  );
  return new Set(rows.map(({ grant_id }) => String(grant_id)));
}

/** Remembers, whatever becomes of the next try, that a token may have been spent by the one before. */
export async function noteUncertain(sql: Sql, grantIds: readonly string[]): Promise<void> {
  if (grantIds.length === 0) return;
  await sql.query("update grants set refresh_uncertain = true where id = any($1::uuid[])", [
    grantIds,
  ]);
}

/** Writes intents for grants whose rows are held. @returns the fence of each, by grant */
export async function insertIntents(
  sql: Sql,
  holder: number,
  at: Date,
  intents: readonly NewIntent[],
): Promise<Map<string, string>> {
  if (intents.length === 0) return new Map();
  const rows = await sql.query(
    `insert into refreshes (grant_id, team_id, generation, token_version, holder, is_recovery, began_at)
     select "grantId", "teamId", generation, "tokenVersion", $2, "isRecovery", $3::timestamptz
     from json_to_recordset($1::json) as i(
       "grantId" uuid, "teamId" uuid, generation int, "tokenVersion" int, "isRecovery" boolean)
     on conflict (grant_id) do nothing
     returning grant_id, fence`,
    [JSON.stringify(intents), holder, at.toISOString()],
  );
  return new Map(rows.map(({ grant_id, fence }) => [String(grant_id), String(fence)]));
}

/** What a result is written over: only this, or nothing (RF-2, RF-3, RF-13). */
export type Presented = {
  grantId: string;
  fence: string;
  generation: number;
  tokenVersion: number;
};

type NewToken = Presented & {
  /** Null: the one that was presented stays good. */
  sealed: string | null;
  lastRefreshedAt: Date;
  /** Null: no access token of this answer is used. */
  accessTokenExpiresAt: Date | null;
  idleDeadline: Date | null;
  refreshDueAt: Date | null;
  hosts: InstanceHosts | null;
  scopes: readonly string[] | null;
  missingScopes: readonly string[] | null;
  /** Where the answer was good for its refresh token only. */
  problem: ReasonCode | null;
  retryAt: Date | null;
};

/** Ends the intents of results whose grants' rows are held. @returns grants whose intent was there */
export async function endIntents(sql: Sql, results: readonly Presented[]): Promise<Set<string>> {
  return takeOverIntents(sql, results);
}

const presentedColumns = `"grantId" uuid, generation int, "tokenVersion" int`;
/** Compare and set: the authorization and the token that were presented, and no other. */
const isPresented = `g.id = i."grantId" and g.generation = i.generation
  and g.token_version = i."tokenVersion" and g.state = 'active'`;

/** @returns the grants that were written */
export async function storeTokens(sql: Sql, tokens: readonly NewToken[]): Promise<Set<string>> {
  if (tokens.length === 0) return new Set();
  const rows = await sql.query(
    `update grants g set
       refresh_token_sealed = coalesce(i.sealed, g.refresh_token_sealed),
       token_version = g.token_version + 1,
       last_refreshed_at = i."lastRefreshedAt",
       access_token_expires_at = coalesce(i."accessTokenExpiresAt", g.access_token_expires_at),
       idle_deadline = i."idleDeadline",
       refresh_due_at = i."refreshDueAt",
       instance_host = coalesce(i.hosts->>'instanceHost', g.instance_host),
       rest_host = coalesce(i.hosts->>'restHost', g.rest_host),
       soap_host = coalesce(i.hosts->>'soapHost', g.soap_host),
       scopes = case when i.scopes is null then g.scopes
         else array(select json_array_elements_text(i.scopes)) end,
       missing_scopes = case when i."missingScopes" is null then g.missing_scopes
         else array(select json_array_elements_text(i."missingScopes")) end,
       refresh_failures = case when i.problem is null then 0 else g.refresh_failures + 1 end,
       refresh_problem = i.problem,
       refresh_retry_at = i."retryAt",
       refresh_uncertain = false
     from json_to_recordset($1::json) as i(${presentedColumns}, sealed text,
       "lastRefreshedAt" timestamptz, "accessTokenExpiresAt" timestamptz, "idleDeadline" timestamptz,
       "refreshDueAt" timestamptz, hosts json, scopes json, "missingScopes" json, problem text,
       "retryAt" timestamptz)
     where ${isPresented} returning g.id`,
    [JSON.stringify(tokens)],
  );
  return new Set(rows.map(({ id }) => String(id)));
}

type Failure = Presented & {
  problem: ReasonCode;
  retryAt: Date;
  /** The token may have been spent: the next try is a recovery. */
  isUncertain: boolean;
};

/** Notes failures that leave the token as it is. The background waits as long as everybody else. */
export async function noteFailures(sql: Sql, failures: readonly Failure[]): Promise<void> {
  if (failures.length === 0) return;
  await sql.query(
    `update grants g set
       refresh_failures = g.refresh_failures + 1,
       refresh_problem = i.problem,
       refresh_retry_at = i."retryAt",
       refresh_due_at = case when g.refresh_due_at is null then null
         else greatest(g.refresh_due_at, i."retryAt") end,
       refresh_uncertain = i."isUncertain"
     from json_to_recordset($1::json) as i(${presentedColumns}, problem text, "retryAt" timestamptz,
       "isUncertain" boolean)
     where ${isPresented}`,
    [JSON.stringify(failures)],
  );
}

/** Retires tokens that the provider refused for good; what is held of them serves nobody any more. */
export async function retireTokens(
  sql: Sql,
  refusals: readonly (Presented & { reason: ReasonCode })[],
): Promise<Set<string>> {
  if (refusals.length === 0) return new Set();
  const rows = await sql.query(
    `update grants g set
       state = 'needs_reconnect', reason = i.reason, generation = g.generation + 1,
       refresh_token_sealed = null, refresh_due_at = null, refresh_failures = 0,
       refresh_retry_at = null, refresh_problem = null, refresh_uncertain = false
     from json_to_recordset($1::json) as i(${presentedColumns}, reason text)
     where ${isPresented} returning g.id, g.generation`,
    [JSON.stringify(refusals)],
  );
  await announceChanges(
    sql,
    rows.map(({ id, generation }) => ({
      kind: "grant",
      id: String(id),
      generation: Number(generation),
    })),
  );
  return new Set(rows.map(({ id }) => String(id)));
}

/** Which grants are wanted refreshed, by whoever looks after all of them. */
export type DueGrant = {
  id: string;
  generation: number;
  tokenVersion: number;
  connectionId: string;
  refreshDueAt: Date | null;
  connection: Pick<Connection, "provider" | "environment" | "loginHost" | "tenantSubdomain">;
};

const dueColumns = `g.id, g.generation, g.token_version, g.connection_id, g.refresh_due_at,
  c.provider::text, c.environment::text, c.login_host, c.tenant_subdomain`;

const dueOfRow = (row: Row): DueGrant => ({
  id: String(row.id),
  generation: Number(row.generation),
  tokenVersion: Number(row.token_version),
  connectionId: String(row.connection_id),
  refreshDueAt: date(row.refresh_due_at),
  connection: {
    provider: row.provider as Connection["provider"],
    environment: row.environment as Connection["environment"],
    loginHost: text(row.login_host),
    tenantSubdomain: text(row.tenant_subdomain),
  },
});

/** Everybody's that are due, longest due first, after the last one of the page before. */
export async function listDueGrants(
  sql: Sql,
  now: Date,
  after: { refreshDueAt: Date | null; id: string } | null,
  limit: number,
): Promise<DueGrant[]> {
  const from = after?.refreshDueAt ?? new Date(0);
  // The page first: joined after, it costs the same however many grants there are.
  const rows = await sql.query(
    `select ${dueColumns} from (
       select * from grants
       where refresh_due_at <= $1::timestamptz and (refresh_due_at, id) > ($2::timestamptz, $3::uuid)
       order by refresh_due_at, id limit $4
     ) g join connections c on c.id = g.connection_id
     order by g.refresh_due_at, g.id`,
    [now.toISOString(), from.toISOString(), after?.id ?? zeroId, limit],
  );
  return rows.map(dueOfRow);
}

const zeroId = "00000000-0000-0000-0000-000000000000";

/** Refreshes under way anywhere, with their grants. */
export async function listIntents(sql: Sql): Promise<{ grant: DueGrant; intent: Intent }[]> {
  const rows = await sql.query(
    `with alive as materialized (${heldInstances})
     select ${dueColumns}, r.fence, r.holder, r.holder in (select number from alive) as is_holder_alive
     from refreshes r join grants g on g.id = r.grant_id join connections c on c.id = g.connection_id`,
    [],
  );
  return rows.map((row) => ({ grant: dueOfRow(row), intent: intentOfRow(row) }));
}

/** What a grant holds now, to tell a result that is stored already from one that lost. */
export async function findStoredToken(
  sql: Sql,
  grantId: string,
): Promise<{ generation: number; tokenVersion: number; sealed: string | null } | null> {
  const [row] = await sql.query(
    "select generation, token_version, refresh_token_sealed from grants where id = $1::uuid",
    [grantId],
  );
  return row
    ? {
        generation: Number(row.generation),
        tokenVersion: Number(row.token_version),
        sealed: text(row.refresh_token_sealed),
      }
    : null;
}

/** Says, or takes back, that the provider refuses a definition's app; whoever comes with it. */
export async function noteConnectionProblem(
  sql: Sql,
  connectionId: string,
  problem: ReasonCode | null,
  at: Date,
): Promise<void> {
  await sql.query(
    problem === null
      ? "update connections set problem = null, problem_at = null where id = $1::uuid and problem is not null"
      : "update connections set problem = $2, problem_at = $3::timestamptz where id = $1::uuid",
    problem === null ? [connectionId] : [connectionId, problem, at.toISOString()],
  );
}
