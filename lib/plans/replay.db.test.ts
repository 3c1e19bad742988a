import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { rejectPlan } from "#lib/plans/approve-plan.ts";
import { editPlan } from "#lib/plans/edit-plan.ts";
import { cancelPlan } from "#lib/plans/end-plan.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { givenApprovedPlan } from "#lib/testing/plans.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator, database } = studio;
const rowset = "/hub/v1/dataevents/key:Orders/rowset";

afterEach(() => {
  simulator.faults.clear();
  simulator.log.clear();
});

let rows = 0;
const operations = (connectionId: string, steps: number) =>
  Array.from({ length: steps }, () => ({
    operationId: "marketing-cloud.rows.upsert",
    connectionId,
    input: { key: "Orders", rows: [{ OrderId: `R${++rows}`, Status: "shipped" }] },
  }));

/** Two steps that their owner approved. */
async function approved(steps = 2) {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const planId = await givenApprovedPlan(deps, owner, {
    operations: operations(connectionId, steps),
  });
  return { owner, connectionId, planId };
}
type Approved = Awaited<ReturnType<typeof approved>>;

const writes = () => simulator.log.requestsTo(rowset).length;
const planOf = (id: string) => deps.db.plan.findUniqueOrThrow({ where: { id } });
async function applied({ owner, planId }: Approved) {
  await applyPlan(deps, owner, planId);
  await deps.planExecutor.run(planId);
  return planOf(planId);
}
/** As whoever can write rows, but has none of the studio's keys, sets a plan back. */
const setBack = async (planId: string, state: "approved" | "applying") => {
  await database.pool.query(
    `update plans set state = $2::"PlanState", end_reason = null, ended_at = null, holder = null
     where id = $1`,
    [planId, state],
  );
  await database.pool.query(
    "update plan_steps set state = 'pending', finished_at = null, outcome = null where plan_id = $1",
    [planId],
  );
};
const damaged = { state: "stopped", endReason: "damaged" };

describe("[PLN-4] rows that were set back in the database", () => {
  const ends: [string, (plan: Approved) => Promise<unknown>][] = [
    ["rejected", ({ owner, planId }) => rejectPlan(deps, owner, planId, { reason: "No." })],
    ["cancelled", ({ owner, planId }) => cancelPlan(deps, owner, planId)],
    ["applied", (plan) => applied(plan)],
    [
      "stopped at a step that failed",
      async (plan) => {
        simulator.faults.set(wireFaults.answer, { status: 400, body: "{}" }, { path: rowset });
        expect(await applied(plan)).toMatchObject({ endReason: "step_failed" });
        simulator.faults.clear();
      },
    ],
  ];
  test.each(ends)("[PLN-4] do not apply a plan that was %s", async (_, end) => {
    for (const state of ["approved", "applying"] as const) {
      const plan = await approved();
      await end(plan);
      await setBack(plan.planId, state);
      simulator.log.clear();
      if (state === "approved") await applyPlan(deps, plan.owner, plan.planId);
      await deps.planExecutor.run(plan.planId);
      expect(await planOf(plan.planId), state).toMatchObject(damaged);
      expect(writes(), state).toBe(0);
    }
  });

  test("[PLN-4] do not begin a plan that nobody began", async () => {
    const plan = await approved();
    await setBack(plan.planId, "applying");
    await deps.planExecutor.run(plan.planId);
    expect(await planOf(plan.planId)).toMatchObject(damaged);
    expect(writes()).toBe(0);
  });

  test("[PLN-4] [PLN-5] do not send a step again that was sent, done or not known", async () => {
    for (const stage of [null, "after-work"] as const) {
      simulator.log.clear();
      const plan = await approved();
      const held = simulator.faults.set(
        wireFaults.held,
        { stage: "before-work" },
        { path: rowset, times: 1 },
      );
      await applyPlan(deps, plan.owner, plan.planId);
      await held.reached;
      if (stage) simulator.faults.set(wireFaults.cut, { stage }, { path: rowset });
      // While the first is at the provider, all is as if another instance had yet to begin.
      await setBack(plan.planId, "applying");
      await database.pool.query("update plans set fence = fence + 1 where id = $1", [plan.planId]);
      held.release();
      await deps.planExecutor.run(plan.planId);
      await deps.planExecutor.run(plan.planId);
      expect(await planOf(plan.planId)).toMatchObject(damaged);
      expect(writes()).toBe(1);
    }
  });

  test("[PLN-4] [PLN-7] do not take back that somebody stopped it while it ran", async () => {
    const plan = await approved();
    const held = simulator.faults.set(
      wireFaults.held,
      { stage: "before-work" },
      { path: rowset, times: 1 },
    );
    await applyPlan(deps, plan.owner, plan.planId);
    await held.reached;
    const before = await planOf(plan.planId);
    await cancelPlan(deps, plan.owner, plan.planId);
    // Exactly as it was, but for the trail.
    const { state, endReason, endedAt, updatedAt } = before;
    await deps.db.plan.update({
      where: { id: plan.planId },
      data: { state, endReason, endedAt, updatedAt },
    });
    await deps.db.planStep.updateMany({
      where: { planId: plan.planId, position: 2 },
      data: { state: "pending", finishedAt: null },
    });
    held.release();
    await deps.planExecutor.run(plan.planId);
    expect(await planOf(plan.planId)).toMatchObject(damaged);
    expect(writes()).toBe(1);
  });

  test("[PLN-4] nor do words that were put into the trail without its key", async () => {
    const plan = await approved();
    await rejectPlan(deps, plan.owner, plan.planId, { reason: "No." });
    const { rows: found } = await database.pool.query(
      "select * from audit_events where target_id = $1 and action = 'plan.rejected'",
      [plan.planId],
    );
    const [rejected] = found;
    await setBack(plan.planId, "applying");
    const { version, hash } = await planOf(plan.planId);
    await database.pool.query(
      `insert into audit_events (id, team_id, sequence, at, actor_kind, action, target_kind, target_id,
         result, detail, key_id, previous_hash, hash)
       values ($1, $2, 1000, $3, 'user', 'plan.apply_begun', 'plan', $4, 'success', $5, $6, $7, $7)`,
      [
        ...[randomUUID(), rejected.team_id, rejected.at, plan.planId],
        ...[JSON.stringify({ version, hash }), rejected.key_id, rejected.hash],
      ],
    );
    await deps.planExecutor.run(plan.planId);
    expect((await planOf(plan.planId)).endReason).toBe("damaged");
    expect(writes()).toBe(0);
  });
});

describe("[PLN-2] a genuine yes", () => {
  const approvalOf = (planId: string) =>
    deps.db.planApproval.findFirstOrThrow({ where: { planId } });

  test("[PLN-2] counts for no other plan, version, person, part or time", async () => {
    const given = await approved();
    const genuine = await approvalOf(given.planId);
    const changes: ((other: Approved) => Promise<object>)[] = [
      async ({ planId }) => ({ planId }),
      async ({ planId }) => ({ planId, hash: (await planOf(planId)).hash }),
      async ({ planId, owner }) => ({
        ...{ planId, userId: owner.userId, hash: (await planOf(planId)).hash },
      }),
    ];
    for (const change of changes) {
      const other = await approved();
      await deps.db.planApproval.deleteMany({ where: { planId: other.planId } });
      const copied = { ...genuine, id: randomUUID(), ...(await change(other)) };
      await deps.db.planApproval.create({ data: copied });
      expect(await applied(other)).toMatchObject(damaged);
      // Under its own id it is the other's no more than under a new one.
      const again = await approved();
      await deps.db.planApproval.deleteMany({ where: { planId: again.planId } });
      await deps.db.planApproval.update({
        where: { id: genuine.id },
        data: await change(again),
      });
      expect(await applied(again)).toMatchObject(damaged);
      await deps.db.planApproval.update({ where: { id: genuine.id }, data: genuine });
    }
    expect(writes()).toBe(0);
  });

  test("[PLN-2] [PLN-3] to a version before counts for none after it", async () => {
    const { owner, connectionId, planId } = await approved();
    const genuine = await approvalOf(planId);
    const edit = { operations: operations(connectionId, 1), expiresInMinutes: 60, reason: "" };
    const { signal } = new AbortController();
    const { hash } = await editPlan(deps, owner, planId, { ...edit, version: 1 }, { signal });
    for (const copy of [{ version: 2 }, { version: 2, hash }]) {
      await deps.db.planApproval.deleteMany({ where: { planId, version: 2 } });
      await deps.db.planApproval.create({ data: { ...genuine, id: randomUUID(), ...copy } });
      await setBack(planId, "approved");
      await applyPlan(deps, owner, planId);
      await deps.planExecutor.run(planId);
      expect(await planOf(planId)).toMatchObject(damaged);
    }
    expect(writes()).toBe(0);
  });
});
