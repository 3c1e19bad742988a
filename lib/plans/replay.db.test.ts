import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { rejectPlan } from "#lib/plans/approve-plan.ts";
import { editPlan } from "#lib/plans/edit-plan.ts";
import { cancelPlan } from "#lib/plans/end-plan.ts";
import { makeStandingApproval } from "#lib/plans/make-standing-approval.ts";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { revokeStandingApproval } from "#lib/plans/revoke-standing-approval.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { agentPrincipalOf } from "#lib/testing/plan-askers.ts";
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
/** Held at the provider before it does anything, once. */
const heldWrite = () =>
  simulator.faults.set(wireFaults.held, { stage: "before-work" }, { path: rowset, times: 1 });
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
  const cases = ends.flatMap(([name, end]) =>
    (["approved", "applying"] as const).map((state) => [name, state, end] as const),
  );
  test.each(cases)("[PLN-4] do not apply a plan that was %s, as %s", async (_, state, end) => {
    const plan = await approved();
    await end(plan);
    await setBack(plan.planId, state);
    simulator.log.clear();
    if (state === "approved") await applyPlan(deps, plan.owner, plan.planId);
    await deps.planExecutor.run(plan.planId);
    expect(await planOf(plan.planId)).toMatchObject(damaged);
    expect(writes()).toBe(0);
  });

  test("[PLN-4] do not begin a plan that nobody began", async () => {
    const plan = await approved();
    await setBack(plan.planId, "applying");
    await deps.planExecutor.run(plan.planId);
    expect(await planOf(plan.planId)).toMatchObject(damaged);
    expect(writes()).toBe(0);
  });

  test.each([
    ["done", null],
    ["not known", "after-work"],
  ] as const)(
    "[PLN-4] [PLN-5] do not send a step again that was sent and is %s",
    async (_, stage) => {
      const plan = await approved();
      const held = heldWrite();
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
    },
  );

  test("[PLN-4] [PLN-7] do not take back that somebody stopped it while it ran", async () => {
    const plan = await approved();
    const held = heldWrite();
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
    const { teamId } = plan.owner;
    const last = await deps.db.auditEvent.findFirstOrThrow({ where: { teamId } });
    const { version, hash } = await planOf(plan.planId);
    await deps.db.auditEvent.create({
      data: {
        ...{ ...last, id: randomUUID(), sequence: 1_000n, action: "plan.apply_begun" },
        ...{ targetKind: "plan", targetId: plan.planId, detail: { version, hash } },
      },
    });
    await setBack(plan.planId, "applying");
    await deps.planExecutor.run(plan.planId);
    expect(await planOf(plan.planId)).toMatchObject({ endReason: "damaged" });
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

describe("[PLN-6] a word given beforehand", () => {
  const operationId = "marketing-cloud.rows.upsert";
  const { signal } = new AbortController();

  /** Covers one step of this agent's, once. */
  async function standing() {
    const owner = await given.person();
    const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
    await studio.connect(owner, connectionId, "d.kowalczyk@halden");
    const made = await givenAgent(deps, owner, { connections: [connectionId] });
    const agent = agentPrincipalOf(owner, made, { connectionIds: [connectionId] });
    const terms = { connectionId, operationId, usesMost: 1, recordsMost: 10 };
    const { id } = await makeStandingApproval(deps, owner, made.agentId, {
      ...{ ...terms, appliesAtOnce: false },
      until: new Date(deps.clock.now().getTime() + 600_000),
      typedName: givenDefinitions.haldenUnit.name,
    });
    const propose = () =>
      proposePlan(
        deps,
        agent,
        { operations: operations(connectionId, 1), expiresInMinutes: 60, reason: "" },
        { signal },
      );
    const change = (data: object) => deps.db.standingApproval.update({ where: { id }, data });
    const revoke = () =>
      revokeStandingApproval(deps, owner, { agentId: made.agentId, approvalId: id });
    return { owner, connectionId, id, propose, change, revoke };
  }

  test("[PLN-6] whose uses were counted up again covers nothing more", async () => {
    const { propose, change } = await standing();
    expect(await propose()).toMatchObject({ state: "approved" });
    expect(await propose()).toMatchObject({ state: "proposed" });
    await change({ usesLeft: 1 });
    expect(await propose()).toMatchObject({ state: "proposed", standingApprovalId: null });
  });

  test("[PLN-6] [PLN-7] that was taken back covers nothing, though its row says otherwise", async () => {
    const { propose, change, revoke } = await standing();
    await revoke();
    await change({ revokedAt: null });
    expect(await propose()).toMatchObject({ state: "proposed", standingApprovalId: null });
  });

  test("[PLN-6] [PLN-7] that ended applies nothing any more, though its row says otherwise", async () => {
    const taken = await standing();
    const plan = await taken.propose();
    const word = await deps.db.planApproval.findFirstOrThrow({ where: { planId: plan.id } });
    await taken.revoke();
    await taken.change({ revokedAt: null });
    await deps.db.planApproval.create({ data: word });
    const state = "approved" as const;
    const data = { state, standingApprovalId: taken.id, approvedAt: deps.clock.now() };
    await deps.db.plan.update({ where: { id: plan.id }, data });
    const refused = { state: "stopped", endReason: "approval_ended" };
    expect(await applied({ ...taken, planId: plan.id })).toMatchObject(refused);

    const late = await standing();
    const { id: planId } = await late.propose();
    deps.clock.advanceSeconds(601);
    await late.change({ until: new Date(deps.clock.now().getTime() + 600_000) });
    expect(await applied({ ...late, planId })).toMatchObject(refused);

    const other = await standing();
    const { id: moved } = await other.propose();
    const live = await standing();
    await deps.db.standingApprovalUse.updateMany({
      where: { planId: moved },
      data: { standingApprovalId: live.id },
    });
    expect(await applied({ ...other, planId: moved })).toMatchObject(refused);
    expect(writes()).toBe(0);
  });
});
