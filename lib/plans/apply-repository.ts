import type { AgentBudget, Role } from "#lib/core/principal.ts";
import { heldInstances } from "#lib/db/instance.ts";
import type { Sql } from "#lib/db/sql.ts";
import { planWords } from "#lib/plans/plan-history.ts";
import type { PlanRow } from "#lib/plans/repository.ts";
import type { StepState } from "#lib/plans/schema.ts";

/** A plan that an instance applies, or that waits for one. */
export type UnderWay = {
  id: string;
  teamId: string;
  fence: number;
  holder: number | null;
  isHolderAlive: boolean;
};

const mostUnderWay = 1_000;

const underWay = `
  with alive as materialized (${heldInstances})
  select p.id, p.team_id, p.fence, p.holder, p.holder in (select number from alive) as is_holder_alive
  from plans p`;

const underWayOfRow = (row: Readonly<Record<string, unknown>>): UnderWay => ({
  id: String(row.id),
  teamId: String(row.team_id),
  fence: Number(row.fence),
  holder: row.holder === null ? null : Number(row.holder),
  isHolderAlive: row.is_holder_alive === true,
});

/** Everybody's, longest under way first: also one that was ended while its holder still sent a step. */
export async function listUnderWay(sql: Sql): Promise<UnderWay[]> {
  const rows = await sql.query(
    `${underWay} where p.state = 'applying' or p.holder is not null
     order by p.applied_at, p.id limit ${mostUnderWay}`,
    [],
  );
  return rows.map(underWayOfRow);
}

/** One of them; null where nothing of it is to be done any more. */
export async function findUnderWay(sql: Sql, id: string): Promise<UnderWay | null> {
  const rows = await sql.query(
    `${underWay} where p.id = $1::uuid and (p.state = 'applying' or p.holder is not null)`,
    [id],
  );
  return rows[0] ? underWayOfRow(rows[0]) : null;
}

/** What an instance holds while it applies a plan: with another fence it is somebody else's by now. */
export type Held = Pick<PlanRow, "id" | "teamId" | "fence">;

/**
 * Takes a plan for this instance, if nobody took it since the caller looked, and if this instance is known
 * to live: without its own lock the others take it for dead.
 *
 * @param was - as it was seen
 * @returns the new fence; null where it is not to be had
 */
export async function takePlan(sql: Sql, was: UnderWay, instance: number): Promise<number | null> {
  const rows = await sql.query(
    `with alive as materialized (${heldInstances})
     update plans set fence = fence + 1, holder = $4::int
     where id = $1::uuid and fence = $2::int and holder is not distinct from $3::int
       and (holder is null or holder = $4::int or holder not in (select number from alive))
       and $4::int in (select number from alive)
     returning fence`,
    [was.id, was.fence, was.holder, instance],
  );
  return rows[0] ? Number(rows[0].fence) : null;
}

/** Nobody applies it here any more; whoever took it meanwhile keeps it. */
export async function releasePlan(sql: Sql, { id, fence }: Held): Promise<void> {
  await sql.query("update plans set holder = null where id = $1::uuid and fence = $2::int", [
    id,
    fence,
  ]);
}

/** Is this instance known to live, so that nobody takes from it what it holds? */
export async function isInstanceHeld(sql: Sql, instance: number): Promise<boolean> {
  const [row] = await sql.query(
    `select exists (select 1 from (${heldInstances}) held where number = $1::int) as is_held`,
    [instance],
  );
  return row?.is_held === true;
}

/** The owner as a member, held until the transaction ends. */
export async function holdOwner(
  sql: Sql,
  { teamId, ownerId }: Pick<PlanRow, "teamId" | "ownerId">,
): Promise<"live" | "disabled" | "gone"> {
  const [row] = await sql.query(
    `select u.disabled_at is null as is_live
     from memberships m join users u on u.id = m.user_id
     where m.team_id = $1::uuid and m.user_id = $2::uuid for share`,
    [teamId, ownerId],
  );
  if (!row) return "gone";
  return row.is_live === true ? "live" : "disabled";
}

export type AgentStanding = "live" | "disabled" | "paused" | "key_revoked" | "not_there" | "gone";

/** The agent that proposed a plan, with its key and its way to a connection, held until the end. */
export async function holdAgent(
  sql: Sql,
  { teamId, ownerId, agentId, keyId }: Pick<PlanRow, "teamId" | "ownerId" | "agentId" | "keyId">,
  connectionId: string,
  now: Date,
): Promise<AgentStanding> {
  const [row] = await sql.query(
    `select a.disabled_at is null as is_enabled, a.paused_at is null as is_going,
       k.revoked_at is null and (k.expires_at is null or k.expires_at > $5::timestamptz) as is_key_live,
       exists (select 1 from agent_connections r
               where r.agent_id = a.id and r.connection_id = $6::uuid) as is_there
     from agents a join agent_keys k on k.agent_id = a.id
     where a.id = $1::uuid and a.team_id = $2::uuid and a.owner_id = $3::uuid and k.id = $4::uuid
     for share of a, k`,
    [agentId, teamId, ownerId, keyId, now.toISOString(), connectionId],
  );
  if (!row) return "gone";
  if (row.is_enabled !== true) return "disabled";
  if (row.is_going !== true) return "paused";
  if (row.is_key_live !== true) return "key_revoked";
  return row.is_there === true ? "live" : "not_there";
}

/** Keeps the owner's grant as it is until the transaction ends. */
export async function holdGrant(
  sql: Sql,
  { teamId, ownerId }: Pick<PlanRow, "teamId" | "ownerId">,
  connectionId: string,
): Promise<void> {
  await sql.query(
    `select 1 as held from grants
     where connection_id = $1::uuid and user_id = $2::uuid and team_id = $3::uuid for share`,
    [connectionId, ownerId, teamId],
  );
}

/**
 * The hash of each step's stored bytes, computed by the database, in their order: nothing of what the
 * steps hold is read here, however much that is.
 */
export async function digestsOf(
  sql: Sql,
  { id, version }: Pick<PlanRow, "id" | "version">,
): Promise<string[]> {
  const rows = await sql.query(
    `select encode(pg_catalog.sha256(pg_catalog.convert_to(content, 'UTF8')), 'hex') as digest
     from plan_steps where plan_id = $1::uuid and version = $2::int order by position`,
    [id, version],
  );
  return rows.map(({ digest }) => String(digest));
}

/** The first step, after that position, about which something is still to be done. */
export async function nextStep(
  sql: Sql,
  { id, version }: Pick<PlanRow, "id" | "version">,
  after: number,
): Promise<{ position: number; state: StepState } | null> {
  const [row] = await sql.query(
    `select position, state::text as state from plan_steps
     where plan_id = $1::uuid and version = $2::int and position > $3::int
       and state in ('pending', 'sending', 'unknown')
     order by position limit 1`,
    [id, version, after],
  );
  return row ? { position: Number(row.position), state: row.state as StepState } : null;
}

/**
 * The roles that these people have in a team now; whoever was taken out of it, or shut out, has none. They
 * are not held: whoever takes people out waits for nobody's plan.
 */
export async function rolesOf(
  sql: Sql,
  { teamId }: Pick<PlanRow, "teamId">,
  userIds: readonly string[],
): Promise<ReadonlyMap<string, Role>> {
  const rows = await sql.query(
    `select m.user_id, m.role::text as role from memberships m join users u on u.id = m.user_id
     where m.team_id = $1::uuid and m.user_id = any($2::uuid[]) and u.disabled_at is null`,
    [teamId, userIds],
  );
  return new Map(rows.map(({ user_id, role }) => [String(user_id), role as Role]));
}

/** What an agent may use in a day, as its owner has it now; null: no limit. */
export async function budgetOf(
  sql: Sql,
  agentId: string,
): Promise<Pick<AgentBudget, "callsPerDay" | "sendsPerDay">> {
  const [row] = await sql.query(
    "select calls_per_day, sends_per_day from agents where id = $1::uuid",
    [agentId],
  );
  const limit = (of: unknown) => (of === null || of === undefined ? null : Number(of));
  return { callsPerDay: limit(row?.calls_per_day), sendsPerDay: limit(row?.sends_per_day) };
}

/** Of a version, what was not sent: how many steps, and how many people they may write to. */
export async function pendingUseOf(
  sql: Sql,
  { id, version }: Pick<PlanRow, "id" | "version">,
): Promise<{ calls: number; sends: number }> {
  const [row] = await sql.query(
    `select count(*) as calls, coalesce(sum(recipients), 0) as sends from plan_steps
     where plan_id = $1::uuid and version = $2::int and state = 'pending'`,
    [id, version],
  );
  return { calls: Number(row?.calls), sends: Number(row?.sends) };
}

/**
 * One hash over all that decides whether a step on this connection may be sent, as it stands now and stays
 * until the transaction ends: owner, agent with its key and reach, grant, then the plan with its approvals
 * and how those who gave them stand in the team, its wish for two, and this instance's own lock. The same
 * hash as before means that nothing of it changed. The rows are held in the order in which whoever ends them
 * takes them: each part waits for the count of the one before.
 *
 * @param of.isHeld - false: nothing is held, and all may change at once
 */
export async function groundOf(
  sql: Sql,
  plan: Pick<PlanRow, "id" | "teamId" | "ownerId" | "agentId" | "keyId">,
  of: { connectionId: string; instance: number; now: Date; isHeld: boolean },
): Promise<string> {
  const { id, teamId, ownerId, agentId, keyId } = plan;
  const { connectionId, instance, now, isHeld } = of;
  const [row] = await sql.query(isHeld ? selectGroundHeld : selectGround, [
    id,
    teamId,
    ownerId,
    agentId,
    keyId,
    connectionId,
    instance,
    now.toISOString(),
    planWords,
  ]);
  return String(row?.ground);
}

/** Only a lock makes a statement write: whoever just looks costs the disk nothing. */
const groundSql = (lock: (rows: string) => string) => `
  with owner as materialized (
    select u.disabled_at from memberships m join users u on u.id = m.user_id
    where m.team_id = $2::uuid and m.user_id = $3::uuid ${lock("for share")}),
  agent as materialized (
    select a.id, a.disabled_at, a.paused_at, k.revoked_at, k.expires_at <= $8::timestamptz as is_over
    from agents a join agent_keys k on k.agent_id = a.id
    where (select count(*) from owner) >= 0 and a.id = $4::uuid and k.id = $5::uuid
      and a.team_id = $2::uuid and a.owner_id = $3::uuid ${lock("for share of a, k")}),
  own as materialized (
    select g.id, g.generation, g.state, g.org_id, g.member_id, g.provider_user_id, g.instance_host,
      g.rest_host, g.soap_host
    from grants g
    where (select count(*) from agent) >= 0 and g.connection_id = $6::uuid and g.user_id = $3::uuid
      and g.team_id = $2::uuid ${lock("for share")}),
  held as materialized (
    select p.*, p.expires_at <= $8::timestamptz as is_over from plans p
    where (select count(*) from own) >= 0 and p.id = $1::uuid and p.team_id = $2::uuid
    ${lock("for no key update")})
  select encode(pg_catalog.sha256(pg_catalog.convert_to(jsonb_build_array(
    (select jsonb_agg(owner) from owner),
    (select jsonb_agg(agent) from agent),
    exists (select 1 from agent_connections r where r.agent_id = $4::uuid and r.connection_id = $6::uuid),
    (select jsonb_agg(own) from own),
    (select jsonb_build_array(c.provider, c.environment, c.login_host, c.tenant_subdomain, c.account_id)
     from connections c where c.id = $6::uuid),
    (select jsonb_agg(to_jsonb(held) - 'updated_at') from held),
    (select jsonb_agg(jsonb_build_array(a, m.role, u.disabled_at) order by a.id)
     from plan_approvals a left join users u on u.id = a.user_id
     left join memberships m on m.user_id = a.user_id and m.team_id = $2::uuid
     where a.plan_id = $1::uuid),
    (select to_jsonb(t.four_eyes) from teams t where t.id = $2::uuid),
    (select max(e.sequence) from audit_events e where e.target_kind = 'plan'
      and e.target_id = $1::uuid and e.action = any($9::text[])),
    (select jsonb_agg(to_jsonb(s) - 'uses_left' order by s.id)
     from standing_approval_uses u join standing_approvals s on s.id = u.standing_approval_id
     where u.plan_id = $1::uuid),
    exists (select 1 from (${heldInstances}) alive where number = $7::int)
  )::text, 'UTF8')), 'hex') as ground`;
const selectGround = groundSql(() => "");
const selectGroundHeld = groundSql((rows) => rows);
