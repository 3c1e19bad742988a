import { afterEach, expect, test, vi } from "vitest";
import type { Change, ChangeFeed } from "#lib/db/changes.ts";
import { rejectPlan } from "#lib/plans/approve-plan.ts";
import { waitForPlan } from "#lib/plans/wait-for-plan.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { agentPrincipalOf } from "#lib/testing/plan-askers.ts";
import { givenApprovedPlan } from "#lib/testing/plans.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;

const waits: AbortController[] = [];
afterEach(() => {
  for (const wait of waits.splice(0)) wait.abort();
});

async function givenPlan() {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const made = await givenAgent(deps, owner, { connections: [connectionId] });
  const agent = agentPrincipalOf(owner, made, { connectionIds: [connectionId] });
  const planId = await givenApprovedPlan(deps, owner, {
    agent: made,
    operations: [
      {
        operationId: "marketing-cloud.rows.upsert",
        connectionId,
        input: { key: "Orders", rows: [{ OrderId: "W1", Status: "shipped" }] },
      },
    ],
  });
  return { owner, agent, planId };
}
type Plan = Awaited<ReturnType<typeof givenPlan>>;

/** A feed that tells what the test tells, and a wait whose looks at the plan are counted. */
function waiting({ agent, planId }: Plan, options: { seen?: string; onLook?(): void } = {}) {
  const { seen, onLook = () => {} } = options;
  const listeners = new Set<(change: Change | "all") => void>();
  const changes: ChangeFeed = {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isCurrent: () => false,
    current: async () => false,
    stop: async () => {},
  };
  const looks = { count: 0 };
  const leaving = new AbortController();
  waits.push(leaving);
  const seeing = {
    ...deps,
    changes,
    // Asked last in each look.
    get studioUrl() {
      looks.count += 1;
      onLook();
      return deps.studioUrl;
    },
  };
  const ended = waitForPlan(seeing, agent, planId, {
    ...{ waitSeconds: 25, signal: leaving.signal },
    ...(seen === undefined ? {} : { seen }),
  });
  const state = { isOver: false };
  void ended.finally(() => {
    state.isOver = true;
  });
  const tell = (change: Change | "all") => {
    for (const listener of listeners) listener(change);
  };
  /** Told, and looked at again because of it. */
  const toldAndLooked = async (change: Change | "all") => {
    const before = looks.count;
    tell(change);
    await vi.waitFor(() => expect(looks.count).toBeGreaterThan(before), 4_000);
  };
  const looked = () => vi.waitFor(() => expect(looks.count).toBeGreaterThan(0), 4_000);
  return { ended, state, tell, toldAndLooked, looked, looks };
}

test("a wait goes on through everything that changes nothing about how the plan stands", async () => {
  const plan = await givenPlan();
  const wait = waiting(plan);
  await wait.looked();
  const told: (Change | "all")[] = [
    "all",
    { kind: "plan", id: plan.planId },
    { kind: "agent", id: plan.agent.agentId },
    { kind: "member", id: plan.agent.ownerId },
  ];
  for (const change of told) await wait.toldAndLooked(change);
  // What is not about it is not even looked at.
  const { count } = wait.looks;
  wait.tell({ kind: "plan", id: crypto.randomUUID() });
  await wait.toldAndLooked("all");
  expect(wait.looks.count).toBe(count + 1);
  expect(wait.state.isOver).toBe(false);
  await rejectPlan(deps, plan.owner, plan.planId, { reason: "No." });
  wait.tell({ kind: "plan", id: plan.planId });
  expect(await wait.ended).toMatchObject({ state: "rejected" });
});

test("what is decided while it looks is not lost: it looks again at once", async () => {
  const plan = await givenPlan();
  let isRejected = false;
  const wait = waiting(plan, {
    onLook() {
      if (isRejected) return;
      isRejected = true;
      void rejectPlan(deps, plan.owner, plan.planId, { reason: "No." }).then(() =>
        wait.tell({ kind: "plan", id: plan.planId }),
      );
    },
  });
  expect(await wait.ended).toMatchObject({ state: "rejected" });
  expect(wait.looks.count).toBe(2);
});

test("a plan that was stopped so that it may go on is waited for; one that ended for good is not", async () => {
  const plan = await givenPlan();
  const stop = (endReason: string, state: "stopped" | "applying") =>
    deps.db.plan.update({
      where: { id: plan.planId },
      data: { state, endReason, endedAt: state === "stopped" ? deps.clock.now() : null },
    });
  for (const reason of ["budget_spent", "step_unknown"]) {
    await stop(reason, "stopped");
    const wait = waiting(plan, { seen: "stopped 1" });
    await wait.looked();
    await wait.toldAndLooked({ kind: "plan", id: plan.planId });
    expect(wait.state.isOver, reason).toBe(false);
    await stop(reason, "applying");
    wait.tell({ kind: "plan", id: plan.planId });
    expect(await wait.ended).toMatchObject({ state: "applying" });
  }
  await stop("step_failed", "stopped");
  const wait = waiting(plan, { seen: "stopped 1" });
  expect(await wait.ended).toMatchObject({ state: "stopped", endReason: "step_failed" });
  expect(wait.looks.count).toBe(1);
});

test("nobody waits longer than they asked to, or after they left", async () => {
  const plan = await givenPlan();
  const beganMs = performance.now();
  const shown = await waitForPlan(deps, plan.agent, plan.planId, { waitSeconds: 1 });
  expect(shown).toMatchObject({ state: "approved" });
  expect(performance.now() - beganMs).toBeGreaterThanOrEqual(990);
  const wait = waiting(plan);
  await wait.looked();
  waits.at(-1)?.abort();
  expect(await wait.ended).toMatchObject({ state: "approved" });
});
