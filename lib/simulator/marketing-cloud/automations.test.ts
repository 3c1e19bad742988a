import { describe, expect, test } from "vitest";
import { connectedCloud } from "./testing.ts";

const automations = "/automation/v1/automations";
const legacy = "/legacy/v1/beta/bulk/automations/automation/definition";
// biome-ignore lint/suspicious/noExplicitAny: a provider's JSON, read by tests
type Any = any;

describe("a list of automations", () => {
  test("has all states but running, which only a run makes", async () => {
    const { read } = await connectedCloud();
    const { count, items } = await read(`${automations}?$pageSize=100`);
    expect(count).toBeGreaterThan(30);
    const states = new Set(items.map(({ statusId }: Any) => statusId));
    expect([...states].sort((a, b) => Number(a) - Number(b))).toEqual([-1, 0, 1, 2, 4, 5, 6, 7, 8]);
    expect(items[0]).not.toHaveProperty("steps");
    expect(items.some(({ description }: Any) => description === null)).toBe(true);
  });

  test("is filtered and ordered", async () => {
    const { read } = await connectedCloud();
    const one = await read(`${automations}?$filter=name eq 'Nightly import'`);
    expect([one.count, one.items[0].key]).toEqual([1, "nightly-import"]);
    const { items } = await read(`${automations}?$orderBy=name desc&$pageSize=3&$page=2`);
    expect(items).toHaveLength(3);
  });
});

describe("a run", () => {
  test.each([
    ["id", (one: Any) => one.id],
    ["key", (one: Any) => `key:${one.key}`],
  ])("by %s is running for a while, and then what it was before", async (_by, name) => {
    const { act, clock, read } = await connectedCloud();
    const one = (await read(`${automations}?$filter=key eq 'newsletter-send'`)).items[0];
    const run = `${automations}/${name(one)}/actions/runallonce`;
    expect((await act("POST", run)).status).toBe(200);
    expect(await read(`${automations}/${one.id}`)).toMatchObject({
      statusId: 3,
      status: "Running",
      lastRunTime: "2026-11-02T09:00:00",
    });
    const again = await act("POST", run);
    expect([again.status, again.json.errorcode]).toEqual([409, 30002]);
    clock.advanceSeconds(60);
    expect((await read(`${automations}/${one.id}`)).status).toBe("Ready");
  });

  test("leaves a schedule as it was", async () => {
    const { act, clock, read } = await connectedCloud();
    await act("POST", `${automations}/key:nightly-import/actions/runallonce`);
    clock.advanceSeconds(60);
    expect((await read(`${automations}/key:nightly-import`)).status).toBe("Scheduled");
  });

  test.each(["half-built", "missing-target"])("of %s is refused", async (key) => {
    const { act } = await connectedCloud();
    const answer = await act("POST", `${automations}/key:${key}/actions/runallonce`);
    expect(answer.status).toBe(409);
  });

  test("start wants steps", async () => {
    const { act } = await connectedCloud();
    const path = `${automations}/key:nightly-import/actions/start`;
    const answer = await act("POST", path);
    expect([answer.status, answer.json.message]).toEqual([400, "Steps is required."]);
    expect((await act("POST", path, { Steps: [{ id: "1" }] })).status).toBe(200);
  });

  test("pause and schedule are not routes of the family", async () => {
    const { act } = await connectedCloud();
    for (const action of ["pause", "schedule", "resume"]) {
      const answer = await act("POST", `${automations}/key:nightly-import/actions/${action}`);
      expect(answer.status).toBe(404);
    }
  });
});

describe("an automation", () => {
  const definition = {
    name: "Weekly digest",
    key: "weekly-digest",
    startSource: { typeId: 1, schedule: { icalRecur: "FREQ=WEEKLY", timezoneId: 5 } },
    steps: [
      {
        name: "one",
        activities: [
          { name: "Digest", objectTypeId: 42, activityObjectId: "a-1", displayOrder: 1 },
        ],
      },
    ],
  };

  test("is made, scheduled by the old route, paused, changed and deleted", async () => {
    const { act, read } = await connectedCloud();
    const made = await act("POST", automations, definition);
    expect([made.status, made.json.statusId]).toEqual([201, 4]);
    const { id, legacyId, startSource } = made.json;
    const scheduleObject = { id: startSource.schedule.id };
    const on = await act("POST", `${legacy}/?action=schedule`, { id: legacyId, scheduleObject });
    expect([on.status, on.json]).toEqual([200, { id: legacyId }]);
    expect((await read(`${automations}/${id}`)).status).toBe("Scheduled");
    const wrong = { id: legacyId, scheduleObject: { id: "other" } };
    expect((await act("POST", `${legacy}/?action=schedule`, wrong)).status).toBe(400);
    await act("POST", `${legacy}/?action=pauseSchedule`, { id: legacyId });
    expect(await read(`${automations}/${id}`)).toMatchObject({
      status: "PausedSchedule",
      schedule: { scheduleStatus: "paused" },
    });
    const changed = await act("PATCH", `${automations}/${id}`, { description: "Mondays" });
    expect([changed.status, changed.json.description]).toEqual([200, "Mondays"]);
    expect((await act("DELETE", `${automations}/${id}`)).status).toBe(200);
    expect((await read(`${automations}/${id}`)).errorcode).toBe(30003);
  });

  test("keys and names are taken once", async () => {
    const { act } = await connectedCloud();
    const key = await act("POST", automations, { name: "Another", key: "nightly-import" });
    expect([key.status, key.json.errorcode]).toEqual([409, 30004]);
    expect((await act("POST", automations, { name: "Nightly import", key: "x" })).status).toBe(409);
  });

  test("the old list tells the legacy ids, in pages counted from nought", async () => {
    const { read } = await connectedCloud();
    const page = await read(`${legacy}/?$top=5&$skip=1`);
    expect([page.startIndex, page.itemsPerPage, page.entry.length]).toEqual([1, 5, 5]);
    expect((await read(`${legacy}/${page.entry[0].id}`)).key).toBe(page.entry[0].key);
  });
});

test("queries come in pages of twenty-five, start and run for a while", async () => {
  const { act, clock, read } = await connectedCloud();
  const { items, pageSize } = await read("/automation/v1/queries?$pageSize=500");
  expect(pageSize).toBe(25);
  const path = `/automation/v1/queries/${items[0].queryDefinitionId}/actions`;
  const started = await act("POST", `${path}/start`);
  expect([started.status, started.json]).toEqual([200, "OK"]);
  expect((await read(`${path}/isrunning`)).isRunning).toBe(true);
  clock.advanceSeconds(6);
  expect((await read(`${path}/isrunning`)).isRunning).toBe(false);
});

test.each([
  ["GET", automations, "automations_write"],
  ["POST", automations, "automations_read automations_execute"],
  ["PATCH", `${automations}/nothing`, "automations_read"],
  ["DELETE", `${automations}/nothing`, "automations_read"],
  ["POST", `${automations}/nothing/actions/runallonce`, "automations_read automations_write"],
  ["POST", `${legacy}/?action=schedule`, "automations_read automations_write"],
  ["POST", "/automation/v1/queries/nothing/actions/start", "automations_read"],
])("%s %s is not for a token with %s", async (method, path, scope) => {
  const { act } = await connectedCloud(scope);
  expect((await act(method, path, {})).status).toBe(403);
});
