import type { Database } from "#lib/db/client.ts";
import {
  canonicalText,
  hashOfPlan,
  hashOfText,
  type StepContent,
} from "#lib/plans/plan-content.ts";
import { findPlan } from "#lib/plans/repository.ts";
import { emptyPreview } from "#lib/providers/preview.ts";

export type FilledPlans = {
  /** Of as many steps as a plan may have. */
  longPlanId: string;
  /** Who did most of what was done. */
  busyAgentId: string;
  /** Of a plan, a request and an agent in the middle of their lists. */
  middle: { plan: string; request: string; agent: string };
};

const longPlan = "00000000-0000-4000-8000-0000000000ff";

/**
 * Fills a team as it looks after a year of agents at work: nearly all plans have ended, a few wait, some
 * agents did most of it. The same numbers give the same rows.
 *
 * @param db - as the tables' owner: nobody else may make the statistics that a plan of a query needs
 * @param size.userIds - the first one is whoever the lists are made for, and has every tenth of everything
 */
export async function fillPlans(
  db: Database,
  size: {
    teamId: string;
    userIds: readonly string[];
    plans: number;
    steps: number;
    calls: number;
    requests: number;
    agents: number;
  },
): Promise<FilledPlans> {
  const { teamId } = size;
  const userIds = [...size.userIds];
  const owner = `(${"$"}users)[case when n % 10 = 0 then 1 else 1 + n % array_length(${"$"}users, 1) end]`;
  const run = (sql: string) =>
    db.$executeRawUnsafe(
      sql
        .replaceAll("$users", `array['${userIds.join("','")}']::uuid[]`)
        .replaceAll("$team", `'${teamId}'::uuid`),
    );
  await run(`
    insert into agents (id, team_id, owner_id, name, mode, created_at, updated_at, last_used_at)
    select gen_random_uuid(), $team, ${owner}, 'Agent ' || n,
      case when n % 4 = 0 then 'build' else 'plan' end::"AgentMode",
      now() - n * interval '1 hour', now(), now() - n * interval '1 minute'
    from generate_series(1, ${size.agents}) n`);
  await run(`
    insert into agent_keys (id, agent_id, team_id, name, secret_hash, created_at)
    select gen_random_uuid(), id, team_id, 'Key', sha256(id::text::bytea), created_at
    from agents where team_id = $team`);
  await run(`
    insert into agent_connections (agent_id, connection_id)
    select a.id, c.id from agents a
    cross join lateral (select id from connections where team_id = $team
                        order by md5(a.id::text || id::text) limit 3) c
    where a.team_id = $team`);
  await run(`
    insert into plans (id, team_id, owner_id, agent_id, key_id, title, reason, version, hash, state,
      end_reason, step_count, records, recipients, connection_ids, risks, targets, created_at, updated_at,
      expires_at, approved_at, applied_at, ended_at)
    select case when n = 1 then '${longPlan}'::uuid else gen_random_uuid() end, $team, a.owner_id, a.id,
      k.id, 'Tidy up accounts of region ' || n, repeat('Because it is spring. ', 10), 1,
      encode(sha256(n::text::bytea), 'hex'),
      case when n % 200 = 1 then 'proposed' when n % 400 = 2 then 'approved'
           when n % 5 = 0 then 'stopped' else 'applied' end::"PlanState",
      case when n % 200 = 1 or n % 400 = 2 then null when n % 5 = 0 then 'step_failed' end,
      case when n = 1 then ${size.steps} else 3 end, 3, 0,
      array(select connection_id from agent_connections where agent_id = a.id),
      case when n % 3 = 0 then array['production'] else array[]::text[] end, '[]'::jsonb,
      now() - n * interval '7 minutes', now() - n * interval '7 minutes',
      now() + interval '7 days',
      case when n % 200 = 1 then null else now() - n * interval '6 minutes' end,
      case when n % 200 = 1 or n % 400 = 2 then null else now() - n * interval '6 minutes' end,
      case when n % 200 = 1 or n % 400 = 2 then null else now() - n * interval '5 minutes' end
    from generate_series(1, ${size.plans}) n
    join lateral (select *, row_number() over (order by created_at desc) as at from agents
                  where team_id = $team) a on a.at = 1 + n % ${size.agents}
    join agent_keys k on k.agent_id = a.id`);
  // Whoever looks at the long one is its owner.
  await run(`update plans set owner_id = ($users)[1] where id = '${longPlan}'`);
  await run(`
    insert into plan_steps (plan_id, version, position, connection_id, operation_id, effect, title,
      records, recipients, content, hash, state)
    select plan_id, 1, s, connection_id, 'salesforce.records.update', 'write',
      'Update an account of region ' || s, 1, 0, content,
      encode(sha256(convert_to(content, 'UTF8')), 'hex'),
      case state when 'applied' then 'applied' when 'stopped' then 'skipped' else 'pending' end::"StepState"
    from (
      select p.id as plan_id, p.connection_ids[1] as connection_id, p.state, s, jsonb_build_object(
        'preview', jsonb_build_object('facts', '[]'::jsonb, 'changes', '[]'::jsonb, 'rows', null,
          'html', null, 'warnings', '[]'::jsonb),
        'title', 'Update', 'input', jsonb_build_object('n', s), 'padding', repeat('x', 1500))::text as content
      from plans p cross join lateral generate_series(1, p.step_count) s
      where p.team_id = $team) made`);
  await writeSteps(db, teamId);
  await run(`
    insert into plan_approvals (id, plan_id, version, hash, user_id, part, approved_at)
    select gen_random_uuid(), id, 1, hash, owner_id, 'owner', approved_at
    from plans where team_id = $team and approved_at is not null`);
  // Two agents of three do nearly nothing.
  await run(`
    insert into agent_calls (team_id, owner_id, agent_id, key_id, connection_id, at, door, operation,
      effect, status, duration_ms, rows, bytes)
    select $team, a.owner_id, a.id, k.id, c.connection_id, now() - (${size.calls} - n) * interval '5 seconds',
      'operation', 'salesforce.query', 'read', 200, 100 + n % 300, n % 50, 1000
    from generate_series(1, ${size.calls}) n
    join lateral (select *, row_number() over (order by created_at desc) as at from agents
                  where team_id = $team) a on a.at = 1 + case when n % 2 = 0 then 0 else n % ${size.agents} end
    join agent_keys k on k.agent_id = a.id
    left join lateral (select connection_id from agent_connections where agent_id = a.id limit 1) c on true`);
  await run(`
    insert into connection_requests (id, team_id, owner_id, agent_id, provider, reason, state, created_at,
      expires_at, answered_at)
    select gen_random_uuid(), $team, ($users)[1], a.id, 'salesforce', 'For the job of ' || n,
      case when n % 40 = 0 then 'waiting' when n % 3 = 0 then 'declined' else 'expired'
      end::"ConnectionRequestState",
      now() - n * interval '1 hour', now() + interval '1 day',
      case when n % 40 = 0 then null else now() - n * interval '50 minutes' end
    from generate_series(1, ${size.requests}) n
    join lateral (select *, row_number() over (order by created_at desc) as at from agents
                  where team_id = $team) a on a.at = 1 + n % ${size.agents}`);
  for (const table of ["agents", "agent_keys", "agent_connections", "plans", "plan_steps"])
    await db.$executeRawUnsafe(`analyze ${table}`);
  for (const table of ["plan_approvals", "agent_calls", "connection_requests"])
    await db.$executeRawUnsafe(`analyze ${table}`);
  const half = async (table: string, of = "") => {
    const rows = await db.$queryRawUnsafe<{ id: string }[]>(
      `select id::text as id from ${table} where team_id = '${teamId}' ${of}
       order by created_at desc offset (select count(*) / 2 from ${table}) limit 1`,
    );
    return rows[0]?.id ?? "";
  };
  const [busy] = await db.$queryRawUnsafe<{ id: string }[]>(
    `select agent_id::text as id from agent_calls where team_id = '${teamId}'
     group by agent_id order by count(*) desc limit 1`,
  );
  return {
    longPlanId: longPlan,
    busyAgentId: busy?.id ?? "",
    middle: {
      plan: await half("plans"),
      request: await half("connection_requests"),
      agent: await half("agents"),
    },
  };
}

/** Steps are shown only while they, and the hash over all of them, are the plan's. */
async function writeSteps(db: Database, teamId: string): Promise<void> {
  const plan = await findPlan(db, { teamId }, longPlan);
  if (!plan) throw new Error("the long plan is not there");
  const { id, ownerId, version, stepCount, connectionIds } = plan;
  const connectionId = connectionIds[0] ?? "";
  const title = "Update an account";
  const contents = Array.from({ length: stepCount }, (_, at): string => {
    const content: StepContent = {
      form: "meshmesh-plan-step/1",
      plan: { id, teamId, ownerId, version },
      position: at + 1,
      target: {
        ...{ connectionId, name: "Company", provider: "salesforce", environment: "production" },
        ...{ isProduction: true, orgId: "00D000000000000AAA", memberId: null, orgName: "Company" },
        ...{ username: "ada@company.example", providerUserId: "005", host: "company.example" },
      },
      ...{ operationId: "salesforce.records.update", input: { n: at }, inputPosition: at + 1 },
      ...{ effect: "write", title, observed: null, context: {}, records: 1, recipients: 0 },
      request: {
        ...{ door: "rest", method: "PATCH", path: `/services/data/v62.0/sobjects/Account/${at}` },
        ...{ query: "", contentType: "application/json", soapAction: null, headers: {} },
        body: JSON.stringify({ Description: "x".repeat(800) }),
      },
      preview: {
        ...emptyPreview,
        facts: [{ label: "Account", value: `Region ${at}` }],
      },
      expiresAt: plan.expiresAt.toISOString(),
    };
    return canonicalText(content);
  });
  const hashes = contents.map(hashOfText);
  await db.$executeRaw`
    update plan_steps s set content = of.content, hash = of.hash, title = ${title},
      connection_id = ${connectionId}::uuid
    from unnest(${contents}::text[], ${hashes}::text[]) with ordinality as of (content, hash, position)
    where s.plan_id = ${longPlan}::uuid and s.position = of.position`;
  const hash = hashOfPlan(plan, hashes);
  await db.plan.update({ where: { id: longPlan }, data: { hash } });
}
