import { describe, expect, test } from "vitest";
import { inTransaction } from "#lib/db/client.ts";
import { sqlOfPool } from "#lib/db/hot-pool.ts";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { digestsOf, findUnderWay, takePlan } from "#lib/plans/apply-repository.ts";
import { judgeStep, recallVerdict, type Taken } from "#lib/plans/execute-checks.ts";
import { openStep } from "#lib/plans/plan-content.ts";
import { findPlan } from "#lib/plans/repository.ts";
import { findStep } from "#lib/plans/step-repository.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { givenApprovedPlan } from "#lib/testing/plans.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const sql = sqlOfPool(deps.hotPool);
const nobody = 999_999;

/** A plan under way that this instance has taken, and the question whether its first step may be sent. */
async function taken() {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const planId = await givenApprovedPlan(deps, owner, {
    operations: [1, 2].map((row) => ({
      operationId: "marketing-cloud.rows.upsert",
      connectionId,
      input: { key: "Orders", rows: [{ OrderId: `J${row}`, Status: "shipped" }] },
    })),
  });
  await applyPlan({ ...deps, planExecutor: { take: () => {} } }, owner, planId);
  const instance = await deps.instance.number();
  const seen = await underWay(planId);
  const fence = await takePlan(sql, seen, instance);
  const plan = await findPlan(deps.db, owner, planId);
  if (fence === null || plan === null) throw new Error("not taken");
  const stepHashes = await digestsOf(sql, plan);
  const sent = new Set<number>();
  const mine: Taken = { id: planId, teamId: owner.teamId, fence, plan, instance, stepHashes, sent };
  const row = await findStep(deps.db, plan, 1);
  if (row === null) throw new Error("no step");
  const step = { content: openStep(plan, row), hash: row.hash };
  const grounds = new Map();
  return {
    ...{ planId, seen, mine, step, grounds },
    judge: (of: Partial<Taken> = {}, given = step) =>
      inTransaction(deps.db, (tx) =>
        judgeStep(deps, tx, { taken: { ...mine, ...of }, grounds }, given),
      ),
    recall: () => recallVerdict(deps, { taken: mine, grounds }, step),
  };
}
async function underWay(planId: string) {
  const found = await findUnderWay(sql, planId);
  if (found === null) throw new Error("not under way");
  return found;
}

describe("[PLN-4] a plan is one instance's at a time", () => {
  test("[PLN-4] it is taken by whoever saw it as it is, and by nobody on what they saw before", async () => {
    const { planId, seen, mine } = await taken();
    expect(await takePlan(sql, { ...seen, holder: mine.instance }, mine.instance)).toBeNull();
    const now = await underWay(planId);
    expect(await takePlan(sql, now, mine.instance)).toBe(mine.fence + 1);
  });

  test("[PLN-4] an instance that holds no lock of its own takes nothing, and sends nothing it has taken", async () => {
    const { planId, judge } = await taken();
    await sql.query("update plans set holder = null where id = $1::uuid", [planId]);
    expect(await takePlan(sql, await underWay(planId), nobody)).toBeNull();
    expect(await judge({ instance: nobody })).toEqual({ kind: "lost" });
  });

  test("[PLN-4] with another fence it is somebody else's, whatever was judged before", async () => {
    const { planId, judge, recall } = await taken();
    expect(await judge()).toMatchObject({ kind: "go" });
    expect(await recall()).toMatchObject({ kind: "go" });
    await sql.query("update plans set fence = fence + 1 where id = $1::uuid", [planId]);
    expect(await recall()).toBeNull();
    expect(await judge()).toEqual({ kind: "lost" });
  });
});

test("[PLN-2] a step is judged by the bytes that it had when the plan was taken", async () => {
  const { judge, step } = await taken();
  const hash = "0".repeat(64);
  expect(await judge()).toMatchObject({ kind: "go" });
  expect(await judge({}, { ...step, hash })).toMatchObject({ kind: "stop", reason: "damaged" });
});

test("[PLN-7] what was judged good is judged anew once anything of it has changed", async () => {
  const { planId, judge, recall } = await taken();
  expect(await recall()).toBeNull();
  await judge();
  expect(await recall()).toMatchObject({ kind: "go" });
  await sql.query("delete from plan_approvals where plan_id = $1::uuid", [planId]);
  expect(await recall()).toBeNull();
  expect(await judge()).toMatchObject({ kind: "stop", reason: "approval_ended" });
});
