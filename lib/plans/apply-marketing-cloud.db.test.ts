import { expect, test } from "vitest";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { applyAt, type Place } from "#lib/testing/apply-at.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { simulator } = studio;
const { place, applied, ...at } = applyAt(studio);

const givenUnit = () => place(givenDefinitions.haldenUnit, "d.kowalczyk@halden");
const read = (unit: Place, name: string, input: object) =>
  at.read(unit, `marketing-cloud.${name}`, input);
const planned = (unit: Place, name: string, input: object) =>
  at.planned(unit, `marketing-cloud.${name}`, input);
const rowOf = async (unit: Place, OrderId: string) => {
  const filter = { conditions: [{ column: "OrderId", is: "eq", value: OrderId }] };
  return (await read(unit, "data-extensions.rows", { key: "Orders", filter })).rows[0];
};
const sentTo = (path: RegExp) =>
  simulator.log.requestsTo(path).filter(({ method }) => method !== "GET");

test("approved rows reach the business unit once, with exactly the bytes that were shown", async () => {
  const unit = await givenUnit();
  const planId = await planned(unit, "rows.upsert", {
    key: "Orders",
    rows: [{ OrderId: "O000001", Status: "lost & <found>" }],
  });
  expect(await applied(unit, planId)).toMatchObject({
    state: "applied",
    outcome: { output: { written: 1, added: 0, changed: 1 } },
  });
  expect(sentTo(/dataevents/).map(({ body }) => body.toString())).toEqual([
    '[{"keys":{"OrderId":"O000001"},"values":{"Status":"lost & <found>"}}]',
  ]);
  expect((await rowOf(unit, "O000001")).Status).toBe("lost & <found>");
});

test("a SOAP write has its token in the envelope's header, and what is stored has none", async () => {
  const unit = await givenUnit();
  const planId = await planned(unit, "rows.delete", {
    key: "Orders",
    rows: [{ OrderId: "O000002" }],
  });
  const step = await applied(unit, planId);
  expect(step).toMatchObject({ state: "applied", outcome: { output: { deleted: 1 } } });
  expect(step.content).toContain("studio-token</fueloauth>");
  const sent = sentTo(/Service\.asmx/).map(({ body }) => body.toString());
  expect(sent.filter((body) => body.includes("<DeleteRequest"))).toHaveLength(1);
  expect(sent.filter((body) => body.includes("studio-token"))).toEqual([]);
  expect(await rowOf(unit, "O000002")).toBeUndefined();
});

test("[PLN-5] rows whose answer was cut are settled by reading back, whether it happened or not", async () => {
  const unit = await givenUnit();
  const ends = [];
  for (const stage of ["after-work", "before-work"] as const) {
    const rows = [{ OrderId: `CUT-${stage}`, Status: "placed" }];
    const planId = await planned(unit, "rows.upsert", { key: "Orders", rows });
    simulator.faults.set(wireFaults.cut, { stage }, { path: "/hub/v1/dataevents", times: 1 });
    ends.push((await applied(unit, planId)).state);
  }
  expect(ends).toEqual(["applied", "failed"]);
  expect(sentTo(/dataevents/)).toHaveLength(2);
  expect(await rowOf(unit, "CUT-before-work")).toBeUndefined();
});

test("[PLN-5] a run whose answer was cut is left to a person, and not begun again", async () => {
  const unit = await givenUnit();
  const { automations } = await read(unit, "automations.list", { name: "Winback refresh" });
  const planId = await planned(unit, "automations.run-once", { automation: automations[0].id });
  const path = `/automation/v1/automations/${automations[0].id}/actions`;
  simulator.faults.set(wireFaults.cut, { stage: "after-work" }, { path, times: 1 });
  expect((await applied(unit, planId)).state).toBe("unknown");
  expect(sentTo(/runallonce/)).toHaveLength(1);
});

test("a message goes out once, and what became of it is read by its key", async () => {
  const unit = await givenUnit();
  const { definitions } = await read(unit, "sends.definitions", { status: "Active" });
  const planId = await planned(unit, "sends.send", {
    definition: definitions[0].key,
    recipients: [{ contactKey: "G1", to: "guest@mail.example" }],
  });
  const step = await applied(unit, planId);
  expect(step).toMatchObject({ state: "applied", outcome: { output: { accepted: 1 } } });
  expect(sentTo(/email\/messages/)).toHaveLength(1);
  const [, messageKey] = /messages\/(studio-[\w-]+)"/.exec(step.content) ?? [];
  expect(["queued", "sent"]).toContain((await read(unit, "sends.status", { messageKey })).state);
});

test("[PLN-10] a row that somebody changed meanwhile is not written over", async () => {
  const unit = await givenUnit();
  const row = { OrderId: "O000003", Status: "first" };
  const first = await planned(unit, "rows.upsert", { key: "Orders", rows: [row] });
  const second = await planned(unit, "rows.upsert", {
    key: "Orders",
    rows: [{ ...row, Status: "second" }],
  });
  expect((await applied(unit, first)).state).toBe("applied");
  expect((await applied(unit, second)).state).toBe("drifted");
  expect((await rowOf(unit, "O000003")).Status).toBe("first");
});

test("the whole catalogue is read through the studio's own door", async () => {
  const unit = await givenUnit();
  const { dataExtensions, next } = await read(unit, "data-extensions.list", {});
  expect(dataExtensions.length).toBeGreaterThan(5);
  expect(next).toBeNull();
});
