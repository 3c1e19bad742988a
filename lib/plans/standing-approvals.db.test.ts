import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { agentPatchSchema } from "#lib/agents/schema.ts";
import { RecentSignInNeededError } from "#lib/auth/errors.ts";
import { GrantNotUsableError } from "#lib/broker/errors.ts";
import {
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  SecondFactorRequiredError,
} from "#lib/core/errors.ts";
import type { AgentPrincipal, Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { sqlOfPool } from "#lib/db/hot-pool.ts";
import { findOwnGrant } from "#lib/grants/grant-repository.ts";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { approveBeforehand } from "#lib/plans/approve-beforehand.ts";
import { TypedNameError } from "#lib/plans/errors.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { listStandingApprovals } from "#lib/plans/list-standing-approvals.ts";
import { makeStandingApproval } from "#lib/plans/make-standing-approval.ts";
import { targetOf } from "#lib/plans/plan-content.ts";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { insertDraft, lockPlan, movePlan, proposeDraft } from "#lib/plans/repository.ts";
import { revokeStandingApproval } from "#lib/plans/revoke-standing-approval.ts";
import { type PlanWarning, standingInputSchema } from "#lib/plans/schema.ts";
import { insertSteps } from "#lib/plans/step-repository.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { type GivenAgent, givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const agents = await listenForAgents(deps);

const operationId = "marketing-cloud.rows.upsert";
const unit = givenDefinitions.haldenUnit.name;
const DAY = 24 * 60 * 60;
const ahead = (seconds: number) => new Date(deps.clock.now().getTime() + seconds * 1000);

/** A person connected to a business unit, with an agent that may use it. */
async function givenOwner(mode: "plan" | "build" = "plan", options: { teamId?: string } = {}) {
  const owner = await given.person(options);
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const agent = await givenAgent(deps, owner, { mode, connections: [connectionId] });
  const make = (input: object = {}, person: Principal = owner) =>
    makeStandingApproval(
      deps,
      person,
      agent.agentId,
      standingInputSchema.parse({
        connectionId,
        operationId,
        usesMost: 3,
        recordsMost: 10,
        until: ahead(DAY).toISOString(),
        typedName: unit,
        ...input,
      }),
    );
  return { owner, connectionId, ...agent, make, by: principalOf(owner, agent, connectionId, mode) };
}
const principalOf = (
  owner: Principal,
  { agentId, keyId }: GivenAgent,
  connectionId: string,
  mode: "plan" | "build",
): AgentPrincipal => ({
  kind: "agent",
  agentId,
  keyId,
  teamId: owner.teamId,
  ownerId: owner.userId,
  mode,
  budget: { callsPerDay: null, rowsPerDay: null, sendsPerDay: null },
  asksForConnections: true,
  connections: new Map([[connectionId, { directWritesUntil: null }]]),
});

type Step = { operationId?: string; effect?: "write" | "destructive"; records?: number };

/** Stored as the agent proposes it, and in that transaction held against what was approved beforehand. */
async function propose(
  owner: Principal,
  agent: AgentPrincipal,
  connectionId: string,
  steps: readonly Step[] = [{}],
  warnings: PlanWarning[] = [],
) {
  const grant = await findOwnGrant(deps.db, owner, connectionId);
  if (!grant) throw new Error("the owner is not connected");
  const id = randomUUID();
  const createdAt = deps.clock.now();
  const { teamId } = owner;
  await insertDraft(deps.db, {
    id,
    teamId,
    ownerId: owner.userId,
    createdAt,
    expiresAt: ahead(3600),
  });
  await insertSteps(
    sqlOfPool(deps.hotPool),
    steps.map((step, index) => ({
      planId: id,
      version: 1,
      position: index + 1,
      connectionId,
      operationId: step.operationId ?? operationId,
      effect: step.effect ?? "write",
      title: "Write rows",
      records: step.records ?? 1,
      recipients: 0,
      content: "{}",
      hash: "0".repeat(64),
    })),
  );
  const outcome = await inTransaction(deps.db, async (tx) => {
    await proposeDraft(
      tx,
      { id, teamId },
      {
        agentId: agent.agentId,
        keyId: agent.keyId,
        proposedById: null,
        clientKey: null,
        clientHash: null,
        title: "Rows",
        reason: "",
        hash: "f".repeat(64),
        stepCount: steps.length,
        records: steps.length,
        recipients: 0,
        connectionIds: [connectionId],
        risks: ["production"],
        targets: [targetOf(grant)],
        warnings,
        createdAt,
        expiresAt: ahead(3600),
      },
    );
    return approveBeforehand(deps, tx, agent, id);
  });
  return { id, outcome };
}
const planOf = (id: string) =>
  deps.db.plan.findUniqueOrThrow({ where: { id }, include: { approvals: true } });
const leftOf = async (id: string) =>
  (await deps.db.standingApproval.findUniqueOrThrow({ where: { id } })).usesLeft;
const signInAgain = async (person: Principal) => {
  const now = deps.clock.now();
  await deps.db.session.update({ where: { id: person.sessionId }, data: { confirmedAt: now } });
};

test("what is approved beforehand approves a plan that it covers, in the transaction that proposes it", async () => {
  const { owner, connectionId, agentId, by, make } = await givenOwner();
  const { id: standingId } = await make();
  const { id, outcome } = await propose(owner, by, connectionId, [{}, { records: 10 }]);
  expect(outcome).toEqual({ standingApprovalIds: [standingId], isApproved: true, applies: false });
  expect(await planOf(id)).toMatchObject({
    state: "approved",
    standingApprovalId: standingId,
    approvals: [{ part: "owner", userId: owner.userId, hash: "f".repeat(64), version: 1 }],
  });
  expect(await leftOf(standingId)).toBe(1);
  const list = await listStandingApprovals(deps, owner, agentId);
  expect(list.items).toMatchObject([
    {
      id: standingId,
      state: "live",
      usesMost: 3,
      usesLeft: 1,
      connection: { id: connectionId, name: unit },
      operation: { id: operationId, effect: "write" },
    },
  ]);
  const used = await deps.db.auditEvent.findFirstOrThrow({
    where: { action: "standing_approval.used", targetId: id },
  });
  expect(used).toMatchObject({ actorId: agentId, onBehalfOf: owner.userId, connectionId });
  expect(used.detail).toMatchObject({ standingApprovalId: standingId, steps: 2, usesLeft: 1 });
});

test("a plan with anything that is not covered is approved by nothing, and counts nothing down", async () => {
  const { owner, connectionId, by, make } = await givenOwner();
  const { id: standingId } = await make();
  for (const step of [
    { operationId: "marketing-cloud.rows.delete" },
    // The operation does more than it did when it was approved.
    { effect: "destructive" as const },
    { records: 11 },
  ]) {
    const { id, outcome } = await propose(owner, by, connectionId, [{}, step]);
    expect(outcome).toBeNull();
    expect(await planOf(id)).toMatchObject({ state: "proposed", approvals: [] });
  }
  const { outcome } = await propose(owner, by, connectionId, [{}, {}, {}, {}]);
  expect(outcome).toBeNull();
  expect(await leftOf(standingId)).toBe(3);
});

test("[PLN-6] a plan that changes who may do what in an org is approved by nothing beforehand", async () => {
  const { owner, connectionId, by, make } = await givenOwner();
  const { id } = await make();
  const { outcome } = await propose(owner, by, connectionId, [{}], [{ code: "rights", steps: 1 }]);
  expect(outcome).toBeNull();
  expect(await leftOf(id)).toBe(3);
});

test("[PLN-4] two plans never share the last use of what was approved beforehand", async () => {
  const { owner, connectionId, by, make } = await givenOwner();
  const { id: standingId } = await make({ usesMost: 1 });
  const proposed = await Promise.all(
    Array.from({ length: 6 }, () => propose(owner, by, connectionId)),
  );
  expect(proposed.filter(({ outcome }) => outcome !== null)).toHaveLength(1);
  expect(await leftOf(standingId)).toBe(0);
  const states = await Promise.all(proposed.map(async ({ id }) => (await planOf(id)).state));
  expect(states.toSorted()).toEqual([...Array(1).fill("approved"), ...Array(5).fill("proposed")]);
});

test("it ends with its time, and holds for nothing that leads elsewhere or is another agent's", async () => {
  const { owner, connectionId, by, make } = await givenOwner();
  const { id: standingId } = await make({ until: ahead(600).toISOString() });
  const another = await givenAgent(deps, owner, { connections: [connectionId] });
  const other = principalOf(owner, another, connectionId, "plan");
  expect((await propose(owner, other, connectionId)).outcome).toBeNull();
  // The owner is connected there as somebody else by now.
  await deps.db.grant.updateMany({ where: { connectionId }, data: { providerUserId: "999" } });
  expect((await propose(owner, by, connectionId)).outcome).toBeNull();
  const { target } = await deps.db.standingApproval.findUniqueOrThrow({
    where: { id: standingId },
  });
  const { providerUserId } = target as { providerUserId: string };
  await deps.db.grant.updateMany({ where: { connectionId }, data: { providerUserId } });
  expect((await propose(owner, by, connectionId)).outcome).not.toBeNull();
  deps.clock.advanceSeconds(600);
  expect((await propose(owner, by, connectionId)).outcome).toBeNull();
});

test("[PLN-8] where the team wants two people, what is approved beforehand is only the owner's word", async () => {
  const { owner, connectionId, by, make } = await givenOwner("build");
  const { id: standingId } = await make();
  await deps.db.team.update({ where: { id: owner.teamId }, data: { fourEyes: ["production"] } });
  const { id, outcome } = await propose(owner, by, connectionId);
  expect(outcome).toEqual({ standingApprovalIds: [standingId], isApproved: false, applies: false });
  expect(await planOf(id)).toMatchObject({ state: "proposed", approvals: [{ part: "owner" }] });
});

test("a plan is applied at once in build mode, or where its owner wanted that", async () => {
  const building = await givenOwner("build");
  await building.make();
  const built = await propose(building.owner, building.by, building.connectionId);
  expect(built.outcome).toMatchObject({ applies: true });
  const planning = await givenOwner("plan");
  await planning.make({ appliesAtOnce: true });
  const planned = await propose(planning.owner, planning.by, planning.connectionId);
  expect(planned.outcome).toMatchObject({ applies: true });
});

test("the whole way over HTTP: what is covered is done at once, what is not waits for its owner", async () => {
  const { owner, connectionId, key, make } = await givenOwner("build");
  const { id: standingId } = await make({ usesMost: 1 });
  const post = (order: string) =>
    agents.call("/api/broker/plans", {
      method: "POST",
      credential: key,
      json: {
        operations: [
          {
            operationId,
            connectionId,
            input: { key: "Orders", rows: [{ OrderId: order, Status: "placed" }] },
          },
        ],
      },
    });
  const covered = await post("S1");
  expect(covered).toMatchObject({
    status: 201,
    body: { state: "applying", standingApprovalId: standingId, missing: [] },
  });
  const planId = String(covered.body.id);
  await deps.planExecutor.run(planId);
  expect(await getPlan(deps, owner, planId)).toMatchObject({
    state: "applied",
    progress: { applied: 1 },
    approvals: [{ part: "owner" }],
  });
  expect(await post("S2")).toMatchObject({
    status: 201,
    body: { state: "proposed", standingApprovalId: null, missing: ["owner"] },
  });
  expect(await leftOf(standingId)).toBe(0);
});

test("[PLN-7] revoked between approval and apply, the plan waits for its owner again", async () => {
  const { owner, connectionId, agentId, by, make } = await givenOwner();
  const { id: approvalId } = await make();
  const { id } = await propose(owner, by, connectionId);
  const seen = await inTransaction(deps.db, (tx) => lockPlan(tx, owner, id));
  if (!seen) throw new Error("no plan");
  await revokeStandingApproval(deps, owner, { agentId, approvalId });
  expect(await planOf(id)).toMatchObject({
    state: "proposed",
    approvedAt: null,
    standingApprovalId: null,
    approvals: [],
  });
  // Whoever was about to apply what they had seen finds it moved.
  const applies = { state: "applying" as const, updatedAt: deps.clock.now() };
  expect(await inTransaction(deps.db, (tx) => movePlan(tx, seen, applies))).toBe(false);
  expect((await propose(owner, by, connectionId)).outcome).toBeNull();
  await revokeStandingApproval(deps, owner, { agentId, approvalId });
  const revoked = await deps.db.auditEvent.findMany({
    where: { action: "standing_approval.revoked", targetId: agentId },
  });
  expect(revoked.map(({ detail }) => detail)).toMatchObject([{ plans: [id], usesLeft: 2 }]);
});

test("revoking and proposing at once: covered plans are taken back, later ones are not covered", async () => {
  const { owner, connectionId, agentId, by, make } = await givenOwner();
  const { id: approvalId } = await make({ usesMost: 50 });
  const [, ...proposed] = await Promise.all([
    revokeStandingApproval(deps, owner, { agentId, approvalId }),
    ...Array.from({ length: 6 }, () => propose(owner, by, connectionId)),
  ]);
  for (const { id } of proposed) {
    expect(await planOf(id)).toMatchObject({ state: "proposed", approvals: [] });
  }
});

test("[PLN-6] only the agent's owner gives it, just proven, and never for code or without the name typed", async () => {
  const { owner, connectionId, agentId, make } = await givenOwner();
  const { teamId } = owner;
  const admin = await given.person({ teamId, role: "admin", secondFactor: true });
  await expect(make({}, admin)).rejects.toThrow(ForbiddenError);
  const stranger = await given.person();
  await expect(make({}, stranger)).rejects.toThrow(NotFoundError);
  for (const typedName of [undefined, "", unit.toLowerCase(), `${unit}s`]) {
    await expect(make({ typedName })).rejects.toThrow(TypedNameError);
  }
  for (const input of [
    { operationId: "marketing-cloud.rows.everything" },
    { operationId: "marketing-cloud.data-extensions.list" },
    { until: ahead(-1).toISOString() },
    { until: ahead(31 * DAY).toISOString() },
    { connectionId: await given.connection(owner, givenDefinitions.halden) },
    { connectionId: randomUUID() },
  ]) {
    await expect(make(input)).rejects.toThrow(InvalidInputError);
  }
  for (const input of [
    { usesMost: 1_001 },
    { recordsMost: 10_001 },
    { usesMost: 0 },
    { mode: "x" },
  ]) {
    expect(() => make(input)).toThrow();
  }
  deps.clock.advanceSeconds(DAY / 2);
  await expect(make()).rejects.toThrow(RecentSignInNeededError);
  await signInAgain(owner);
  expect(await make({ typedName: ` ${unit} ` })).toMatchObject({ state: "live" });
  // What an admin may do is to end it.
  const list = await listStandingApprovals(deps, admin, agentId);
  const approvalId = list.items[0]?.id ?? "";
  const unproven = { ...admin, hasSecondFactor: false, secondFactorAt: null };
  await expect(revokeStandingApproval(deps, unproven, { agentId, approvalId })).rejects.toThrow(
    SecondFactorRequiredError,
  );
  await revokeStandingApproval(deps, admin, { agentId, approvalId });
  expect((await listStandingApprovals(deps, owner, agentId)).items).toMatchObject([
    { state: "revoked" },
  ]);
  await deps.db.grant.updateMany({ where: { connectionId }, data: { state: "disconnected" } });
  await signInAgain(owner);
  await expect(make()).rejects.toThrow(GrantNotUsableError);
});

test("[TEN-2] an approval of another agent, or another team, answers as an absent one", async () => {
  const one = await givenOwner();
  const other = await givenOwner();
  const { id } = await one.make();
  const absent = { agentId: one.agentId, approvalId: randomUUID() };
  for (const [person, of] of [
    [one.owner, absent],
    [one.owner, { agentId: other.agentId, approvalId: id }],
    [other.owner, { agentId: other.agentId, approvalId: id }],
    [other.owner, { agentId: one.agentId, approvalId: id }],
  ] as const) {
    await expect(revokeStandingApproval(deps, person, of)).rejects.toThrow(NotFoundError);
  }
  await expect(listStandingApprovals(deps, other.owner, one.agentId)).rejects.toThrow(
    NotFoundError,
  );
  expect((await listStandingApprovals(deps, one.owner, one.agentId)).items).toHaveLength(1);
});

test("[TEN-10] it ends with the connection, and with an agent that somebody else stopped", async () => {
  const { owner, connectionId, agentId, make } = await givenOwner();
  await make();
  const edit = (person: Principal, patch: object) =>
    editAgent(deps, person, agentId, agentPatchSchema.parse(patch));
  await edit(owner, { connections: [] });
  await edit(owner, { connections: [{ connectionId }] });
  expect((await listStandingApprovals(deps, owner, agentId)).items).toMatchObject([
    { state: "revoked" },
  ]);
  await make();
  const { teamId } = owner;
  const admin = await given.person({ teamId, role: "admin", secondFactor: true });
  await edit(admin, { isDisabled: true });
  const { items } = await listStandingApprovals(deps, owner, agentId);
  expect(items.map(({ state }) => state)).toEqual(["revoked", "revoked"]);
});

test("[VA-5] terms that somebody changed in the table cover nothing", async () => {
  const changes = [
    { recordsMost: 1_000 },
    { usesMost: 1_000 },
    { until: ahead(20 * DAY) },
    { appliesAtOnce: true },
    { operationId: "marketing-cloud.rows.delete" },
    { mac: "" },
  ];
  const { owner, connectionId, by, make } = await givenOwner();
  for (const data of changes) {
    const { id } = await make();
    await deps.db.standingApproval.update({ where: { id }, data });
    const { operationId: other = operationId } = data as { operationId?: string };
    const { outcome } = await propose(owner, by, connectionId, [{ operationId: other }]);
    expect(outcome, JSON.stringify(data)).toBeNull();
    await deps.db.standingApproval.delete({ where: { id } });
  }
});

test("[PLN-7] what it approved is sent before its time is over, or waits for nothing any more", async () => {
  const { owner, connectionId, by, make } = await givenOwner();
  await make({ until: ahead(600).toISOString() });
  const input = { key: "Orders", rows: [{ OrderId: randomUUID().slice(0, 8), Status: "new" }] };
  const plan = await proposePlan(
    deps,
    by,
    {
      reason: "",
      operations: [{ operationId, connectionId, input }],
      expiresInMinutes: 60,
    },
    { signal: new AbortController().signal },
  );
  expect(plan.state).toBe("approved");
  deps.clock.advanceSeconds(601);
  studio.simulator.log.clear();
  await applyPlan(deps, owner, plan.id);
  await deps.planExecutor.run(plan.id);
  expect(await planOf(plan.id)).toMatchObject({ state: "stopped", endReason: "approval_ended" });
  expect(studio.simulator.log.requestsTo("/hub/v1/dataevents/key:Orders/rowset")).toEqual([]);
});
