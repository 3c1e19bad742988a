import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { authenticateAgent } from "#lib/agents/authenticate-agent.ts";
import type { Principal } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import { inTransaction } from "#lib/db/client.ts";
import { createInstance } from "#lib/db/instance.ts";
import { findOwnGrant } from "#lib/grants/grant-repository.ts";
import { sendRequest } from "#lib/operations/send-request.ts";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { resolveStep } from "#lib/plans/apply-resolve.ts";
import { macOfApproval } from "#lib/plans/approval-mac.ts";
import { insertApproval } from "#lib/plans/approval-repository.ts";
import { createPlanExecutor } from "#lib/plans/execute-plan.ts";
import { hashOfPlan, hashOfText } from "#lib/plans/plan-content.ts";
import { findPlan } from "#lib/plans/repository.ts";
import { stepHashesOf } from "#lib/plans/step-repository.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { type GivenAgent, givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { givenApprovedPlan } from "#lib/testing/plans.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator, database } = studio;
const rowset = "/hub/v1/dataevents/key:Orders/rowset";
const looks = { quietMs: 300, mostLooks: 3, betweenMs: 50 };
deps.planExecutor = createPlanExecutor(deps, { looks, longestWaitMs: 1_500 });

afterEach(() => {
  simulator.faults.clear();
  simulator.log.clear();
});

let made = 0;
const newRow = () => ({ OrderId: `P${++made}`, Status: "shipped" });
/** One step each, of so many new rows. */
const writesOf = (connectionId: string, count: number, rows: number) =>
  Array.from({ length: count }, () => ({
    operationId: "marketing-cloud.rows.upsert",
    connectionId,
    input: { key: "Orders", rows: Array.from({ length: rows }, newRow) },
  }));

type Given = {
  steps?: number;
  /** Of each step. */
  rows?: number;
  /** Proposed by an agent of this mode. */
  mode?: "plan" | "build";
  expiresInSeconds?: number;
};

async function approved({ steps = 3, rows = 1, mode, ...options }: Given = {}) {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const agent: GivenAgent | null = mode
    ? await givenAgent(deps, owner, { mode, connections: [connectionId] })
    : null;
  const firstRow = made + 1;
  const planId = await givenApprovedPlan(deps, owner, {
    operations: writesOf(connectionId, steps, rows),
    ...(agent ? { agent } : {}),
    ...options,
  });
  simulator.log.clear();
  return { owner, connectionId, agent, planId, firstRow };
}
type Approved = Awaited<ReturnType<typeof approved>>;

const writes = () => simulator.log.requestsTo(rowset);
const planOf = (id: string) => deps.db.plan.findUniqueOrThrow({ where: { id } });
const stepRows = (planId: string) =>
  deps.db.planStep.findMany({ where: { planId }, orderBy: { position: "asc" } });
const stepsOf = async (planId: string) => (await stepRows(planId)).map(({ state }) => state);
const eventsOf = (planId: string, action?: string) =>
  deps.db.auditEvent.findMany({
    where: { targetId: planId, ...(action ? { action } : {}) },
    orderBy: { sequence: "asc" },
  });

/** Applied, until nothing more is done about it here. */
async function applied({ owner, planId }: Pick<Approved, "owner" | "planId">) {
  await applyPlan(deps, owner, planId);
  await deps.planExecutor.run(planId);
  return planOf(planId);
}
/** Held at the provider before it does anything, once. */
const heldWrite = () =>
  simulator.faults.set(wireFaults.held, { stage: "before-work" }, { path: rowset, times: 1 });

/** Applies; while the first step is at the provider, `meanwhile` happens. */
async function appliedWhile(plan: Approved, meanwhile: () => Promise<unknown>) {
  const held = heldWrite();
  await applyPlan(deps, plan.owner, plan.planId);
  await held.reached;
  await meanwhile();
  held.release();
  await deps.planExecutor.run(plan.planId);
  return planOf(plan.planId);
}

describe("an approved plan", () => {
  test("is sent step after step, each once, and ends applied", async () => {
    const plan = await approved();
    expect(await applied(plan)).toMatchObject({ state: "applied", holder: null, endReason: null });
    expect(await stepsOf(plan.planId)).toEqual(["applied", "applied", "applied"]);
    expect(writes().map(({ body }) => JSON.parse(body.toString())[0].keys.OrderId)).toEqual([
      `P${plan.firstRow}`,
      `P${plan.firstRow + 1}`,
      `P${plan.firstRow + 2}`,
    ]);
    const [first] = await stepRows(plan.planId);
    expect(first).toMatchObject({
      outcome: { kind: "applied", output: { written: 1 }, settledBy: "answer", code: null },
    });
    expect(first?.finishedAt).not.toBeNull();
  });

  test("[PLN-4] twenty clicks at once apply it once", async () => {
    const { owner, planId } = await approved();
    await Promise.all(Array.from({ length: 20 }, () => applyPlan(deps, owner, planId)));
    await deps.planExecutor.run(planId);
    expect(writes()).toHaveLength(3);
    expect(await eventsOf(planId, "plan.apply_begun")).toHaveLength(1);
    await applyPlan(deps, owner, planId);
    await deps.planExecutor.run(planId);
    expect(writes()).toHaveLength(3);
  });

  test("[PLN-4] five instances that all take it send each step once", async () => {
    const { owner, planId } = await approved({ steps: 10 });
    const instances = Array.from({ length: 5 }, () => createInstance(database.url));
    const executors = instances.map((instance) =>
      createPlanExecutor({ ...deps, instance }, { looks }),
    );
    await applyPlan({ ...deps, planExecutor: { take: () => {} } }, owner, planId);
    // All known to live: nobody is first because the others still join.
    await Promise.all(instances.map((each) => each.number()));
    const everybody = async () => {
      await Promise.all(executors.map((each) => each.run(planId)));
      return (await planOf(planId)).state;
    };
    await expect.poll(everybody, { timeout: 10_000 }).toBe("applied");
    expect(writes()).toHaveLength(10);
    expect((await planOf(planId)).fence).toBe(1);
    await Promise.all(executors.map((each) => each.stop()));
    await Promise.all(instances.map((each) => each.stop()));
  });

  test("[PLN-11] [AUD-1] each step leaves an intent and a result, with the agent and its owner in them", async () => {
    const plan = await approved({ mode: "build" });
    const agent = await authenticateAgent(deps, plan.agent?.key ?? "");
    await applyPlan(deps, agent ?? plan.owner, plan.planId);
    await deps.planExecutor.run(plan.planId);
    const events = await eventsOf(plan.planId);
    expect(events.map(({ action, result }) => `${action} ${result}`)).toEqual([
      "plan.apply_begun success",
      ...[1, 2, 3].flatMap(() => ["plan.step_begun intent", "plan.step_ended success"]),
      "plan.applied success",
    ]);
    for (const event of events) {
      expect(event).toMatchObject({
        actorKind: "agent",
        actorId: plan.agent?.agentId,
        onBehalfOf: plan.owner.userId,
      });
    }
    const uses = await deps.db.grant.findFirst({ where: { connectionId: plan.connectionId } });
    expect(uses).toMatchObject({ userId: plan.owner.userId });
    await deps.agentActivity.flush();
    const calls = await deps.db.agentCall.findMany({
      where: { agentId: plan.agent?.agentId ?? "" },
    });
    expect(calls.map(({ door, operation }) => `${door} ${operation}`)).toContain(
      "plan marketing-cloud.rows.upsert",
    );
  });

  test("[AUD-2] a step whose intent cannot be written is not sent, and goes on when it can", async () => {
    const { owner, planId } = await approved();
    await database.pool.query(`
      create function refuse_intents() returns trigger language plpgsql as
        $$ begin raise exception 'the trail is full'; end $$;
      create trigger refuse_intents before insert on audit_events for each row
        when (new.action = 'plan.step_begun') execute function refuse_intents()`);
    await applyPlan(deps, owner, planId);
    await deps.planExecutor.run(planId);
    expect(writes()).toHaveLength(0);
    expect(await stepsOf(planId)).toEqual(["pending", "pending", "pending"]);
    await database.pool.query("drop function refuse_intents cascade");
    const untilApplied = async () => {
      await deps.planExecutor.recover();
      return (await planOf(planId)).state;
    };
    await expect.poll(untilApplied, { timeout: 10_000 }).toBe("applied");
    expect(writes()).toHaveLength(3);
  });

  test("tells pages of its end, and of its progress no more than four times a second", async () => {
    const told: string[] = [];
    await deps.changes.current();
    const stop = deps.changes.subscribe((change) => {
      if (change !== "all" && change.kind === "plan") told.push(change.id);
    });
    const plan = await approved({ steps: 20 });
    await deps.changes.current();
    told.length = 0;
    const beganMs = performance.now();
    await applied(plan);
    await deps.changes.current();
    const seconds = (performance.now() - beganMs) / 1_000;
    stop();
    expect(told.length).toBeGreaterThanOrEqual(2);
    // Begun, first step, end, and what the time gave room for.
    expect(told.length).toBeLessThanOrEqual(4 + Math.ceil(seconds * 4));
  });
});

describe("who applies", () => {
  const refusal = (asker: Parameters<typeof applyPlan>[1], planId: string) =>
    applyPlan(deps, asker, planId).then(
      () => null,
      (error: { code?: string }) => error.code,
    );

  test("[PLN-6] an agent in plan mode does not, nor another agent of its owner", async () => {
    const plan = await approved({ mode: "plan" });
    const mine = await authenticateAgent(deps, plan.agent?.key ?? "");
    const { key } = await givenAgent(deps, plan.owner, {
      mode: "build",
      connections: [plan.connectionId],
    });
    const other = await authenticateAgent(deps, key);
    expect(await refusal(mine ?? plan.owner, plan.planId)).toBe("plans.build_mode_needed");
    expect(await refusal(other ?? plan.owner, plan.planId)).toBe("input.not_found");
    expect((await planOf(plan.planId)).state).toBe("approved");
  });

  test("[TEN-2] [TEN-4] for a colleague, an admin and a stranger it is not there", async () => {
    const { owner, planId } = await approved();
    const admin = await given.person({ teamId: owner.teamId, role: "admin" });
    const stranger = await given.person();
    expect(await refusal(admin, planId)).toBe("input.not_found");
    expect(await refusal(stranger, planId)).toBe("input.not_found");
  });

  test("[PLN-7] nobody applies what is not approved, has expired or was rejected", async () => {
    const { owner, planId } = await approved({ expiresInSeconds: 300 });
    await deps.db.plan.update({ where: { id: planId }, data: { state: "proposed" } });
    expect(await refusal(owner, planId)).toBe("plans.wrong_state");
    await deps.db.plan.update({ where: { id: planId }, data: { state: "rejected" } });
    expect(await refusal(owner, planId)).toBe("plans.wrong_state");
    await deps.db.plan.update({ where: { id: planId }, data: { state: "approved" } });
    deps.clock.advanceSeconds(300);
    expect(await refusal(owner, planId)).toBe("plans.wrong_state");
    expect(writes()).toHaveLength(0);
  });
});

describe("[PLN-2] bytes that were swapped behind the approval are not sent", () => {
  const content = (planId: string, position: number) =>
    deps.db.planStep.findUniqueOrThrow({
      where: { planId_version_position: { planId, version: 1, position } },
    });
  async function swap(planId: string, position: number, { withHash }: { withHash: boolean }) {
    const step = await content(planId, position);
    const swapped = step.content.replaceAll("shipped", "stolen!");
    expect(swapped).not.toBe(step.content);
    await database.pool.query(
      `update plan_steps set content = $3, hash = $4 where plan_id = $1 and position = $2`,
      [planId, position, swapped, withHash ? hashOfText(swapped) : step.hash],
    );
  }
  const ways: [name: string, swap: (planId: string) => Promise<unknown>][] = [
    ["a step's bytes", (id) => swap(id, 2, { withHash: false })],
    ["a step's bytes and its hash", (id) => swap(id, 2, { withHash: true })],
    [
      "a step's bytes, its hash and the plan's",
      async (id) => {
        await swap(id, 2, { withHash: true });
        await deps.db.plan.update({ where: { id }, data: { hash: hashOfText("another") } });
      },
    ],
    [
      "a step's bytes, with every hash over them",
      async (id) => {
        await swap(id, 2, { withHash: true });
        const plan = await findPlan(deps.db, await planOf(id), id);
        if (!plan) throw new Error("no plan");
        const hash = hashOfPlan(plan, await stepHashesOf(deps.db, plan));
        expect(hash).not.toBe(plan.hash);
        await deps.db.plan.update({ where: { id }, data: { hash } });
      },
    ],
    [
      "the plan's own hash",
      (id) => deps.db.plan.update({ where: { id }, data: { hash: hashOfText("another") } }),
    ],
    [
      "how many steps there are",
      (id) => deps.db.plan.update({ where: { id }, data: { stepCount: 2 } }),
    ],
    ["the title", (id) => deps.db.plan.update({ where: { id }, data: { title: "Harmless" } })],
    [
      "the expiry",
      (id) =>
        deps.db.plan.update({
          where: { id },
          data: { expiresAt: new Date(deps.clock.now().getTime() + 1e9) },
        }),
    ],
    [
      "the order of two steps",
      async (id) => {
        const set = "update plan_steps set position = $3 where plan_id = $1 and position = $2";
        for (const [from, to] of [
          [1, 99],
          [2, 1],
          [99, 2],
        ])
          await database.pool.query(set, [id, from, to]);
      },
    ],
    [
      "a step left out",
      (id) => deps.db.planStep.deleteMany({ where: { planId: id, position: 3 } }),
    ],
    [
      "the approval's own hash",
      (id) =>
        deps.db.planApproval.updateMany({ where: { planId: id }, data: { hash: hashOfText("") } }),
    ],
  ];
  test.each(ways)("[PLN-2] %s", async (_, change) => {
    const plan = await approved();
    await change(plan.planId);
    expect(await applied(plan)).toMatchObject({ state: "stopped", endReason: "damaged" });
    expect(writes()).toHaveLength(0);
    const [stopped] = await eventsOf(plan.planId, "plan.stopped");
    expect(stopped).toMatchObject({ result: "refused", detail: { reason: "damaged" } });
  });

  test("[PLN-2] nor those that are swapped while the plan runs", async () => {
    const plan = await approved();
    const end = await appliedWhile(plan, () => swap(plan.planId, 2, { withHash: true }));
    expect(end).toMatchObject({ state: "stopped", endReason: "damaged" });
    expect(writes()).toHaveLength(1);
    expect(await stepsOf(plan.planId)).toEqual(["applied", "skipped", "skipped"]);
  });

  test("[PLN-2] an approval that is gone, or of somebody else, approves nothing", async () => {
    const gone = await approved();
    await deps.db.planApproval.deleteMany({ where: { planId: gone.planId } });
    expect(await applied(gone)).toMatchObject({ endReason: "approval_ended" });
    const others = await approved();
    const admin = await given.person({ teamId: others.owner.teamId, role: "admin" });
    await deps.db.planApproval.updateMany({
      where: { planId: others.planId },
      data: { userId: admin.userId },
    });
    expect(await applied(others)).toMatchObject({ endReason: "damaged" });
    expect(writes()).toHaveLength(0);
  });

  test("[TEN-4] nobody's word is the owner's but theirs, even one that the studio signed", async () => {
    const plan = await approved();
    const admin = await given.person({ teamId: plan.owner.teamId, role: "admin" });
    const { id, planId, version, hash, approvedAt } = await deps.db.planApproval.findFirstOrThrow({
      where: { planId: plan.planId },
    });
    const theirs = {
      ...{ id, planId, version, hash, approvedAt, userId: admin.userId },
      part: "owner",
      standingApprovalId: null,
    } as const;
    const data = { userId: admin.userId, mac: macOfApproval(deps, theirs) };
    await deps.db.planApproval.update({ where: { id }, data });
    expect(await applied(plan)).toMatchObject({ endReason: "approval_ended" });
    expect(writes()).toHaveLength(0);
  });

  test("[VA-5] [PLN-6] nor one that somebody wrote into the table", async () => {
    const ways: ((id: string) => Promise<unknown>)[] = [
      // All of a yes but what only the studio can write.
      async (id) => {
        const { id: _, ...of } = await deps.db.planApproval.findFirstOrThrow({
          where: { planId: id },
        });
        await deps.db.planApproval.deleteMany({ where: { planId: id } });
        await deps.db.planApproval.create({
          data: { ...of, id: randomUUID(), mac: "0".repeat(64) },
        });
      },
      (id) => deps.db.planApproval.updateMany({ where: { planId: id }, data: { mac: "" } }),
      // Somebody else's yes, and one of another time.
      async (id) => {
        const other = await deps.db.planApproval.findFirstOrThrow({
          where: { planId: { not: id } },
        });
        await deps.db.planApproval.updateMany({ where: { planId: id }, data: { mac: other.mac } });
      },
      (id) =>
        deps.db.planApproval.updateMany({
          where: { planId: id },
          data: { approvedAt: new Date(deps.clock.now().getTime() + 1) },
        }),
      // A yes by hand is none that was given beforehand.
      (id) => deps.db.plan.update({ where: { id }, data: { standingApprovalId: randomUUID() } }),
    ];
    for (const forge of ways) {
      const plan = await approved();
      await forge(plan.planId);
      expect(await applied(plan)).toMatchObject({ state: "stopped", endReason: "damaged" });
    }
    expect(writes()).toHaveLength(0);
  });

  test("[PLN-8] where the team has come to want two, one yes is not enough", async () => {
    const plan = await approved();
    await deps.db.team.update({
      where: { id: plan.owner.teamId },
      data: { fourEyes: ["production"] },
    });
    expect(await applied(plan)).toMatchObject({ state: "stopped", endReason: "approval_ended" });
    expect(writes()).toHaveLength(0);
  });
});

describe("[PLN-8] a second person's word", () => {
  /** Approved by two, where the team wants two. */
  async function approvedByTwo() {
    const plan = await approved();
    const { teamId } = plan.owner;
    await deps.db.team.update({ where: { id: teamId }, data: { fourEyes: ["production"] } });
    const second = await given.person({ teamId, role: "admin" });
    const { hash } = await planOf(plan.planId);
    const approval = {
      ...{ id: randomUUID(), planId: plan.planId, version: 1, hash, userId: second.userId },
      part: "second",
      approvedAt: deps.clock.now(),
    } as const;
    const mac = macOfApproval(deps, { ...approval, standingApprovalId: null });
    await inTransaction(deps.db, (tx) => insertApproval(tx, { ...approval, mac }));
    return { ...plan, second };
  }

  test("counts while they could give it", async () => {
    expect(await applied(await approvedByTwo())).toMatchObject({ state: "applied" });
  });

  const ends = [
    [
      "left the team",
      ({ userId }: Principal) => deps.db.membership.deleteMany({ where: { userId } }),
    ],
    [
      "is no admin any more",
      ({ userId }: Principal) =>
        deps.db.membership.updateMany({ where: { userId }, data: { role: "member" } }),
    ],
    [
      "was shut out",
      ({ userId }: Principal) =>
        deps.db.user.update({ where: { id: userId }, data: { disabledAt: deps.clock.now() } }),
    ],
  ] as const;

  test.each(ends)("[PLN-7] counts no more when that person %s", async (_, end) => {
    const plan = await approvedByTwo();
    await end(plan.second);
    expect(await applied(plan)).toMatchObject({ state: "stopped", endReason: "approval_ended" });
    expect(writes()).toHaveLength(0);
  });

  test.each(ends)("[PLN-7] stops it before its next step when that person %s", async (_, end) => {
    const plan = await approvedByTwo();
    const ended = await appliedWhile(plan, () => end(plan.second));
    expect(ended).toMatchObject({ state: "stopped", endReason: "approval_ended" });
    expect(await stepsOf(plan.planId)).toEqual(["applied", "skipped", "skipped"]);
    expect(writes()).toHaveLength(1);
  });
});

describe("[PLN-7] what is taken back stops it before its next step", () => {
  const at = () => deps.clock.now();
  const ways: [name: string, reason: string, take: (plan: Approved) => Promise<unknown>][] = [
    [
      "the plan is stopped by its owner",
      "cancelled_by_owner",
      ({ planId }) =>
        deps.db.plan.update({
          where: { id: planId },
          data: { state: "stopped", endReason: "cancelled_by_owner", endedAt: at() },
        }),
    ],
    ["its time is over", "expired", async () => deps.clock.advanceSeconds(301)],
    [
      "its agent is disabled",
      "agent_disabled",
      ({ agent }) =>
        deps.db.agent.update({ where: { id: agent?.agentId ?? "" }, data: { disabledAt: at() } }),
    ],
    [
      "its agent is paused",
      "agent_paused",
      ({ agent }) =>
        deps.db.agent.update({ where: { id: agent?.agentId ?? "" }, data: { pausedAt: at() } }),
    ],
    [
      "its agent is deleted",
      "agent_ended",
      ({ agent }) => deps.db.agent.delete({ where: { id: agent?.agentId ?? "" } }),
    ],
    [
      "the agent's key is revoked",
      "key_revoked",
      ({ agent }) =>
        deps.db.agentKey.update({ where: { id: agent?.keyId ?? "" }, data: { revokedAt: at() } }),
    ],
    [
      "the connection is taken from the agent",
      "connection_ended",
      ({ agent }) =>
        deps.db.agentConnection.deleteMany({ where: { agentId: agent?.agentId ?? "" } }),
    ],
    [
      "the owner is not in the team any more",
      "member_removed",
      ({ owner }) => deps.db.membership.deleteMany({ where: { userId: owner.userId } }),
    ],
    [
      "the operator shut the owner out",
      "killed",
      ({ owner }) =>
        deps.db.user.update({ where: { id: owner.userId }, data: { disabledAt: at() } }),
    ],
    [
      "the grant ended",
      "grant_ended",
      ({ connectionId }) =>
        deps.db.grant.updateMany({ where: { connectionId }, data: { state: "disconnected" } }),
    ],
    [
      "the grant is another person's there",
      "connection_ended",
      ({ connectionId }) =>
        deps.db.grant.updateMany({ where: { connectionId }, data: { providerUserId: "999" } }),
    ],
    [
      "the grant leads to another business unit",
      "connection_ended",
      ({ connectionId }) =>
        deps.db.grant.updateMany({ where: { connectionId }, data: { memberId: 1 } }),
    ],
    [
      "the grant leads to another host",
      "connection_ended",
      ({ connectionId }) =>
        deps.db.grant.updateMany({
          where: { connectionId },
          data: { restHost: "mcother.rest.marketingcloudapis.com" },
        }),
    ],
  ];
  test.each(ways)("[PLN-7] %s", async (_, reason, takeBack) => {
    const plan = await approved({ mode: "plan", expiresInSeconds: 300 });
    const end = await appliedWhile(plan, () => takeBack(plan));
    expect(end).toMatchObject({ state: "stopped", endReason: reason, holder: null });
    // What was under way is heard to its end; nothing more leaves.
    expect(writes()).toHaveLength(1);
    const [first, ...rest] = await stepsOf(plan.planId);
    expect(first).toBe("applied");
    if (reason !== "cancelled_by_owner") expect(rest).toEqual(["skipped", "skipped"]);
  });
});

describe("[PLN-10] drift", () => {
  test("[PLN-10] a row that changed since stops the plan before its step", async () => {
    const plan = await approved();
    const row = { keys: { OrderId: `P${plan.firstRow + 1}` }, values: { Status: "returned" } };
    const end = await appliedWhile(plan, () => writeBehind(plan, [row]));
    expect(end).toMatchObject({ state: "stopped", endReason: "step_drifted" });
    expect(await stepsOf(plan.planId)).toEqual(["applied", "drifted", "skipped"]);
    const ours = writes().filter(({ body }) => !body.toString().includes("returned"));
    expect(ours).toHaveLength(1);
    expect((await eventsOf(plan.planId, "plan.stopped"))[0]?.detail).toMatchObject({
      reason: "step_drifted",
      applied: 1,
      drifted: 1,
      skipped: 1,
    });
  });
});

/** Somebody else writes rows there. */
async function writeBehind({ owner, connectionId }: Approved, rows: readonly object[]) {
  const grant = await findOwnGrant(deps.db, owner, connectionId);
  if (!grant) throw new Error("no grant");
  const request = {
    door: "rest",
    method: "POST",
    path: rowset,
    query: "",
    contentType: "application/json",
    soapAction: null,
    headers: {},
    body: JSON.stringify(rows),
  } as const;
  const { signal } = new AbortController();
  await sendRequest(deps, owner, grant, request, { signal, isApproved: true });
}

describe("[PLN-5] a step whose answer never came", () => {
  const cut = (stage: "before-work" | "after-work") =>
    simulator.faults.set(wireFaults.cut, { stage }, { path: rowset, times: 1 });

  test("[PLN-5] that happened is found by reading back, and the plan goes on", async () => {
    const plan = await approved();
    cut("after-work");
    expect(await applied(plan)).toMatchObject({ state: "applied" });
    expect(writes()).toHaveLength(3);
    const [first] = await stepRows(plan.planId);
    expect(first).toMatchObject({ state: "applied", outcome: { settledBy: "read-back" } });
  });

  test("[PLN-5] that did not happen is failed, and not sent again", async () => {
    const plan = await approved();
    cut("before-work");
    expect(await applied(plan)).toMatchObject({ state: "stopped", endReason: "step_failed" });
    expect(writes()).toHaveLength(1);
    expect(await stepsOf(plan.planId)).toEqual(["failed", "skipped", "skipped"]);
  });

  test("[PLN-5] that happened, and whose answer broke off in its middle, is found too", async () => {
    const plan = await approved();
    simulator.faults.set(wireFaults.cut, { stage: "mid-body" }, { path: rowset, times: 1 });
    expect(await applied(plan)).toMatchObject({ state: "applied" });
    expect(writes()).toHaveLength(3);
  });

  test("[PLN-5] [TEN-4] that nobody can settle waits for its owner's word, and the rest with it", async () => {
    const plan = await unknown();
    expect(await planOf(plan.planId)).toMatchObject({
      state: "stopped",
      endReason: "step_unknown",
      holder: null,
    });
    expect(await stepsOf(plan.planId)).toEqual(["unknown", "pending", "pending"]);
    const admin = await given.person({ teamId: plan.owner.teamId, role: "admin" });
    const of = { planId: plan.planId, position: 1 };
    const say = (who: Principal, goOn: boolean) =>
      resolveStep(deps, who, of, { outcome: "applied", goOn });
    await expect(say(admin, true)).rejects.toMatchObject({ code: "input.not_found" });
    await say(plan.owner, true);
    await deps.planExecutor.run(plan.planId);
    expect(await planOf(plan.planId)).toMatchObject({ state: "applied", endReason: null });
    expect(oursOf(plan)).toHaveLength(3);
    await expect(say(plan.owner, true)).rejects.toMatchObject({ code: "plans.step_not_unknown" });
    const [resolved] = await eventsOf(plan.planId, "plan.step_resolved");
    expect(resolved).toMatchObject({ actorId: plan.owner.userId, detail: { outcome: "applied" } });
  });

  test("[PLN-5] after a word that it did not happen, nothing more is sent unless the owner says so", async () => {
    const plan = await unknown();
    const of = { planId: plan.planId, position: 1 };
    await resolveStep(deps, plan.owner, of, { outcome: "failed", goOn: false });
    await deps.planExecutor.recover();
    expect(await planOf(plan.planId)).toMatchObject({ state: "stopped", endReason: "step_failed" });
    expect(await stepsOf(plan.planId)).toEqual(["failed", "skipped", "skipped"]);
    expect(oursOf(plan)).toHaveLength(1);
  });

  test("[PLN-7] what has expired does not go on after a word", async () => {
    const plan = await unknown();
    deps.clock.advanceSeconds(3_600);
    const of = { planId: plan.planId, position: 1 };
    const say = (goOn: boolean) => resolveStep(deps, plan.owner, of, { outcome: "applied", goOn });
    await expect(say(true)).rejects.toMatchObject({ code: "plans.wrong_state" });
    await say(false);
    expect(await stepsOf(plan.planId)).toEqual(["applied", "skipped", "skipped"]);
  });

  /** Of the first step's two rows somebody else writes one, and its answer is lost. */
  async function unknown(): Promise<Approved> {
    const plan = await approved({ rows: 2 });
    const held = heldWrite();
    await applyPlan(deps, plan.owner, plan.planId);
    await held.reached;
    const row = { keys: { OrderId: `P${plan.firstRow}` }, values: { Status: "shipped" } };
    await writeBehind(plan, [row]);
    cut("before-work");
    held.release();
    await deps.planExecutor.run(plan.planId);
    return plan;
  }
  /** Of a plan that writes two rows with each step. */
  const oursOf = (_plan: Approved) =>
    writes().filter(({ body }) => JSON.parse(body.toString()).length === 2);
});

describe("what is known not to have been done is tried again", () => {
  test("a provider that is too busy is asked again when it says", async () => {
    const plan = await approved();
    simulator.faults.set(
      wireFaults.answer,
      { status: 429, body: "{}", contentType: "application/json", headers: { "retry-after": "1" } },
      { path: rowset, times: 1 },
    );
    expect(await applied(plan)).toMatchObject({ state: "applied" });
    expect(writes().map(({ status }) => status)).toEqual([429, 200, 200, 200]);
    const ended = await eventsOf(plan.planId, "plan.step_ended");
    expect(ended.map(({ detail }) => (detail as { outcome: string }).outcome)).toEqual([
      "put_off",
      "applied",
      "applied",
      "applied",
    ]);
    expect(await eventsOf(plan.planId, "plan.step_begun")).toHaveLength(4);
  });

  test("[PLN-7] a kill switch is heard while a step waits for its turn, not after", async () => {
    const plan = await approved({ mode: "plan" });
    const patient = createPlanExecutor(deps, { looks });
    const headers = { "retry-after": "60" };
    simulator.faults.set(wireFaults.answer, { status: 429, body: "{}", headers }, { path: rowset });
    await deps.changes.current();
    await applyPlan({ ...deps, planExecutor: patient }, plan.owner, plan.planId);
    const isPutOff = async () => (await eventsOf(plan.planId, "plan.step_ended")).length;
    await expect.poll(isPutOff, { timeout: 10_000 }).toBe(1);
    const id = plan.agent?.agentId ?? "";
    await inTransaction(deps.db, async (tx) => {
      await tx.agent.update({ where: { id }, data: { disabledAt: deps.clock.now() } });
      await announceChange(tx, { kind: "agent", id });
    });
    const ended = async () => (await planOf(plan.planId)).endReason;
    await expect.poll(ended, { timeout: 10_000 }).toBe("agent_disabled");
    await patient.stop();
    expect(writes()).toHaveLength(1);
  });

  test("plans that wait for a busy provider keep no other plan from being applied", async () => {
    const patient = createPlanExecutor(deps, { looks });
    const { owner, connectionId } = await approved({ steps: 1 });
    const another = () =>
      givenApprovedPlan(deps, owner, { operations: writesOf(connectionId, 1, 1) });
    const plans = [];
    for (let n = 0; n < 10; n += 1) plans.push(await another());
    const last = plans.pop() ?? "";
    const busy = { status: 429, body: "{}", headers: { "retry-after": "60" } };
    simulator.faults.set(wireFaults.answer, busy, { path: rowset, times: plans.length });
    simulator.log.clear();
    for (const planId of plans) {
      await applyPlan({ ...deps, planExecutor: patient }, owner, planId);
      const ends = async () => (await eventsOf(planId, "plan.step_ended")).length;
      await expect.poll(ends, { timeout: 10_000 }).toBe(1);
    }
    await applyPlan({ ...deps, planExecutor: { take: () => {} } }, owner, last);
    await patient.run(last);
    expect(await planOf(last)).toMatchObject({ state: "applied" });
    await patient.stop();
    expect(writes().filter(({ status }) => status === 429)).toHaveLength(plans.length);
    for (const planId of plans) await deps.planExecutor.run(planId);
  }, 60_000);

  test("a token that the provider ended costs one refresh, and the step is done once", async () => {
    const plan = await approved();
    simulator.faults.set(
      wireFaults.answer,
      { status: 401, body: '{"message":"Not Authorized"}', contentType: "application/json" },
      { path: rowset, times: 1 },
    );
    expect(await applied(plan)).toMatchObject({ state: "applied" });
    expect(writes().map(({ status }) => status)).toEqual([401, 200, 200, 200]);
    expect(simulator.log.requestsTo("/v2/token")).toHaveLength(1);
    expect(await eventsOf(plan.planId, "plan.step_begun")).toHaveLength(3);
  });

  test("a token endpoint that is down for a moment puts the step off", async () => {
    const plan = await approved({ expiresInSeconds: 7_200 });
    deps.clock.advanceSeconds(1_300);
    simulator.faults.set(
      wireFaults.answer,
      { status: 503, body: "" },
      { path: "/v2/token", times: 1 },
    );
    const run = applied(plan);
    const later = async () => {
      deps.clock.advanceSeconds(60);
      return (await planOf(plan.planId)).state;
    };
    await expect.poll(later, { timeout: 15_000, interval: 300 }).toBe("applied");
    await run;
    expect(writes()).toHaveLength(3);
  });
});

describe("an instance that ends", () => {
  test("[PLN-4] one that lost the plan writes nothing of it, not even an answer; whoever has it reads back", async () => {
    const plan = await approved();
    const taken = () =>
      database.pool.query("update plans set fence = fence + 1, holder = null where id = $1", [
        plan.planId,
      ]);
    expect(await appliedWhile(plan, taken)).toMatchObject({ state: "applying", fence: 2 });
    expect(await stepsOf(plan.planId)).toEqual(["sending", "pending", "pending"]);
    expect(await eventsOf(plan.planId, "plan.step_ended")).toEqual([]);
    await deps.planExecutor.run(plan.planId);
    expect(await planOf(plan.planId)).toMatchObject({ state: "applied", fence: 3 });
    expect((await stepRows(plan.planId))[0]?.outcome).toMatchObject({ settledBy: "read-back" });
    expect(writes()).toHaveLength(3);
  });

  test("[OPS-1] lets its step end and leaves the rest to be taken up at once", async () => {
    const plan = await approved();
    const instance = createInstance(database.url);
    const other = createPlanExecutor({ ...deps, instance }, { looks });
    const held = heldWrite();
    await applyPlan({ ...deps, planExecutor: other }, plan.owner, plan.planId);
    await held.reached;
    const stopped = other.stop();
    held.release();
    await stopped;
    expect(await stepsOf(plan.planId)).toEqual(["applied", "pending", "pending"]);
    expect(await planOf(plan.planId)).toMatchObject({ state: "applying", holder: null });
    await deps.planExecutor.recover();
    await deps.planExecutor.run(plan.planId);
    expect(await planOf(plan.planId)).toMatchObject({ state: "applied" });
    expect(writes()).toHaveLength(3);
    await instance.stop();
  });
});
