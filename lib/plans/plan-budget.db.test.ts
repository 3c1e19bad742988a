import { afterEach, describe, expect, test } from "vitest";
import { usedToday } from "#lib/agents/agent-activity.ts";
import { listAgentCalls } from "#lib/agents/list-agent-calls.ts";
import type { AgentBudget } from "#lib/core/principal.ts";
import { isRead, readyOperation, runRead } from "#lib/operations/run-operation.ts";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { cancelPlan } from "#lib/plans/end-plan.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { agentPrincipalOf } from "#lib/testing/plan-askers.ts";
import { givenApprovedPlan } from "#lib/testing/plans.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const rowset = "/hub/v1/dataevents/key:Orders/rowset";
const daySeconds = 24 * 60 * 60;

afterEach(() => {
  simulator.faults.clear();
  simulator.log.clear();
});

async function givenPlace(budget: Partial<AgentBudget>, mode: "plan" | "build" = "plan") {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const made = await givenAgent(deps, owner, { mode, connections: [connectionId], budget });
  const agent = agentPrincipalOf(owner, made, { mode, connectionIds: [connectionId] });
  return { owner, connectionId, made, agent };
}

let rows = 0;
/** Three steps, each of which may write to two people, approved by their owner. */
async function approved(budget: Partial<AgentBudget>, mode: "plan" | "build" = "plan") {
  const place = await givenPlace(budget, mode);
  const planId = await givenApprovedPlan(deps, place.owner, {
    agent: place.made,
    expiresInSeconds: 3 * daySeconds,
    operations: Array.from({ length: 3 }, () => ({
      operationId: "marketing-cloud.rows.upsert",
      connectionId: place.connectionId,
      input: { key: "Orders", rows: [{ OrderId: `B${++rows}`, Status: "shipped" }] },
    })),
    adjust: (step) => ({ ...step, recipients: 2 }),
  });
  simulator.log.clear();
  return { ...place, planId };
}
type Approved = Awaited<ReturnType<typeof approved>>;

const spent = { code: "agents.budget_spent", remedy: { do: "retry" } };
const writes = () => simulator.log.requestsTo(rowset).length;
const planOf = (id: string) => deps.db.plan.findUniqueOrThrow({ where: { id } });
async function stepsOf(planId: string) {
  const steps = await deps.db.planStep.findMany({
    where: { planId },
    orderBy: { position: "asc" },
  });
  return steps.map(({ state }) => state);
}
async function applied({ owner, planId }: Approved) {
  await applyPlan(deps, owner, planId);
  await deps.planExecutor.run(planId);
  return planOf(planId);
}
const used = async ({ agent }: Approved) => {
  await deps.agentActivity.flush();
  return usedToday(deps, agent.agentId);
};

/** While the first step is at the provider, the agent writes to so many others. */
async function appliedWhileSending(plan: Approved, sends: number) {
  const held = simulator.faults.set(
    wireFaults.held,
    { stage: "before-work" },
    { path: rowset, times: 1 },
  );
  await applyPlan(deps, plan.owner, plan.planId);
  await held.reached;
  const { budget } = await agentOf(plan);
  await deps.agentActivity.admit({ agentId: plan.agent.agentId, budget }, { calls: 0, sends });
  held.release();
  await deps.planExecutor.run(plan.planId);
  return planOf(plan.planId);
}
async function agentOf({ agent }: Approved) {
  const row = await deps.db.agent.findUniqueOrThrow({ where: { id: agent.agentId } });
  const { callsPerDay, rowsPerDay, sendsPerDay } = row;
  return { budget: { callsPerDay, rowsPerDay, sendsPerDay } };
}

describe("[BRK-9] an applied plan, in its agent's day", () => {
  test("counts a call and its people for each step, and stands in the agent's log", async () => {
    const plan = await approved({});
    expect(await applied(plan)).toMatchObject({ state: "applied" });
    expect(await used(plan)).toEqual({ calls: 3, rows: 0, sends: 6, kilobytes: 0 });
    const { items } = await listAgentCalls(deps, plan.owner, plan.agent.agentId, { limit: 50 });
    const own = { door: "plan", operation: "marketing-cloud.rows.upsert", code: null };
    for (const item of items) expect(item).toMatchObject(own);
    expect(items.reduce((sum, { repeats }) => sum + repeats, 0)).toBe(3);
  });

  test("counts a step once, however often it is tried", async () => {
    const plan = await approved({ sendsPerDay: 6, callsPerDay: 3 });
    const busy = { status: 429, body: "{}", contentType: "application/json" };
    const headers = { "retry-after": "1" };
    simulator.faults.set(wireFaults.answer, { ...busy, headers }, { path: rowset, times: 1 });
    expect(await applied(plan)).toMatchObject({ state: "applied" });
    expect(writes()).toBe(4);
    expect(await used(plan)).toMatchObject({ calls: 3, sends: 6 });
  });

  test("of a person's own hand counts for no agent", async () => {
    const { owner, connectionId, agent, made } = await givenPlace({ callsPerDay: 1 });
    const planId = await givenApprovedPlan(deps, owner, {
      operations: [1, 2].map((at) => ({
        operationId: "marketing-cloud.rows.upsert",
        connectionId,
        input: { key: "Orders", rows: [{ OrderId: `H${at}`, Status: "shipped" }] },
      })),
    });
    const plan = { owner, connectionId, agent, made, planId };
    expect(await applied(plan)).toMatchObject({ state: "applied" });
    expect(await used(plan)).toMatchObject({ calls: 0 });
  });

  test.each([{ callsPerDay: 2 }, { sendsPerDay: 5 }])(
    "that does not fit into it is not begun: %j",
    async (budget) => {
      const plan = await approved(budget);
      await expect(applyPlan(deps, plan.owner, plan.planId)).rejects.toMatchObject(spent);
      expect(await planOf(plan.planId)).toMatchObject({ state: "approved", appliedAt: null });
      const more = { callsPerDay: 3, sendsPerDay: 6 };
      await deps.db.agent.update({ where: { id: plan.agent.agentId }, data: more });
      expect(await applied(plan)).toMatchObject({ state: "applied" });
      expect(writes()).toBe(3);
    },
  );

  test("stops before the step that would go beyond it, and the rest goes on the day after, each step once", async () => {
    const plan = await approved({ sendsPerDay: 6 });
    expect(await appliedWhileSending(plan, 3)).toMatchObject({
      state: "stopped",
      endReason: "budget_spent",
      holder: null,
    });
    expect(await stepsOf(plan.planId)).toEqual(["applied", "pending", "pending"]);
    const shown = await getPlan(deps, plan.owner, plan.planId);
    expect(shown).toMatchObject({ canApply: true, canCancel: true, endReason: "budget_spent" });
    await expect(applyPlan(deps, plan.owner, plan.planId)).rejects.toMatchObject(spent);
    expect(await planOf(plan.planId)).toMatchObject({ state: "stopped" });

    deps.clock.advanceSeconds(daySeconds);
    expect(await applied(plan)).toMatchObject({ state: "applied", endReason: null });
    expect(await stepsOf(plan.planId)).toEqual(["applied", "applied", "applied"]);
    expect(writes()).toBe(3);
  });

  test("goes on when its owner allows more, and at the word of its agent in build mode", async () => {
    const plan = await approved({ sendsPerDay: 6 }, "build");
    await appliedWhileSending(plan, 3);
    await deps.db.agent.update({ where: { id: plan.agent.agentId }, data: { sendsPerDay: 20 } });
    expect(await getPlan(deps, plan.agent, plan.planId)).toMatchObject({ canApply: true });
    await applyPlan(deps, plan.agent, plan.planId);
    await deps.planExecutor.run(plan.planId);
    expect(await planOf(plan.planId)).toMatchObject({ state: "applied" });
  });

  test("does not go on beyond the plan's own time", async () => {
    const plan = await approved({ sendsPerDay: 6 });
    await appliedWhileSending(plan, 3);
    deps.clock.advanceSeconds(4 * daySeconds);
    await expect(applyPlan(deps, plan.owner, plan.planId)).rejects.toMatchObject({
      code: "plans.wrong_state",
    });
    expect(await getPlan(deps, plan.owner, plan.planId)).toMatchObject({
      canApply: false,
      canCancel: false,
    });
  });

  test("its rest can be taken back, and is then never sent", async () => {
    const plan = await approved({ sendsPerDay: 6 });
    await appliedWhileSending(plan, 3);
    expect(await cancelPlan(deps, plan.owner, plan.planId)).toMatchObject({ state: "cancelled" });
    expect(await stepsOf(plan.planId)).toEqual(["applied", "skipped", "skipped"]);
    deps.clock.advanceSeconds(daySeconds);
    await expect(applyPlan(deps, plan.owner, plan.planId)).rejects.toMatchObject({
      code: "plans.wrong_state",
    });
  });
});

describe("[BRK-9] a proposal", () => {
  const { signal } = new AbortController();
  const send = (connectionId: string, definition: string, people: number) => ({
    reason: "",
    expiresInMinutes: 60,
    operations: [
      {
        operationId: "marketing-cloud.sends.send",
        connectionId,
        input: {
          definition,
          recipients: Array.from({ length: people }, (_, at) => ({
            contactKey: `G${at}`,
            to: `guest${at}@mail.example`,
          })),
        },
      },
    ],
  });

  test("that writes to more people than the agent may today is refused, and leaves nothing", async () => {
    const { agent, connectionId } = await givenPlace({ sendsPerDay: 3 });
    const definitions = { operationId: "marketing-cloud.sends.definitions", connectionId };
    const ready = await readyOperation(deps, agent, {
      ...definitions,
      input: { status: "Active" },
    });
    if (!isRead(ready)) throw new Error("it reads");
    const { output } = await runRead(deps, agent, ready, { signal });
    const [{ key } = { key: "" }] = (output as { definitions: { key: string }[] }).definitions;
    const propose = (people: number) =>
      proposePlan(deps, agent, send(connectionId, key, people), { signal });
    await expect(propose(4)).rejects.toMatchObject(spent);
    expect(await deps.db.plan.count({ where: { teamId: agent.teamId } })).toBe(0);
    expect(await propose(3)).toMatchObject({ state: "proposed", recipients: 3 });
    // Nothing is counted before it is sent: two plans may wait for the same room.
    expect(await propose(3)).toMatchObject({ state: "proposed" });
    const budget = { callsPerDay: null, rowsPerDay: null, sendsPerDay: 3 };
    await deps.agentActivity.admit({ agentId: agent.agentId, budget }, { calls: 0, sends: 1 });
    await expect(propose(3)).rejects.toMatchObject(spent);
  });
});
