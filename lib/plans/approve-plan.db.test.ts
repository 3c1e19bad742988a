import { describe, expect, test } from "vitest";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { revokeKey } from "#lib/agents/revoke-key.ts";
import { RecentSignInNeededError } from "#lib/auth/errors.ts";
import { ForbiddenError, NotFoundError, SecondFactorRequiredError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { kill } from "#lib/operator/kill.ts";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { approvePlan, rejectPlan } from "#lib/plans/approve-plan.ts";
import { editPlan } from "#lib/plans/edit-plan.ts";
import { cancelPlan, sweepPlans } from "#lib/plans/end-plan.ts";
import {
  PlanChangedError,
  PlanDamagedError,
  PlanFaultError,
  PlanStateError,
  TypedNameError,
} from "#lib/plans/errors.ts";
import { exportPlan } from "#lib/plans/export-plan.ts";
import { setFourEyes } from "#lib/plans/four-eyes.ts";
import { countPlansToDecide, getPlan, listPlans } from "#lib/plans/get-plan.ts";
import { getPlanStep } from "#lib/plans/get-plan-step.ts";
import { listPlanSteps } from "#lib/plans/list-plan-steps.ts";
import { hashOfText } from "#lib/plans/plan-content.ts";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { agentPlanInputSchema, planQuerySchema, type Risk } from "#lib/plans/schema.ts";
import { removeMember } from "#lib/team/remove-member.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { agentPrincipalOf } from "#lib/testing/plan-askers.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, database } = studio;
const unit = givenDefinitions.haldenUnit.name;
const signal = new AbortController().signal;
const toDecide = planQuerySchema.parse({ view: "to-decide" });

// What is approved is looked at here, not carried out.
deps.planExecutor = { ...deps.planExecutor, take: () => {} };

let made = 0;
const newRow = () => ({ OrderId: `A${++made}`, Status: "placed" });

type Given = { teamId?: string; role?: Principal["role"]; secondFactor?: boolean };

/** A connected person, and a plan that their agent proposed. */
async function proposed(options: Given = {}) {
  const owner = await given.person({ secondFactor: true, ...options });
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const key = await givenAgent(deps, owner, { connections: [connectionId] });
  const agent = agentPrincipalOf(owner, key, { connectionIds: [connectionId] });
  const write = () => ({
    ...{ operationId: "marketing-cloud.rows.upsert", connectionId },
    input: { key: "Orders", rows: [newRow()] },
  });
  const propose = () =>
    proposePlan(deps, agent, agentPlanInputSchema.parse({ operations: [write(), write()] }), {
      signal,
    });
  const plan = await propose();
  const typedNames = { [connectionId]: unit };
  const yes = { hash: plan.hash, typedNames, apply: false };
  const approve = (person: Principal = owner, input: object = {}) =>
    approvePlan(deps, person, plan.id, { ...yes, ...input });
  return { owner, connectionId, agent, ...key, plan, planId: plan.id, propose, write, approve };
}

const stateOf = async (id: string) =>
  (await deps.db.plan.findUniqueOrThrow({ where: { id } })).state;
const eventsOf = async (targetId: string) =>
  deps.db.auditEvent.findMany({ where: { targetId }, orderBy: { sequence: "asc" } });
const another = (teamId: string, role: Principal["role"], secondFactor = true) =>
  given.person({ teamId, role, secondFactor });

describe("the owner's yes", () => {
  test("[PLN-11] approves what was shown, and the trail names the person, the agent and the hash", async () => {
    const { owner, agentId, plan, approve } = await proposed();
    expect(await approve()).toMatchObject({
      state: "approved",
      missing: [],
      canApply: true,
      approvals: [{ part: "owner", by: { id: owner.userId } }],
    });
    const event = (await eventsOf(plan.id)).at(-1);
    expect(event).toMatchObject({
      action: "plan.approved",
      actorId: owner.userId,
      sessionId: owner.sessionId,
      detail: expect.objectContaining({ hash: plan.hash, agentId, part: "owner", version: 1 }),
    });
    const stored = await deps.db.planApproval.findFirstOrThrow({ where: { planId: plan.id } });
    expect(stored).toMatchObject({ hash: plan.hash, version: 1, userId: owner.userId });
  });

  test("with apply it is under way at once", async () => {
    const { plan, approve } = await proposed();
    expect(await approve(undefined, { apply: true })).toMatchObject({ state: "applying" });
    expect((await eventsOf(plan.id)).map(({ action }) => action)).toContain("plan.apply_begun");
  });

  test("[PLN-4] is given once: of many clicks one counts, and the others are told that it was given", async () => {
    const { planId, approve } = await proposed();
    const results = await Promise.allSettled([approve(), approve(), approve(), approve()]);
    const refusals = results.flatMap((of) => (of.status === "rejected" ? [of.reason] : []));
    expect(refusals).toHaveLength(3);
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(PlanStateError);
    expect(await deps.db.planApproval.count({ where: { planId } })).toBe(1);
  });
});

describe("[PLN-2] a yes is to what was shown", () => {
  test("[PLN-2] another hash than the stored one is refused", async () => {
    const { planId, approve } = await proposed();
    await expect(approve(undefined, { hash: "0".repeat(64) })).rejects.toThrow(PlanChangedError);
    expect(await stateOf(planId)).toBe("proposed");
  });

  test("[PLN-2] a plan that became another version between show and approve is refused", async () => {
    const { agent, planId, write, approve } = await proposed();
    const edit = { reason: "", operations: [write()], expiresInMinutes: 60, version: 1 };
    await editPlan(deps, agent, planId, edit, { signal });
    await expect(approve()).rejects.toThrow(PlanChangedError);
    expect(await stateOf(planId)).toBe("proposed");
  });

  const rowset = `replace(content, '"placed"', '"cancelled"')`;
  test.each<[string, string]>([
    ["a step's content", `update plan_steps set content = ${rowset} where plan_id = $1`],
    [
      "a step's content, with the hash that fits it",
      `update plan_steps set content = ${rowset},
       hash = encode(sha256(convert_to(${rowset}, 'UTF8')), 'hex') where plan_id = $1 and position = 1`,
    ],
    ["a step's title", "update plan_steps set title = 'Harmless' where plan_id = $1"],
    ["a step's effect", "update plan_steps set effect = 'destructive' where plan_id = $1"],
    ["a step away", "delete from plan_steps where plan_id = $1 and position = 2"],
    [
      "two steps against each other",
      `with pair as (select position, content, hash from plan_steps where plan_id = $1)
       update plan_steps s set content = b.content, hash = b.hash from pair b
       where s.plan_id = $1 and b.position = 3 - s.position`,
    ],
    ["the plan's title", "update plans set title = 'Harmless' where id = $1"],
    ["the risks", "update plans set risks = '{}' where id = $1"],
    ["the warnings", "update plans set warnings = '[]' where id = $1"],
    ["the count of records", "update plans set records = 1 where id = $1"],
    [
      "the target",
      `update plans set targets = jsonb_set(targets, '{0,isProduction}', 'false') where id = $1`,
    ],
    ["its proposer", "update plans set agent_id = null where id = $1"],
    ["its time", "update plans set expires_at = expires_at + interval '1 hour' where id = $1"],
  ])(
    "[PLN-2] whoever changes %s in the database between show and approve gets it stopped",
    async (_what, sql) => {
      const { owner, planId, approve } = await proposed();
      await database.pool.query(sql, [planId]);
      await expect(approve()).rejects.toThrow(PlanDamagedError);
      expect(await stateOf(planId)).toBe("stopped");
      expect(await deps.db.planApproval.count({ where: { planId } })).toBe(0);
      const event = (await eventsOf(planId)).at(-1);
      expect(event).toMatchObject({
        action: "plan.stopped",
        actorId: owner.userId,
        detail: expect.objectContaining({ reason: "damaged" }),
      });
      await expect(applyPlan(deps, owner, planId)).rejects.toThrow();
    },
  );

  test("[PLN-2] what was changed is not shown as if it had been proposed", async () => {
    const { owner, planId } = await proposed();
    await database.pool.query(`update plan_steps set content = ${rowset} where plan_id = $1`, [
      planId,
    ]);
    await expect(getPlanStep(deps, owner, planId, 1)).rejects.toThrow(PlanDamagedError);
  });
});

test("[PLN-3] an edit voids the approval: the new version waits, and the old yes does not count", async () => {
  const { owner, agent, planId, plan, write, approve } = await proposed();
  await approve();
  const edit = { reason: "", operations: [write()], expiresInMinutes: 60, version: 1 };
  const edited = await editPlan(deps, agent, planId, edit, { signal });
  expect(edited).toMatchObject({
    state: "proposed",
    version: 2,
    approvals: [],
    missing: ["owner"],
  });
  await expect(applyPlan(deps, owner, planId)).rejects.toThrow(PlanStateError);
  await expect(approve(undefined, { hash: plan.hash })).rejects.toThrow(PlanChangedError);
  expect(await approve(undefined, { hash: edited.hash })).toMatchObject({ state: "approved" });
});

test("an earlier version stays readable as it was, to whoever may read the plan, and no later one is there", async () => {
  const { owner, agent, planId, plan, write } = await proposed();
  const edit = { reason: "", operations: [write()], expiresInMinutes: 90, version: 1 };
  await editPlan(deps, agent, planId, edit, { signal });
  const read = (version?: number) =>
    listPlanSteps(deps, owner, planId, {
      limit: 50,
      ...(version === undefined ? {} : { version }),
    });
  expect((await read()).items).toHaveLength(1);
  const earlier = await read(1);
  expect(earlier.items).toHaveLength(plan.stepCount);
  expect(earlier.items[0]?.preview).not.toBeNull();
  await expect(read(3)).rejects.toThrow(NotFoundError);
});

describe("[PLN-6] a yes is a person's, with the right role, just proven", () => {
  test("[PLN-6] nobody else's session approves for the owner: not an admin's, a member's or a stranger's", async () => {
    const { owner, planId, approve } = await proposed();
    for (const role of ["owner", "admin"] as const) {
      await expect(approve(await another(owner.teamId, role))).rejects.toThrow(ForbiddenError);
    }
    await expect(approve(await another(owner.teamId, "member"))).rejects.toThrow(NotFoundError);
    await expect(approve(await given.person({ secondFactor: true }))).rejects.toThrow(
      NotFoundError,
    );
    expect(await stateOf(planId)).toBe("proposed");
  });

  test("[PLN-6] a member approves their own plan; the role is not what counts", async () => {
    const lead = await given.person();
    const { approve } = await proposed({ teamId: lead.teamId, role: "member" });
    expect(await approve()).toMatchObject({ state: "approved" });
  });

  test("[PLN-6] production wants its name typed, exactly", async () => {
    const { connectionId, planId, approve } = await proposed();
    for (const typed of [{}, { [connectionId]: unit.toLowerCase() }, { [planId]: unit }]) {
      await expect(approve(undefined, { typedNames: typed })).rejects.toThrow(TypedNameError);
    }
    expect(await stateOf(planId)).toBe("proposed");
    expect(await approve(undefined, { typedNames: { [connectionId]: ` ${unit} ` } })).toMatchObject(
      { state: "approved" },
    );
  });

  test("[PLN-6] the one name that is asked for may come alone", async () => {
    const { approve } = await proposed();
    const typed = (typedName: string) => approve(undefined, { typedNames: {}, typedName });
    await expect(typed(unit.toLowerCase())).rejects.toThrow(TypedNameError);
    expect(await typed(unit)).toMatchObject({ state: "approved" });
  });

  test("[PLN-6] a risk wants a second factor, or a sign-in, of the last minutes", async () => {
    const withFactor = await proposed();
    const without = await proposed({ secondFactor: false });
    deps.clock.advanceSeconds(20 * 60);
    await expect(withFactor.approve()).rejects.toThrow(SecondFactorRequiredError);
    await expect(without.approve()).rejects.toThrow(RecentSignInNeededError);
    expect(await stateOf(withFactor.planId)).toBe("proposed");
    expect(await stateOf(without.planId)).toBe("proposed");
  });
});

describe("[PLN-8] four eyes", () => {
  const wants = async (owner: Principal, ...kinds: Risk[]) => {
    const lead = owner.role === "owner" ? owner : await another(owner.teamId, "owner");
    await setFourEyes(deps, lead, { kinds });
  };

  test("[PLN-8] with a kind that the team chose, the plan waits for both, whoever comes first", async () => {
    const { owner, planId, approve } = await proposed();
    await wants(owner, "production");
    const admin = await another(owner.teamId, "admin");
    expect(await getPlan(deps, admin, planId)).toMatchObject({
      canApprove: "second",
      showsContent: true,
    });
    expect(await countPlansToDecide(deps, admin)).toBe(1);
    expect(await approve(admin)).toMatchObject({ state: "proposed", missing: ["owner"] });
    expect(await countPlansToDecide(deps, admin)).toBe(0);
    expect((await listPlans(deps, owner, toDecide)).items).toHaveLength(1);
    expect(await approve()).toMatchObject({ state: "approved", missing: [] });
    const events = (await eventsOf(planId)).filter(({ action }) => action === "plan.approved");
    expect(events.map(({ actorId, onBehalfOf }) => [actorId, onBehalfOf])).toEqual([
      [admin.userId, owner.userId],
      [owner.userId, null],
    ]);
  });

  test("[PLN-8] neither the owner twice, nor a member, nor a second admin for the owner is enough", async () => {
    const { owner, planId, approve } = await proposed();
    await wants(owner, "production");
    expect(await approve()).toMatchObject({ state: "proposed", missing: ["second"] });
    await expect(approve()).rejects.toThrow(ForbiddenError);
    await expect(approve(await another(owner.teamId, "member"))).rejects.toThrow(NotFoundError);
    await expect(applyPlan(deps, owner, planId)).rejects.toThrow(PlanStateError);
    const two = await proposed({ teamId: owner.teamId, role: "admin" });
    await two.approve(await another(owner.teamId, "admin"));
    const third = two.approve(await another(owner.teamId, "admin"));
    await expect(third).rejects.toThrow(ForbiddenError);
    expect(await stateOf(two.planId)).toBe("proposed");
  });

  test("[PLN-8] the second person types the name too, and has a second factor of just now", async () => {
    const { owner, approve } = await proposed();
    await wants(owner, "production");
    const bare = await another(owner.teamId, "admin", false);
    await expect(approve(bare)).rejects.toThrow(SecondFactorRequiredError);
    const admin = await another(owner.teamId, "admin");
    await expect(approve(admin, { typedNames: {} })).rejects.toThrow(TypedNameError);
  });

  test("[PLN-8] the last yes that is another's begins nothing: whose grants it uses applies it", async () => {
    const { owner, planId, approve } = await proposed();
    await wants(owner, "production");
    expect(await approve(owner, { apply: true })).toMatchObject({ state: "proposed" });
    const admin = await another(owner.teamId, "admin");
    expect(await approve(admin, { apply: true })).toMatchObject({ state: "approved" });
    expect((await eventsOf(planId)).map(({ action }) => action)).not.toContain("plan.apply_begun");
  });

  test("[PLN-6] a first yes that nobody gave, written into the database, stops the plan at the second", async () => {
    const { owner, plan, planId, approve } = await proposed();
    await wants(owner, "production");
    await database.pool.query(
      `insert into plan_approvals (id, plan_id, part, version, hash, user_id, approved_at, mac)
       values (gen_random_uuid(), $1, 'owner', 1, $2, $3, now(), $4)`,
      [planId, plan.hash, owner.userId, "0".repeat(64)],
    );
    await expect(approve(await another(owner.teamId, "admin"))).rejects.toThrow(PlanDamagedError);
    expect(await stateOf(planId)).toBe("stopped");
  });

  test("[PLN-8] a kind that the plan is not of wants nobody else", async () => {
    const { owner, approve } = await proposed();
    await wants(owner, "destructive", "send", "code", "bulk");
    expect(await approve()).toMatchObject({ state: "approved" });
  });

  test("[PLN-8] only an owner of the team, with a second factor, changes the rule, and the trail says so", async () => {
    const owner = await given.person({ secondFactor: true });
    const admin = await another(owner.teamId, "admin");
    const bare = await another(owner.teamId, "owner", false);
    const kinds: Risk[] = ["send", "production"];
    await expect(setFourEyes(deps, admin, { kinds })).rejects.toThrow(ForbiddenError);
    await expect(setFourEyes(deps, bare, { kinds })).rejects.toThrow(SecondFactorRequiredError);
    expect(await setFourEyes(deps, owner, { kinds })).toEqual({ kinds: ["production", "send"] });
    expect((await eventsOf(owner.teamId)).at(-1)).toMatchObject({
      action: "team.four_eyes_changed",
      detail: { from: [], to: ["production", "send"] },
    });
  });
});

describe("a no", () => {
  test("ends the plan with its words for the agent, and nothing is applied", async () => {
    const { owner, agent, planId, approve } = await proposed();
    await rejectPlan(deps, owner, planId, { reason: "Not on a Monday." });
    expect(await getPlan(deps, agent, planId)).toMatchObject({
      state: "rejected",
      endReason: "rejected",
      rejection: "Not on a Monday.",
      progress: { pending: 0, skipped: 2 },
    });
    await expect(approve()).rejects.toThrow(PlanStateError);
    expect(JSON.stringify((await eventsOf(planId)).at(-1)?.detail)).not.toContain("Monday");
  });

  test("is the owner's or, where two are wanted, the second person's; an admin cancels instead", async () => {
    const { owner, planId } = await proposed();
    const admin = await another(owner.teamId, "admin");
    const no = () => rejectPlan(deps, admin, planId, { reason: "" });
    await expect(no()).rejects.toThrow(ForbiddenError);
    await setFourEyes(deps, owner, { kinds: ["production"] });
    expect(await no()).toMatchObject({ state: "rejected" });
  });
});

describe("taking it back", () => {
  test("the agent, the owner or an admin with a second factor; nobody else", async () => {
    const { owner, agent, propose, planId } = await proposed();
    const bare = await another(owner.teamId, "admin", false);
    const member = await another(owner.teamId, "member");
    await expect(cancelPlan(deps, bare, planId)).rejects.toThrow(SecondFactorRequiredError);
    await expect(cancelPlan(deps, member, planId)).rejects.toThrow(NotFoundError);
    const admin = await another(owner.teamId, "admin");
    expect(await cancelPlan(deps, agent, planId)).toMatchObject({
      state: "cancelled",
      endReason: "cancelled_by_proposer",
    });
    const two = await propose();
    expect(await cancelPlan(deps, admin, two.id)).toMatchObject({
      endReason: "cancelled_by_admin",
    });
    const event = (await eventsOf(two.id)).at(-1);
    expect(event).toMatchObject({ actorId: admin.userId, onBehalfOf: owner.userId });
    const three = await propose();
    expect(await cancelPlan(deps, owner, three.id)).toMatchObject({
      endReason: "cancelled_by_owner",
    });
    await expect(cancelPlan(deps, owner, three.id)).rejects.toThrow(PlanStateError);
  });

  test("[PLN-7] one that is being applied stops; an agent does not stop it", async () => {
    const { owner, agent, planId, approve } = await proposed();
    await approve();
    await deps.db.plan.update({ where: { id: planId }, data: { state: "applying" } });
    await expect(cancelPlan(deps, agent, planId)).rejects.toThrow(PlanStateError);
    expect(await cancelPlan(deps, owner, planId)).toMatchObject({
      state: "stopped",
      endReason: "cancelled_by_owner",
      progress: { skipped: 2 },
    });
  });
});

describe("[PLN-7] what is over, or stands on nothing any more", () => {
  test("[PLN-7] a plan that nobody decided in time is not approved, and expires", async () => {
    const { owner, planId, approve } = await proposed({ secondFactor: false });
    deps.clock.advanceSeconds(60 * 60);
    await expect(approve()).rejects.toThrow(PlanStateError);
    await sweepPlans(deps);
    expect(await getPlan(deps, owner, planId)).toMatchObject({
      state: "expired",
      endReason: "expired",
      progress: { skipped: 2 },
    });
    const [, event] = await eventsOf(planId);
    expect(event).toMatchObject({ action: "plan.expired", actorKind: "nobody" });
  });

  test("[PLN-7] one that was approved in time is not applied after it", async () => {
    const { owner, planId, approve } = await proposed();
    await approve();
    deps.clock.advanceSeconds(60 * 60);
    await expect(applyPlan(deps, owner, planId)).rejects.toThrow(PlanStateError);
    await sweepPlans(deps);
    expect(await stateOf(planId)).toBe("expired");
  });

  test("[PLN-7] with its key, agent or owner a plan stops at once", async () => {
    const byKey = await proposed();
    await revokeKey(deps, byKey.owner, byKey.agentId, byKey.keyId);
    expect(await stateOf(byKey.planId)).toBe("stopped");
    const byAgent = await proposed();
    await editAgent(deps, byAgent.owner, byAgent.agentId, { isDisabled: true });
    const shown = await getPlan(deps, byAgent.owner, byAgent.planId);
    expect(shown).toMatchObject({ state: "stopped", endReason: "agent_disabled" });
    const lead = await given.person({ secondFactor: true });
    const gone = await proposed({ teamId: lead.teamId, role: "member" });
    await gone.approve();
    await removeMember(deps, lead, gone.owner.userId);
    expect(await getPlan(deps, lead, gone.planId)).toMatchObject({
      state: "stopped",
      endReason: "member_removed",
    });
  });

  test("[PLN-7] a grant that ended is refused at the next word, and swept", async () => {
    const { owner, connectionId, planId, approve } = await proposed();
    const { id } = await deps.db.grant.findFirstOrThrow({ where: { connectionId } });
    await disconnectGrant(deps, owner, id);
    await expect(approve()).rejects.toThrow(PlanFaultError);
    await sweepPlans(deps);
    expect(await getPlan(deps, owner, planId)).toMatchObject({
      state: "stopped",
      endReason: "grant_ended",
    });
  });

  test("[PLN-7] a kill switch stops the plans of what it killed, and no others", async () => {
    const [dead, alive] = [await proposed(), await proposed()];
    await kill(deps, { kind: "agent", id: dead.agentId }, { asksProviders: false });
    expect(await stateOf(dead.planId)).toBe("stopped");
    expect(await stateOf(alive.planId)).toBe("proposed");
  });
});

test("an export holds what was hashed, line by line, and is recorded; who sees no contents gets none", async () => {
  const { owner, plan, planId } = await proposed();
  const pieces = await Array.fromAsync(await exportPlan(deps, owner, planId));
  const [first, ...steps] = pieces
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(first).toMatchObject({ id: planId, hash: plan.hash });
  expect(steps.map(({ content, hash }) => hashOfText(content) === hash)).toEqual([true, true]);
  expect((await eventsOf(planId)).at(-1)).toMatchObject({ action: "plan.exported" });
  const admin = await another(owner.teamId, "admin");
  await expect(exportPlan(deps, admin, planId)).rejects.toThrow(ForbiddenError);
});
