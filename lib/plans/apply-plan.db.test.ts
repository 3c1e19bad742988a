import { afterEach, expect, test } from "vitest";
import type { Principal } from "#lib/core/principal.ts";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { givenApprovedPlan } from "#lib/testing/plans.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const rowset = "/hub/v1/dataevents/key:Orders/rowset";

afterEach(() => {
  simulator.faults.clear();
  simulator.log.clear();
});

async function connected() {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  return { owner, connectionId };
}

let made = 0;
/** One new row each. */
const writesOf = (connectionId: string, count: number) =>
  Array.from({ length: count }, () => ({
    operationId: "marketing-cloud.rows.upsert",
    connectionId,
    input: { key: "Orders", rows: [{ OrderId: `P${++made}`, Status: "shipped" }] },
  }));

async function approved(count = 3, options: { byAgent?: "plan" | "build" } = {}) {
  const { owner, connectionId } = await connected();
  const agent = options.byAgent
    ? await givenAgent(deps, owner, { mode: options.byAgent, connections: [connectionId] })
    : undefined;
  const operations = writesOf(connectionId, count);
  const planId = await givenApprovedPlan(deps, owner, {
    operations,
    ...(agent ? { agent } : {}),
  });
  simulator.log.clear();
  return { owner, connectionId, agent, planId };
}

const writes = () => simulator.log.requestsTo(rowset);
const planOf = (id: string) => deps.db.plan.findUniqueOrThrow({ where: { id } });
const stepsOf = async (planId: string) =>
  (await deps.db.planStep.findMany({ where: { planId }, orderBy: { position: "asc" } })).map(
    ({ state }) => state,
  );

async function applied(owner: Principal, planId: string) {
  await applyPlan(deps, owner, planId);
  await deps.planExecutor.run(planId);
  return planOf(planId);
}

test("an approved plan is sent step after step, each once, and ends applied", async () => {
  const { owner, planId } = await approved();
  expect(await applied(owner, planId)).toMatchObject({ state: "applied", holder: null });
  expect(await stepsOf(planId)).toEqual(["applied", "applied", "applied"]);
  expect(writes()).toHaveLength(3);
});
