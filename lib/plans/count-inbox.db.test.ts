import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { Principal } from "#lib/core/principal.ts";
import { countInbox } from "#lib/plans/count-inbox.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given } = await testStudio();
const HOUR_MS = 3_600_000;

async function givenPlan(
  owner: Principal,
  of: { risks?: string[]; state?: "proposed" | "rejected"; expiresInMs?: number } = {},
): Promise<string> {
  const id = randomUUID();
  const createdAt = deps.clock.now();
  await deps.db.plan.create({
    data: {
      id,
      teamId: owner.teamId,
      ownerId: owner.userId,
      title: "Tag lapsed members",
      hash: "0".repeat(64),
      state: of.state ?? "proposed",
      stepCount: 1,
      records: 1,
      recipients: 0,
      risks: of.risks ?? [],
      createdAt,
      updatedAt: createdAt,
      expiresAt: new Date(createdAt.getTime() + (of.expiresInMs ?? HOUR_MS)),
    },
  });
  return id;
}

const plansOf = async (person: Principal) => (await countInbox(deps, person)).plans;

async function approve(planId: string, { userId }: Principal, part: "owner" | "second") {
  await deps.db.planApproval.create({
    data: {
      id: randomUUID(),
      planId,
      version: 1,
      hash: "0".repeat(64),
      userId,
      part,
      approvedAt: deps.clock.now(),
    },
  });
}

test("what waits for a person is counted: proposed, in time, theirs and not approved by them yet", async () => {
  const person = await given.person({ role: "member" });
  const planId = await givenPlan(person);
  await givenPlan(person, { state: "rejected" });
  await givenPlan(person, { expiresInMs: 0 });
  expect(await countInbox(deps, person)).toEqual({ plans: 1, requests: 0, agents: 0 });
  await approve(planId, person, "owner");
  expect(await plansOf(person)).toBe(0);
});

test("[PLN-8] where the team wants two people, an admin is waited for too, until a second one approved", async () => {
  const owner = await given.person({ role: "member" });
  const { teamId } = owner;
  const admin = await given.person({ teamId, role: "admin" });
  const member = await given.person({ teamId, role: "member" });
  const planId = await givenPlan(owner, { risks: ["production", "send"] });
  expect(await plansOf(admin)).toBe(0);
  await deps.db.team.update({ where: { id: teamId }, data: { fourEyes: ["send"] } });
  expect([await plansOf(owner), await plansOf(admin), await plansOf(member)]).toEqual([1, 1, 0]);
  await approve(planId, admin, "second");
  expect([await plansOf(owner), await plansOf(admin)]).toEqual([1, 0]);
});

test("[TEN-2] nothing of another team is counted", async () => {
  const [one, other] = [await given.person(), await given.person()];
  await givenPlan(other);
  await deps.db.team.updateMany({ data: { fourEyes: ["production"] } });
  expect(await plansOf(one)).toBe(0);
});
