import type { ChaosDatabase } from "../database.ts";
import type { Approval, PlanEvent, PlanVersion, StepVersion, StoredRequest } from "./history.ts";

/** Keeps each version of a plan, a step and an approval beside it, in the transaction that makes it. */
const KEEP_PLANS = `
  create table chaos.instances (number int primary key, name text not null);
  create function chaos.keep_instance() returns trigger language plpgsql security definer as $$
  begin
    insert into chaos.instances values (new.id, coalesce(current_setting('chaos.instance', true), '?'));
    return null;
  end $$;
  create trigger keep_inserted after insert on instances for each row
    execute function chaos.keep_instance();

  create table chaos.plans (
    n bigserial primary key, xid xid8 not null default pg_current_xact_id(), plan_id uuid not null,
    version int not null, state text not null, end_reason text, fence int not null, holder int);
  create function chaos.keep_plan() returns trigger language plpgsql security definer as $$
  begin
    insert into chaos.plans (plan_id, version, state, end_reason, fence, holder)
    values (new.id, new.version, new.state::text, new.end_reason, new.fence, new.holder);
    return null;
  end $$;
  create trigger keep_updated after update on plans for each row
    when ((old.version, old.state, old.fence, old.holder, old.end_reason)
      is distinct from (new.version, new.state, new.fence, new.holder, new.end_reason))
    execute function chaos.keep_plan();

  create table chaos.steps (
    n bigserial primary key, xid xid8 not null default pg_current_xact_id(), plan_id uuid not null,
    position int not null, mark text not null, state text not null, settled_by text);
  create function chaos.keep_step() returns trigger language plpgsql security definer as $$
  begin
    insert into chaos.steps (plan_id, position, mark, state, settled_by)
    values (new.plan_id, new.position,
      substring(new.content::jsonb->'request'->>'body' from 'mark-[0-9]+-[0-9]+-end'),
      new.state::text, new.outcome->>'settledBy');
    return null;
  end $$;
  create trigger keep_updated after update on plan_steps for each row
    when (old.state is distinct from new.state) execute function chaos.keep_step();

  create table chaos.approvals (
    n bigserial primary key, xid xid8 not null default pg_current_xact_id(), id uuid not null,
    plan_id uuid not null, hash text not null);
  create function chaos.keep_approval() returns trigger language plpgsql security definer as $$
  begin
    insert into chaos.approvals (id, plan_id, hash) values (new.id, new.plan_id, new.hash);
    return null;
  end $$;
  create trigger keep_inserted after insert on plan_approvals for each row
    execute function chaos.keep_approval();`;

/** Before the first instance starts: which numbers are whose is learnt as they are taken. */
export const keepPlans = (database: ChaosDatabase) => database.query(KEEP_PLANS);

const committed = "extract(epoch from pg_xact_commit_timestamp(xid::xid))::float8 * 1000";
const inOrder = "order by pg_xact_commit_timestamp(xid::xid), n";

/** What was kept, and what stands at the end. */
export async function keptPlans(database: ChaosDatabase): Promise<{
  plans: PlanVersion[];
  steps: StepVersion[];
  stored: Map<string, StoredRequest>;
  approvals: Approval[];
  approvalsKept: Set<string>;
  events: PlanEvent[];
}> {
  const plans = await database.query<PlanVersion>(
    `select plan_id as "planId", version, state, end_reason as "endReason", fence,
       (select name from chaos.instances i where i.number = k.holder) as holder,
       ${committed} as "committedAtMs"
     from chaos.plans k where state <> 'draft' ${inOrder}`,
  );
  const steps = await database.query<StepVersion>(
    `select plan_id as "planId", position, mark, state, settled_by as "settledBy",
       ${committed} as "committedAtMs" from chaos.steps ${inOrder}`,
  );
  const requests = await database.query<StoredRequest & { mark: string }>(
    // What a killed instance leaves of a draft is no plan's: the agent proposed the same again.
    `select plan_id as "planId", request->>'method' as method, request->>'path' as path,
       request->>'body' as body,
       substring(request->>'body' from 'mark-[0-9]+-[0-9]+-end') as mark
     from plan_steps join plans on plans.id = plan_id and plans.state <> 'draft',
       lateral (select content::jsonb->'request' as request) as of_content`,
  );
  const approvals = await database.query<Approval>(
    `select id, plan_id as "planId", hash, ${committed} as "committedAtMs"
     from chaos.approvals ${inOrder}`,
  );
  const kept = await database.query<{ id: string }>("select id from plan_approvals");
  const events = await database.query<PlanEvent>(
    `select action, target_id::text as "planId", result::text as result,
       (detail->>'step')::int as step, detail->>'outcome' as outcome
     from audit_events where action like 'plan.%' order by team_id, sequence`,
  );
  return {
    plans,
    steps,
    stored: new Map(requests.map(({ mark, ...request }) => [mark, request])),
    approvals,
    approvalsKept: new Set(kept.map(({ id }) => id)),
    events,
  };
}
