import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { revokeKey } from "#lib/agents/revoke-key.ts";
import { InvalidInputError, NotFoundError } from "#lib/core/errors.ts";
import { findOwnGrant } from "#lib/grants/grant-repository.ts";
import { limitOfAnswers, limitOfPlans, limitTable } from "#lib/limits/limit-table.ts";
import { openDraft } from "#lib/plans/draft.ts";
import { editPlan } from "#lib/plans/edit-plan.ts";
import { sweepPlans } from "#lib/plans/end-plan.ts";
import {
  ClientKeyTakenError,
  PlanChangedError,
  PlanDamagedError,
  PlanFaultError,
  PlanNotNeededError,
  PlansTooLargeTodayError,
  PlanTooLargeError,
  TooManyPlansError,
} from "#lib/plans/errors.ts";
import { getPlan, listPlans } from "#lib/plans/get-plan.ts";
import { getPlanStep } from "#lib/plans/get-plan-step.ts";
import { listPlanSteps } from "#lib/plans/list-plan-steps.ts";
import { hashOfText } from "#lib/plans/plan-content.ts";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { PROXIED_CALL, proxiedStep } from "#lib/plans/proxied-step.ts";
import {
  agentPlanInputSchema,
  type PlanTarget,
  planEditSchema,
  planQuerySchema,
  planSchema,
  planSummarySchema,
  stepDetailSchema,
  stepQuerySchema,
  stepSchema,
} from "#lib/plans/schema.ts";
import { createSummary } from "#lib/plans/summary.ts";
import type { ProviderRequest } from "#lib/providers/operation.ts";
import { OperationFailedError, OperationRefusedError } from "#lib/providers/operation-errors.ts";
import type { ClassedCall } from "#lib/providers/proxied-call.ts";
import { salesforceCalls } from "#lib/providers/salesforce/calls.ts";
import { unknownRecipients } from "#lib/providers/vocabulary.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { agentPrincipalOf } from "#lib/testing/plan-askers.ts";
import { proxiedCall } from "#lib/testing/proxied-call.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const upsert = "marketing-cloud.rows.upsert";
const remove = "marketing-cloud.rows.delete";
const unit = givenDefinitions.haldenUnit.name;
const signal = new AbortController().signal;
const anyPlans = planQuerySchema.parse({});
const anySteps = stepQuerySchema.parse({ limit: 200 });

afterEach(() => {
  simulator.faults.clear();
  simulator.log.clear();
});

let made = 0;
const rows = (count: number) =>
  Array.from({ length: count }, () => ({ OrderId: `N${++made}`, Status: "placed" }));

async function givenOwner(teamId?: string) {
  const owner = await given.person({ secondFactor: true, ...(teamId ? { teamId } : {}) });
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const made = await givenAgent(deps, owner, { connections: [connectionId] });
  const agent = agentPrincipalOf(owner, made, { connectionIds: [connectionId] });
  const write = (count = 1) => ({
    ...{ operationId: upsert, connectionId },
    input: { key: "Orders", rows: rows(count) },
  });
  const propose = (input: object = {}, options: object = {}) =>
    proposePlan(
      deps,
      agent,
      agentPlanInputSchema.parse({ title: "Add orders", operations: [write()], ...input }),
      { signal, ...options },
    );
  return { owner, connectionId, agent, write, propose };
}

const leftOf = async (teamId: string) => ({
  plans: await deps.db.plan.count({ where: { teamId } }),
  steps: await deps.db.planStep.count({ where: { plan: { teamId } } }),
});
const eventsOf = (targetId: string) =>
  deps.db.auditEvent.findMany({ where: { targetId }, orderBy: { sequence: "asc" } });

describe("an agent proposes", () => {
  test("[PLN-11] its owner's grant prepares it, nothing is written, and the trail names both", async () => {
    const { owner, agent, connectionId, propose } = await givenOwner();
    simulator.log.clear();
    const plan = await propose({ reason: "They came in by telephone." });
    const asked = simulator.log.all();
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter(({ path }) => path.includes("dataevents"))).toEqual([]);
    expect(plan).toMatchObject({
      title: "Add orders",
      reason: "They came in by telephone.",
      state: "proposed",
      version: 1,
      proposer: { kind: "agent", id: agent.agentId, name: "Nightly report" },
      owner: { id: owner.userId, name: "Dana" },
      isMine: false,
      canApprove: null,
      canCancel: true,
      canApply: false,
      missing: ["owner"],
      stepCount: 1,
      records: 1,
      risks: ["production"],
      asks: { recentSignIn: true, typedNames: [{ connectionId, name: unit }], secondPerson: false },
      url: `${deps.studioUrl}/plans/${plan.id}`,
    });
    const [event] = await eventsOf(plan.id);
    expect(event).toMatchObject({
      action: "plan.proposed",
      actorKind: "agent",
      actorId: agent.agentId,
      onBehalfOf: owner.userId,
      connectionId,
      detail: expect.objectContaining({ hash: plan.hash, steps: 1, records: 1 }),
    });
    expect(JSON.stringify(event?.detail)).not.toContain("telephone");
  });

  test("[PLN-1] each step is stored with its target, request and preview, as the bytes that its hash is over", async () => {
    const { owner, propose } = await givenOwner();
    const { id } = await propose();
    const step = await getPlanStep(deps, owner, id, 1);
    expect(hashOfText(step.content ?? "")).toBe(step.hash);
    const content = JSON.parse(step.content ?? "");
    expect(content).toMatchObject({
      plan: { id, version: 1, ownerId: owner.userId, teamId: owner.teamId },
      target: { name: unit, isProduction: true, memberId: 514012388, username: expect.any(String) },
      request: { method: "POST", door: "rest" },
      preview: { changesTotal: expect.any(Number) },
      operationId: upsert,
    });
    expect(step.request?.body).toBe(content.request.body);
    const { items } = await listPlanSteps(deps, owner, id, anySteps);
    expect(items[0]?.preview).toEqual(step.preview);
  });

  test("several operations become one plan; one step knows of its operation's input, all know of the first", async () => {
    const { owner, connectionId, write, propose } = await givenOwner();
    const progress: [number, number | null][] = [];
    const { id, stepCount, records, warnings } = await propose(
      {
        operations: [
          write(3),
          {
            operationId: remove,
            connectionId,
            input: { key: "Orders", rows: [{ OrderId: "O000001" }] },
          },
        ],
      },
      { onProgress: (done: number, total: number | null) => progress.push([done, total]) },
    );
    expect([stepCount, records]).toEqual([2, 4]);
    expect(warnings).toContainEqual({ code: "delete", steps: 1 });
    expect(progress).toEqual([
      [1, 2],
      [2, 2],
    ]);
    const two = await getPlanStep(deps, owner, id, 2);
    expect(two).toMatchObject({ inputPosition: 2, effect: "destructive" });
    expect(two.input).toMatchObject({ key: "Orders" });
  });

  test("one operation that cannot be done refuses the whole plan, is named, and nothing is left", async () => {
    const { owner, connectionId, write, propose } = await givenOwner();
    const bad = { operationId: upsert, connectionId, input: { key: "No_Such", rows: rows(1) } };
    await expect(propose({ operations: [write(), bad] })).rejects.toMatchObject({
      code: "operations.not_found",
      status: 404,
      userMessage: expect.stringMatching(/^Operation 2 of 2 \(marketing-cloud\.rows\.upsert\): /),
    });
    const wrong = { operationId: upsert, connectionId, input: { key: "Orders", rows: "all" } };
    await expect(propose({ operations: [write(), wrong] })).rejects.toMatchObject({
      code: "input.invalid",
      issues: [expect.objectContaining({ path: expect.stringMatching(/^operations\.1\.input/) })],
    });
    await expect(propose({ operations: [wrong] })).rejects.toThrow(InvalidInputError);
    await expect(propose({ operations: [bad] })).rejects.toThrow(OperationFailedError);
    expect(await leftOf(owner.teamId)).toEqual({ plans: 0, steps: 0 });
  });

  test("what only reads needs no plan", async () => {
    const { connectionId, propose } = await givenOwner();
    const operations = [
      { operationId: "marketing-cloud.data-extensions.list", connectionId, input: {} },
    ];
    await expect(propose({ operations })).rejects.toThrow(PlanNotNeededError);
  });

  test("nobody waits any more: nothing is stored", async () => {
    const { owner, write, propose } = await givenOwner();
    const left = new AbortController();
    const onProgress = () => left.abort();
    const operations = [write(), write()];
    await expect(propose({ operations }, { signal: left.signal, onProgress })).rejects.toThrow();
    expect(await leftOf(owner.teamId)).toEqual({ plans: 0, steps: 0 });
  });

  test("[PLN-7] a key that is revoked while it prepares leaves no plan behind", async () => {
    const { owner, agent, propose } = await givenOwner();
    // Proven by its key before that, as a call is that takes long.
    await revokeKey(deps, owner, agent.agentId, agent.keyId);
    await expect(propose()).rejects.toThrow(PlanFaultError);
    expect(await leftOf(owner.teamId)).toEqual({ plans: 0, steps: 0 });
  });

  test("[TEN-2] a connection that is not the agent's answers as an absent one", async () => {
    const mine = await givenOwner();
    const theirs = await givenOwner();
    for (const connectionId of [theirs.connectionId, "00000000-0000-4000-8000-000000000000"]) {
      const operations = [{ ...mine.write(), connectionId }];
      await expect(mine.propose({ operations })).rejects.toThrow(NotFoundError);
    }
  });
});

describe("asked again", () => {
  test("the same key gives the same plan, also to two that ask at once", async () => {
    const { owner, write, propose } = await givenOwner();
    const input = { operations: [write()], clientKey: "job-17" };
    const plans = await Promise.all([propose(input), propose(input), propose(input)]);
    expect(new Set(plans.map(({ id }) => id)).size).toBe(1);
    expect((await propose(input)).id).toBe(plans[0]?.id);
    expect(await leftOf(owner.teamId)).toEqual({ plans: 1, steps: 1 });
  });

  test("the same key with anything else is refused", async () => {
    const { write, propose } = await givenOwner();
    const input = { operations: [write()], clientKey: "job-18" };
    await propose(input);
    await expect(propose({ ...input, title: "Other" })).rejects.toThrow(ClientKeyTakenError);
    await expect(propose({ ...input, operations: [write()] })).rejects.toThrow(ClientKeyTakenError);
  });

  test("keys are an agent's own", async () => {
    const [one, two] = [await givenOwner(), await givenOwner()];
    const plans = await Promise.all(
      [one, two].map(({ propose }) => propose({ clientKey: "job-19" })),
    );
    expect(plans[0]?.id).not.toBe(plans[1]?.id);
  });
});

test("[PLN-2] steps that are not those of the plan's hash are not shown, however well they fit themselves", async () => {
  const { owner, propose } = await givenOwner();
  const { id } = await propose();
  const where = { planId_version_position: { planId: id, version: 1, position: 1 } };
  const step = await deps.db.planStep.findUniqueOrThrow({ where });
  const content = step.content.replaceAll("placed", "denied");
  await deps.db.planStep.update({ where, data: { content, hash: hashOfText(content) } });
  await expect(listPlanSteps(deps, owner, id, anySteps)).rejects.toThrow(PlanDamagedError);
  await expect(getPlanStep(deps, owner, id, 1)).rejects.toThrow(PlanDamagedError);
});

describe("a raw call as a step", () => {
  const raw = (of: Partial<ProviderRequest>, classed: ClassedCall) =>
    proxiedStep(
      {
        ...{ door: "rest", method: "POST", path: "/x/v1/y", query: "", contentType: null },
        ...{ soapAction: null, headers: {}, body: null, ...of },
      },
      classed,
    );

  test("[PLN-9] what is long is shown whole, not cut", () => {
    const query = `filter=${"a".repeat(5_000)}&last=1`;
    const { facts, bodies } = raw({ query }, { class: "write", operation: "rows.write" }).preview;
    expect(bodies).toContainEqual({ label: "Query", kind: "text", before: null, after: query });
    expect(facts).toContainEqual({
      label: "Query",
      value: "5,014 characters, shown whole below",
    });
  });

  test("[PLN-8] what a part of it removes makes a call a removal, of as many as it names", () => {
    const path = "/services/data/v64.0/composite";
    const ids = Array.from({ length: 200 }, (_, n) => String(n).padStart(15, "0")).join(",");
    const url = `/services/data/v64.0/composite/sobjects?ids=${ids}`;
    const body = JSON.stringify({ compositeRequest: [{ method: "DELETE", url }] });
    const contentType = "application/json";
    const classed = salesforceCalls.classify(proxiedCall(`POST ${path}`, body, { contentType }));
    const step = raw({ path, body, contentType }, classed);
    expect(step).toMatchObject({ effect: "destructive", records: 200 });
    expect(step.preview.warnings.map(({ code }) => code)).toContain("delete");
    const summary = createSummary();
    const sandbox = { connectionId: "a", isProduction: false } as PlanTarget;
    summary.add(sandbox, { ...step, warnings: step.preview.warnings }, "hash");
    expect(summary.all().risks).toEqual(["destructive", "bulk"]);
  });

  test("[PLN-8] what runs code and removes is both", () => {
    const classed = { class: "code", operation: "tooling.write", removes: true } as const;
    const step = raw({ path: "/tooling/sobjects/ApexClass/1" }, classed);
    const summary = createSummary();
    const sandbox = { connectionId: "a", isProduction: false } as PlanTarget;
    summary.add(sandbox, { ...step, warnings: step.preview.warnings }, "hash");
    expect(summary.all().risks).toEqual(["destructive", "bulk", "code", "send"]);
  });

  test("[PLN-9] a body that two readers may read as two says so", () => {
    const classed = { class: "write", operation: "sobjects.update" } as const;
    const words = (body: string) =>
      raw({ body }, classed)
        .preview.warnings.map(({ text }) => text)
        .join(" ");
    expect(words('{"Phone":"1","phone":"2"}')).toContain("gives a name twice");
    expect(words('{"Phone":"1"}')).not.toContain("twice");
  });

  test("[BRK-9] may write to people whom nobody counted, unless it is known for a plain write", () => {
    const recipients = (classed: ClassedCall) => raw({}, classed).recipients;
    expect(recipients({ class: "write", operation: "rows.write" })).toBe(0);
    expect(recipients({ class: "code", operation: "messages.send" })).toBe(unknownRecipients);
    expect(recipients({ class: "unknown", operation: "unknown" })).toBe(unknownRecipients);
  });
});

describe("limits", () => {
  test("a draft takes 2,000 steps and 1 MB of one request, and nothing beyond", async () => {
    const { owner, connectionId } = await givenOwner();
    const grant = await findOwnGrant(deps.db, owner, connectionId);
    if (!grant) throw new Error("the owner is not connected");
    const createdAt = deps.clock.now();
    const plan = { id: deps.random.uuid(), teamId: owner.teamId, ownerId: owner.userId };
    const draft = await openDraft(deps, { ...plan, version: 1, createdAt, expiresAt: createdAt });
    const path = "/hub/v1/dataevents/key:Orders/rowset";
    const stepOf = (body: string) =>
      proxiedStep(
        {
          ...{ door: "rest", method: "POST", path, query: "", contentType: "application/json" },
          ...{ soapAction: null, headers: {}, body },
        },
        { class: "write", operation: "data_extensions.write" },
      );
    const about = { operationId: PROXIED_CALL, grant, input: null };
    const large = draft.add(about, [stepOf(`"${"x".repeat(1024 * 1024)}"`)]);
    await expect(large).rejects.toThrow(PlanTooLargeError);
    await draft.add(
      about,
      Array.from({ length: 2_000 }, () => stepOf("[]")),
    );
    await expect(draft.add(about, [stepOf("[]")])).rejects.toThrow(PlanTooLargeError);
    expect(await draft.finish()).toMatchObject({
      stepCount: 2_000,
      records: 2_000,
      risks: ["production", "bulk"],
    });
    expect(await leftOf(owner.teamId)).toEqual({ plans: 1, steps: 2_000 });
    await draft.discard();
    expect(await leftOf(owner.teamId)).toEqual({ plans: 0, steps: 0 });
  });

  test("what no approval could let pass is refused before anybody sees it", async () => {
    const { owner, connectionId } = await givenOwner();
    const grant = await findOwnGrant(deps.db, owner, connectionId);
    if (!grant) throw new Error("the owner is not connected");
    const createdAt = deps.clock.now();
    const plan = { id: deps.random.uuid(), teamId: owner.teamId, ownerId: owner.userId };
    const draft = await openDraft(deps, { ...plan, version: 1, createdAt, expiresAt: createdAt });
    for (const path of [
      "/v2/token",
      "/hub/v1/../v2/token",
      "//hub/v1/dataevents/key:Orders/rowset",
    ]) {
      const step = proxiedStep(
        {
          ...{ door: "rest", method: "POST", path, query: "", contentType: "application/json" },
          ...{ soapAction: null, headers: {}, body: "{}" },
        },
        { class: "write", operation: "data_extensions.write" },
      );
      const attempt = draft.add({ operationId: PROXIED_CALL, grant, input: null }, [step]);
      await expect(attempt, path).rejects.toThrow(OperationRefusedError);
    }
    await draft.discard();
  });

  test("a plan is changed so often and no more, for each version stays stored", async () => {
    const { agent, owner, propose, write } = await givenOwner();
    const { id } = await propose();
    await deps.db.plan.update({ where: { id }, data: { version: 50 } });
    const edit = planEditSchema.parse({ operations: [write()], version: 50 });
    for (const asker of [agent, owner]) {
      await expect(editPlan(deps, asker, id, edit, { signal })).rejects.toThrow(PlanTooLargeError);
    }
    expect(await leftOf(owner.teamId)).toEqual({ plans: 1, steps: 1 });
  });

  test("[BRK-9] what an operation reads counts into what a key may read in a day", async () => {
    const { agent, propose } = await givenOwner();
    await propose();
    // One kilobyte is left: the first answer takes it, and nothing more is read.
    const left = limitTable.answers.key.limit - 1;
    deps.limits.take([{ ...limitOfAnswers(agent.keyId, 0), count: left }]);
    simulator.log.clear();
    await expect(propose()).rejects.toMatchObject({ code: "broker.rate_limited" });
    expect(simulator.log.all().length).toBeLessThan(2);
  });

  test("[BRK-10] what one person and their agents put forward in a day has a bound, and leaves nothing", async () => {
    const { owner, propose } = await givenOwner();
    const { limit } = limitTable.plans.owner;
    deps.limits.take([{ ...limitOfPlans(owner.userId, 0), count: limit - 1 }]);
    await propose();
    const before = await deps.db.planStep.count();
    await expect(propose()).rejects.toThrow(PlansTooLargeTodayError);
    expect(await deps.db.planStep.count()).toBe(before);
    expect(await deps.db.plan.count({ where: { ownerId: owner.userId } })).toBe(1);
    const other = await givenOwner();
    await other.propose();
  });

  test("a hundred plans that wait are enough", async () => {
    const { agent, owner, propose } = await givenOwner();
    const { id } = await propose();
    const row = await deps.db.plan.findUniqueOrThrow({ where: { id } });
    const { targets: _t, warnings: _w, ...plain } = row;
    await deps.db.plan.createMany({
      data: Array.from({ length: 99 }, () => ({ ...plain, id: deps.random.uuid() })),
    });
    await expect(propose()).rejects.toThrow(TooManyPlansError);
    expect(await leftOf(owner.teamId)).toMatchObject({ plans: 100 });
    expect((await listPlans(deps, agent, anyPlans)).items).toHaveLength(50);
  });

  test("a draft that was left behind is nobody's to see, and is swept", async () => {
    const { owner, agent, propose } = await givenOwner();
    const { id } = await propose();
    await deps.db.plan.update({ where: { id }, data: { state: "draft" } });
    expect((await listPlans(deps, owner, anyPlans)).items).toEqual([]);
    await expect(getPlan(deps, agent, id)).rejects.toThrow(NotFoundError);
    deps.clock.advanceSeconds(2 * 60 * 60);
    await sweepPlans(deps);
    expect(await leftOf(owner.teamId)).toEqual({ plans: 0, steps: 0 });
  });
});

describe("who knows of it", () => {
  test("[WEB-8] only the listed fields leave, to its owner, its agent and an admin", async () => {
    const { owner, agent, propose } = await givenOwner();
    const { id } = await propose();
    const admin = await given.person({ teamId: owner.teamId, role: "admin" });
    for (const asker of [owner, agent, admin]) {
      const plan = await getPlan(deps, asker, id);
      const [summary] = (await listPlans(deps, asker, anyPlans)).items;
      const [step] = (await listPlanSteps(deps, asker, id, anySteps)).items;
      expect(z.strictObject(planSchema.shape).parse(plan)).toEqual(plan);
      expect(z.strictObject(planSummarySchema.shape).parse(summary)).toEqual(summary);
      expect(z.strictObject(stepSchema.shape).parse(step)).toEqual(step);
      const whole = await getPlanStep(deps, asker, id, 1);
      expect(z.strictObject(stepDetailSchema.shape).parse(whole)).toEqual(whole);
    }
  });

  test("[TEN-2] another team, another member and another agent see nothing", async () => {
    const { owner, propose } = await givenOwner();
    const { id } = await propose();
    const stranger = await givenOwner();
    const member = await given.person({ teamId: owner.teamId, role: "member" });
    for (const asker of [stranger.owner, stranger.agent, member]) {
      await expect(getPlan(deps, asker, id)).rejects.toThrow(NotFoundError);
      await expect(getPlanStep(deps, asker, id, 1)).rejects.toThrow(NotFoundError);
      await expect(listPlanSteps(deps, asker, id, anySteps)).rejects.toThrow(NotFoundError);
      expect((await listPlans(deps, asker, anyPlans)).items).toEqual([]);
    }
  });

  test("[TEN-2] a page after another's plan is as a page after none", async () => {
    const { owner, agent, connectionId, propose, write } = await givenOwner();
    await propose();
    const connections = [connectionId];
    const other = await givenAgent(deps, owner, { connections });
    const colleague = agentPrincipalOf(owner, other, { connectionIds: connections });
    const input = agentPlanInputSchema.parse({ operations: [write()] });
    const { id: theirs } = await proposePlan(deps, colleague, input, { signal });
    for (const cursor of [theirs, "00000000-0000-4000-8000-000000000000"]) {
      expect(await listPlans(deps, agent, { ...anyPlans, cursor })).toEqual({
        items: [],
        nextCursor: null,
      });
    }
  });

  test("[TEN-4] an admin sees that it is there, where and how much, and nothing of what it writes", async () => {
    const { owner, propose } = await givenOwner();
    const secret = "Ann Berg has moved to Oslo";
    const { id } = await propose({ reason: secret });
    const admin = await given.person({ teamId: owner.teamId, role: "admin", secondFactor: true });
    const seen = {
      plan: await getPlan(deps, admin, id),
      steps: await listPlanSteps(deps, admin, id, anySteps),
      step: await getPlanStep(deps, admin, id, 1),
    };
    expect(seen.plan).toMatchObject({ records: 1, reason: null, showsContent: false });
    expect(seen.step).toMatchObject({ preview: null, request: null, input: null, content: null });
    expect(JSON.stringify(seen)).not.toMatch(/Oslo|N\d+|placed/);
    expect((await listPlans(deps, admin, anyPlans)).items).toHaveLength(1);
  });
});

describe("an edit", () => {
  test("[PLN-3] is a new version with another hash; the steps of the one before stay", async () => {
    const { owner, agent, write, propose } = await givenOwner();
    const first = await propose();
    const edit = { title: "Add two", reason: "", operations: [write(2)], expiresInMinutes: 60 };
    const second = await editPlan(deps, agent, first.id, { ...edit, version: 1 }, { signal });
    expect(second).toMatchObject({ id: first.id, version: 2, title: "Add two", records: 2 });
    expect(second.hash).not.toBe(first.hash);
    const { items } = await listPlanSteps(deps, owner, first.id, anySteps);
    expect(items).toHaveLength(1);
    expect(await deps.db.planStep.count({ where: { planId: first.id } })).toBe(2);
    expect(await leftOf(owner.teamId)).toEqual({ plans: 1, steps: 2 });
    const stale = editPlan(deps, owner, first.id, { ...edit, version: 1 }, { signal });
    await expect(stale).rejects.toThrow(PlanChangedError);
  });

  test("of two at once one is taken, and the other is told", async () => {
    const { owner, agent, write, propose } = await givenOwner();
    const { id } = await propose();
    const edit = () => ({
      ...{ reason: "", operations: [write()], expiresInMinutes: 60, version: 1 },
    });
    const results = await Promise.allSettled([
      editPlan(deps, agent, id, edit(), { signal }),
      editPlan(deps, owner, id, edit(), { signal }),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await getPlan(deps, owner, id)).toMatchObject({ version: 2, stepCount: 1 });
    expect(await leftOf(owner.teamId)).toEqual({ plans: 1, steps: 2 });
  });
});
