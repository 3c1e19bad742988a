import { expect, test } from "vitest";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { agentPlanInputSchema } from "#lib/plans/schema.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { applyAt, type Place } from "#lib/testing/apply-at.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator } = studio;
const { place, read, applied, ...at } = applyAt(studio);

const givenOrg = () => place(givenDefinitions.halden, "dana.kowalczyk@halden.example");
const rowsOf = async (org: Place, soql: string) =>
  (await read(org, "salesforce.query", { soql })).records;
const accountAt = async (org: Place, number: number) =>
  (
    await rowsOf(
      org,
      `SELECT Id, Phone FROM Account WHERE ExternalKey__c = 'ERP-${10_000 + number}'`,
    )
  )[0] as { Id: string; Phone: string };

const planned = (org: Place, id: string, Phone: string) =>
  at.planned(org, "salesforce.records.update", { object: "Account", id, values: { Phone } });
const patches = () =>
  simulator.log.requestsTo(/\/sobjects\/Account\//).filter(({ method }) => method === "PATCH");

test("an approved update reaches the org once, with exactly the bytes that were shown", async () => {
  const org = await givenOrg();
  const { Id } = await accountAt(org, 1);
  const planId = await planned(org, Id, "+1 555 7001");
  expect(await applied(org, planId)).toMatchObject({
    state: "applied",
    outcome: { output: { ids: [Id], succeeded: 1 } },
  });
  expect(patches().map(({ body }) => body.toString())).toEqual(['{"Phone":"+1 555 7001"}']);
  expect((await accountAt(org, 1)).Phone).toBe("+1 555 7001");
});

test("[PLN-5] an answer that was cut is settled by reading back, whether it happened or not", async () => {
  const org = await givenOrg();
  const ends = [];
  for (const [number, stage] of [
    [2, "after-work"],
    [3, "before-work"],
  ] as const) {
    const { Id } = await accountAt(org, number);
    const planId = await planned(org, Id, "+1 555 7002");
    const path = `/services/data/v60.0/sobjects/Account/${Id}`;
    simulator.faults.set(wireFaults.cut, { stage }, { path, times: 1 });
    ends.push((await applied(org, planId)).state);
  }
  expect(ends).toEqual(["applied", "failed"]);
  expect(patches()).toHaveLength(2);
  expect((await accountAt(org, 2)).Phone).toBe("+1 555 7002");
  expect((await accountAt(org, 3)).Phone).not.toBe("+1 555 7002");
});

test("[PLN-10] a record that somebody changed meanwhile is not written over", async () => {
  const org = await givenOrg();
  const { Id } = await accountAt(org, 4);
  const first = await planned(org, Id, "+1 555 7004");
  const second = await planned(org, Id, "+1 555 7005");
  expect((await applied(org, first)).state).toBe("applied");
  expect((await applied(org, second)).state).toBe("drifted");
  expect(patches()).toHaveLength(1);
});

test("a plan of many changes of one object has it described once", async () => {
  const org = await givenOrg();
  const accounts = await rowsOf(org, "SELECT Id FROM Account ORDER BY Id DESC LIMIT 8");
  const plan = await proposePlan(
    deps,
    org.owner,
    agentPlanInputSchema.parse({
      reason: "One number for all.",
      operations: accounts.map(({ Id: id }: { Id: string }) => ({
        operationId: "salesforce.records.update",
        connectionId: org.connectionId,
        input: { object: "Account", id, values: { Phone: "+1 555 7010" } },
      })),
    }),
    { signal: new AbortController().signal },
  );
  expect(plan).toMatchObject({ state: "proposed" });
  expect(await deps.db.planStep.count({ where: { planId: plan.id } })).toBe(8);
  expect(simulator.log.requestsTo(/\/describe$/)).toHaveLength(1);
});

test("a grant of everything may read without naming the scope", async () => {
  const org = await givenOrg();
  const { connectionId } = org;
  const scopes = ["full", "refresh_token"];
  await deps.db.grant.updateMany({ where: { connectionId }, data: { scopes } });
  expect(await read(org, "salesforce.limits", {})).toMatchObject({
    limits: expect.arrayContaining([expect.objectContaining({ name: "DailyApiRequests" })]),
  });
});
