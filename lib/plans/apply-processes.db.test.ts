import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { createPlanExecutor } from "#lib/plans/execute-plan.ts";
import type { Looks } from "#lib/plans/execute-work.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { startOtherProcess } from "#lib/testing/other-process.ts";
import { givenApprovedPlan } from "#lib/testing/plans.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator, database } = studio;
const rowset = "/hub/v1/dataevents/key:Orders/rowset";
const endWithinMs = 120_000;
const looks: Looks = { quietMs: 1_500, mostLooks: 5, betweenMs: 100 };
/** From the kill on: some three seconds where the machine has nothing else to do. */
const takenUpWithinMs = 40_000;

afterEach(() => {
  simulator.faults.clear();
  simulator.log.clear();
});

let made = 0;
const steps = 3;

async function approved() {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const planId = await givenApprovedPlan(deps, owner, {
    operations: Array.from({ length: steps }, () => ({
      operationId: "marketing-cloud.rows.upsert",
      connectionId,
      input: { key: "Orders", rows: [{ OrderId: `K${++made}`, Status: "shipped" }] },
    })),
  });
  simulator.log.clear();
  return { owner, planId };
}

/** Another process that takes the plan before anybody here looks for it. */
function another(planId: string, heldUpAt: "sending" | "answered" | null = null) {
  const settings = { ...studio.settingsOfAnother, now: deps.clock.now().toISOString() };
  const heldUp = heldUpAt && { at: heldUpAt, path: rowset };
  const child = startOtherProcess(settings, { do: "apply-plan", planId, looks, heldUp });
  const next = async () => (await child.told.next()).value?.[0] as unknown;
  return { ...child, next };
}

/** This process looks for plans that nobody applies any more, from now on. */
function takingOver({ quietMs }: Pick<Looks, "quietMs"> = looks) {
  const executor = createPlanExecutor(deps, { looks: { ...looks, quietMs } });
  executor.start();
  onTestFinished(() => executor.stop());
}

const writes = () => simulator.log.requestsTo(rowset);
const reads = () => simulator.log.requestsTo(({ path }) => path !== rowset);
const rowsWritten = () =>
  writes().map(({ body }) => JSON.parse(body.toString())[0].keys.OrderId as string);
const planOf = (id: string) => deps.db.plan.findUniqueOrThrow({ where: { id } });
const stepRows = (planId: string) =>
  deps.db.planStep.findMany({ where: { planId }, orderBy: { position: "asc" } });
const stepsOf = async (planId: string) => (await stepRows(planId)).map(({ state }) => state);
const untilEnded = (planId: string) =>
  expect
    .poll(async () => (await planOf(planId)).state, { timeout: takenUpWithinMs })
    .not.toBe("applying");
const expectEachOnce = () => {
  const rows = rowsWritten();
  expect(rows).toHaveLength(steps);
  expect(new Set(rows).size).toBe(steps);
};

/** Somebody holds those rows, and whoever wants to write them waits. */
async function blocked(sql: string, values: unknown[]) {
  const blocker = new pg.Client(database.ownerUrl);
  await blocker.connect();
  await blocker.query("begin");
  await blocker.query(sql, values);
  const waiting = async () =>
    (
      await database.pool.query(
        `select count(*)::int as waiting from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      )
    ).rows[0].waiting as number;
  return {
    reached: () => expect.poll(waiting, { timeout: 40_000 }).toBeGreaterThan(0),
    async release() {
      await blocker.query("rollback");
      await blocker.end();
    },
  };
}

const held = (stage: "before-work" | "after-work") =>
  simulator.faults.set(wireFaults.held, { stage }, { path: rowset, times: 1 });

/** A plan that another process applies; nobody here looks for it yet. */
async function appliedElsewhere(heldUpAt: "sending" | "answered" | null = null) {
  const plan = await approved();
  await applyPlan({ ...deps, planExecutor: { take: () => {} } }, plan.owner, plan.planId);
  return { ...plan, other: () => another(plan.planId, heldUpAt) };
}

test(
  "[PLN-4] killed before its intent: whoever takes the plan up sends every step, once",
  async () => {
    const { planId, other } = await appliedElsewhere();
    const lock = await blocked(
      "select 1 from plan_steps where plan_id = $1 and position = 1 for update",
      [planId],
    );
    const child = other();
    await lock.reached();
    await child.kill();
    await lock.release();
    expect(await stepsOf(planId)).toEqual(["pending", "pending", "pending"]);
    takingOver();
    await untilEnded(planId);
    expect(await planOf(planId)).toMatchObject({ state: "applied", fence: 2 });
    expectEachOnce();
  },
  endWithinMs,
);

test(
  "[PLN-4] [PLN-5] killed between its intent and its request: the step is failed, and never sent",
  async () => {
    const { planId, other } = await appliedElsewhere("sending");
    const child = other();
    expect(await child.next()).toBe("sending");
    expect(await stepsOf(planId)).toEqual(["sending", "pending", "pending"]);
    await child.kill();
    takingOver();
    await untilEnded(planId);
    expect(await planOf(planId)).toMatchObject({ state: "stopped", endReason: "step_failed" });
    expect(await stepsOf(planId)).toEqual(["failed", "skipped", "skipped"]);
    expect(writes()).toHaveLength(0);
  },
  endWithinMs,
);

test(
  "[PLN-5] killed while the provider had yet to begin: what it does late is found, nothing is sent again",
  async () => {
    const { planId, other } = await appliedElsewhere();
    const fault = held("before-work");
    const child = other();
    await fault.reached;
    await child.kill();
    const before = reads().length;
    // What happens on a slow machine between the look and the release is not "nothing happened".
    takingOver({ quietMs: 4 * looks.quietMs });
    await expect.poll(() => reads().length, { timeout: takenUpWithinMs }).toBeGreaterThan(before);
    expect(await planOf(planId)).toMatchObject({ state: "applying", fence: 2 });
    fault.release();
    await untilEnded(planId);
    expect(await planOf(planId)).toMatchObject({ state: "applied" });
    expect((await stepRows(planId))[0]?.outcome).toMatchObject({ settledBy: "read-back" });
    expectEachOnce();
  },
  endWithinMs,
);

test(
  "[PLN-5] killed when the provider had done it: found by reading back, and the plan goes on",
  async () => {
    const { planId, other } = await appliedElsewhere();
    const fault = held("after-work");
    const child = other();
    await fault.reached;
    await child.kill();
    fault.release();
    takingOver();
    await untilEnded(planId);
    expect(await planOf(planId)).toMatchObject({ state: "applied" });
    expectEachOnce();
  },
  endWithinMs,
);

test(
  "[PLN-5] killed with the answer in its hands: found by reading back, and the plan goes on",
  async () => {
    const { planId, other } = await appliedElsewhere("answered");
    const child = other();
    expect(await child.next()).toBe("answered");
    await child.kill();
    takingOver();
    await untilEnded(planId);
    expect(await planOf(planId)).toMatchObject({ state: "applied" });
    expectEachOnce();
  },
  endWithinMs,
);

test(
  "[PLN-5] killed before the result was committed: found by reading back, and the plan goes on",
  async () => {
    const { planId, other } = await appliedElsewhere();
    const fault = held("before-work");
    const child = other();
    await fault.reached;
    const lock = await blocked("select 1 from plans where id = $1 for update", [planId]);
    fault.release();
    await lock.reached();
    await child.kill();
    await lock.release();
    expect(await stepsOf(planId)).toEqual(["sending", "pending", "pending"]);
    takingOver();
    await untilEnded(planId);
    expect(await planOf(planId)).toMatchObject({ state: "applied" });
    expectEachOnce();
  },
  endWithinMs,
);

test(
  "[PLN-4] a paused process is not dead: nobody takes its plan, and it ends it itself",
  async () => {
    const { planId, other } = await appliedElsewhere();
    const fault = held("after-work");
    const child = other();
    await fault.reached;
    child.signal("SIGSTOP");
    takingOver();
    fault.release();
    await wait(4_000);
    expect(await planOf(planId)).toMatchObject({ state: "applying", fence: 1 });
    child.signal("SIGCONT");
    expect(await child.next()).toEqual({ state: "applied", fence: 1 });
    expectEachOnce();
  },
  endWithinMs,
);

test(
  "[PLN-4] a process paused between its intent and its request, and taken for dead, sends nothing when it wakes",
  async () => {
    const { planId, other } = await appliedElsewhere("sending");
    const child = other();
    expect(await child.next()).toBe("sending");
    child.signal("SIGSTOP");
    // Its session ends, as with a restarted database, and it cannot come back for its lock.
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name = 'studio-instance' and datname = current_database()`,
    );
    takingOver();
    await untilEnded(planId);
    expect(await planOf(planId)).toMatchObject({ endReason: "step_failed", fence: 2 });
    child.signal("SIGCONT");
    child.letGoOn();
    expect(await child.next()).toEqual({ state: "stopped", fence: 2 });
    expect(writes()).toHaveLength(0);
    expect(await stepsOf(planId)).toEqual(["failed", "skipped", "skipped"]);
  },
  endWithinMs,
);

test(
  "[PLN-4] two processes that both want it send each step once",
  async () => {
    const { planId, other } = await appliedElsewhere();
    const children = [other(), other()];
    takingOver();
    await untilEnded(planId);
    await Promise.all(children.map(({ ended }) => ended));
    expect(await planOf(planId)).toMatchObject({ state: "applied", fence: 1 });
    expectEachOnce();
  },
  endWithinMs,
);
