import { describe, expect, test } from "vitest";
import { marketingCloudFaults } from "./switches.ts";
import { connectedCloud, halden } from "./testing.ts";

const interactions = "/interaction/v1/interactions";
// biome-ignore lint/suspicious/noExplicitAny: a provider's JSON, read by tests
type Any = any;

async function studio(scope?: string) {
  const cloud = await connectedCloud(scope);
  const find = async (status: string) =>
    (await cloud.read(`${interactions}?status=${status}&extras=all`)).items as Any[];
  return { ...cloud, find };
}

const email = { type: "EMAILV2", key: "EMAILV2-1", outcomes: [] };
const wait = {
  type: "WAIT",
  key: "WAITBYDURATION-1",
  configurationArguments: { waitDuration: 2, waitUnit: "DAYS" },
};
const trigger = {
  key: "TRIGGER",
  type: "APIEvent",
  name: "Entry",
  metaData: { eventDefinitionKey: "APIEvent-tests" },
};
const definition = {
  key: "fresh",
  name: "Fresh start",
  workflowApiVersion: 1.0,
  triggers: [trigger],
  activities: [email, wait, { ...email, key: "EMAILV2-2" }],
};

describe("a list of journeys", () => {
  test("has all states, versions and odd ones in a full unit", async () => {
    const { read } = await studio();
    const all = (await read(`${interactions}?mostRecentVersionOnly=false&$pageSize=500`)).items;
    expect(all.length).toBeGreaterThan(55);
    const statuses = new Set(all.map(({ status }: Any) => status));
    expect([...statuses].sort()).toEqual([
      "Draft",
      "Paused",
      "Published",
      "ScheduledToPublish",
      "Stopped",
      "Unpublished",
    ]);
    const draft = all.find(({ status }: Any) => status === "Draft");
    expect(draft.lastPublishedDate).toBe("0001-01-01T00:00:00");
    expect(all.some(({ description }: Any) => description === null)).toBe(true);
    expect(all.some(({ name }: Any) => /\u200f/.test(name))).toBe(true);
  });

  test("shows the newest version alone unless asked otherwise, the last modified first", async () => {
    const { read } = await studio();
    const page = await read(`${interactions}?$pageSize=500`);
    expect(new Set(page.items.map(({ id }: Any) => id)).size).toBe(page.count);
    const dates = page.items.map(({ modifiedDate }: Any) => modifiedDate);
    expect(dates).toEqual([...dates].sort().reverse());
    const first = await read(`${interactions}?versionNumber=1&$pageSize=500&$orderBy=Name ASC`);
    expect(first.items.every(({ version }: Any) => version === 1)).toBe(true);
    const names = first.items.map(({ name }: Any) => name.toLowerCase());
    expect(names).toEqual([...names].sort());
  });

  test.each([
    ["status=Published", (one: Any) => one.status === "Published"],
    ["definitionType=Quicksend", (one: Any) => one.definitionType === "Quicksend"],
    ["nameOrDescription=cart", (one: Any) => /cart/i.test(`${one.name} ${one.description}`)],
  ])("is filtered by %s", async (query, isWanted) => {
    const { read } = await studio();
    const { items, count } = await read(`${interactions}?${query}&$pageSize=500`);
    expect(items.every(isWanted)).toBe(true);
    expect([count > 0, count < 45]).toEqual([true, true]);
  });

  test("brings activities only with extras", async () => {
    const { read } = await studio();
    const bare = (await read(`${interactions}?$pageSize=1`)).items[0];
    expect(bare).not.toHaveProperty("activities");
    const more = (await read(`${interactions}?$pageSize=1&extras=activities`)).items[0];
    expect(more.activities[0]).not.toHaveProperty("outcomes");
    const all = (await read(`${interactions}?$pageSize=1&extras=all`)).items[0];
    expect(all.activities[0]).toHaveProperty("outcomes");
  });

  test("is each business unit's own", async () => {
    const { connect, get, read } = await studio();
    const { access } = await connect({}, halden.dana, { account_id: halden.mids.dach });
    const there = (await get(access, `${interactions}?$pageSize=500`)).json.items;
    const here = (await read(`${interactions}?$pageSize=500`)).items;
    const ids = new Set(here.map(({ id }: Any) => id));
    expect(there.filter(({ id }: Any) => ids.has(id))).toEqual([]);
  });
});

describe("a draft", () => {
  test("is made, read by id and key, replaced by who saw its last state, and deleted", async () => {
    const { act, read } = await studio();
    const made = await act("POST", interactions, definition);
    expect([made.status, made.json.status, made.json.version]).toEqual([200, "Draft", 1]);
    expect(made.json.lastPublishedDate).toBe("0001-01-01T00:00:00");
    expect((await read(`${interactions}/key:FRESH`)).id).toBe(made.json.id);

    const changed = await act("PUT", interactions, { ...made.json, name: "Fresher start" });
    expect([changed.status, changed.json.name]).toEqual([200, "Fresher start"]);
    const late = await act("PUT", interactions, { ...made.json, name: "Too late" });
    expect([late.status, late.json.errorcode]).toEqual([409, 30002]);
    const other = await act("PUT", interactions, { ...changed.json, version: 7 });
    expect(other.status).toBe(404);

    const gone = await act("DELETE", `${interactions}/${made.json.id}?versionNumber=1`);
    expect([gone.status, gone.text]).toEqual([200, ""]);
    const after = await read(`${interactions}/${made.json.id}`);
    expect(after.errorcode).toBe(30003);
    const deleted = (await read(`${interactions}?status=Deleted`)).items;
    expect(deleted.map(({ key }: Any) => key)).toEqual(["fresh"]);
  });

  test("of a key that runs already is its next version; two drafts of one key are one too many", async () => {
    const { act, find } = await studio();
    const [published] = await find("Published");
    const next = await act("POST", interactions, { ...definition, key: published.key });
    expect([next.json.id, next.json.version]).toEqual([published.id, published.version + 1]);
    expect(next.json.definitionId).not.toBe(published.definitionId);
    const again = await act("POST", interactions, { ...definition, key: published.key });
    expect([again.status, again.json.errorcode]).toEqual([409, 30004]);
  });

  test.each([
    ["no key", { key: undefined }, 10002],
    ["no name", { name: "  " }, 10002],
    ["another API", { workflowApiVersion: 2 }, 10005],
    ["no API", { workflowApiVersion: null }, 10002],
    ["activities that are none", { activities: "all" }, 10001],
    ["a type nobody knows", { definitionType: "Odyssey" }, 10005],
    ["a name of a thousand letters", { name: "x".repeat(1000) }, 10005],
  ])("with %s is refused", async (_name, change, errorcode) => {
    const { act } = await studio();
    const answer = await act("POST", interactions, { ...definition, ...change });
    expect([answer.status, answer.json.errorcode]).toEqual([400, errorcode]);
  });
});

describe("publishing", () => {
  const publish = async (given: Awaited<ReturnType<typeof studio>>, id: string, version = 1) =>
    (await given.act("POST", `${interactions}/publishAsync/${id}?versionNumber=${version}`)).json;

  test.each(["the clock", "looking often"])("is through by %s", async (by) => {
    const given = await studio();
    const { act, read, clock } = given;
    const { id } = (await act("POST", interactions, definition)).json;
    const { statusUrl } = await publish(given, id);
    expect(await read(statusUrl)).toEqual({
      status: "PublishInProcess",
      errors: [],
      warnings: [],
    });
    expect((await read(`${interactions}/${id}`)).status).toBe("Draft");
    if (by === "the clock") clock.advanceSeconds(5);
    else await read(statusUrl);
    expect((await read(statusUrl)).status).toBe("PublishCompleted");
    expect(await read(`${interactions}/${id}`)).toMatchObject({
      status: "Published",
      lastPublishedDate: expect.stringMatching(/^2026/),
    });
    const again = await act("POST", `${interactions}/publishAsync/${id}?versionNumber=1`);
    expect([again.status, again.json.errorcode]).toEqual([409, 30002]);
  });

  test("a new version takes over from the one before", async () => {
    const given = await studio();
    const [old] = await given.find("Published");
    const made = await given.act("POST", interactions, { ...definition, key: old.key });
    await publish(given, old.id, made.json.version);
    given.clock.advanceSeconds(5);
    const before = await given.read(`${interactions}/${old.id}?versionNumber=${old.version}`);
    const now = await given.read(`${interactions}/${old.id}`);
    expect([before.status, now.status]).toEqual(["Unpublished", "Published"]);
  });

  test("what is wrong is told by its status, and the draft stays a draft", async () => {
    const given = await studio();
    const { act, read, clock } = given;
    const bare = { key: "bare", name: "Bare", workflowApiVersion: 1 };
    const { id } = (await act("POST", interactions, bare)).json;
    const { statusUrl } = await publish(given, id);
    clock.advanceSeconds(5);
    const answer = await read(statusUrl);
    expect([answer.status, answer.errors.length]).toEqual(["Error", 2]);
    expect((await read(`${interactions}/${id}`)).status).toBe("Draft");

    const spring = await read(`${interactions}/key:spring-catalogue`);
    const job = await publish(given, spring.id, spring.version);
    clock.advanceSeconds(5);
    expect((await read(job.statusUrl)).errors[0]).toMatchObject({
      errorCode: "121008",
      errorDetail: expect.stringContaining("unverified from email address"),
      additionalInfo: { activityType: "EMAILV2" },
    });
  });

  test("validation says the same and changes nothing", async () => {
    const { act, read, clock } = await studio();
    const { id } = (await act("POST", interactions, definition)).json;
    const { json } = await act("POST", `${interactions}/validateAsync/${id}?versionNumber=1`);
    clock.advanceSeconds(5);
    expect((await read(json.statusUrl)).status).toBe("ValidateCompleted");
    expect((await read(`${interactions}/${id}`)).status).toBe("Draft");
    const elsewhere = json.statusUrl.replace("validateStatus", "publishStatus");
    expect((await read(elsewhere)).errorcode).toBe(30003);
  });
});

describe("a running journey", () => {
  test("stops, once its version is named, and is not deleted before", async () => {
    const { act, find } = await studio();
    const [{ id, version }] = await find("Published");
    const early = await act("DELETE", `${interactions}/${id}?versionNumber=${version}`);
    expect([early.status, early.json.errorcode]).toEqual([409, 30002]);
    const unnamed = await act("POST", `${interactions}/stop/${id}`);
    expect([unnamed.status, unnamed.json.errorcode]).toEqual([400, 10002]);
    const stopped = await act("POST", `${interactions}/stop/${id}?versionNumber=${version}`);
    expect([stopped.status, stopped.text]).toEqual([200, ""]);
    const again = await act("POST", `${interactions}/stop/${id}?versionNumber=${version}`);
    expect(again.json.errorcode).toBe(10000);
    expect((await act("DELETE", `${interactions}/${id}`)).status).toBe(200);
  });

  test("pauses for some days and goes on by itself, or stops then", async () => {
    const { act, find, read, clock, connect, get } = await studio();
    const [first, second] = await find("Published");
    const body = (GuardrailAction: string) => ({
      ExtendWaitEndDates: false,
      PausedDays: 3,
      GuardrailAction,
    });
    const at = ({ id, version }: Any) => `${id}?versionNumber=${version}`;
    const done = await act("POST", `${interactions}/pause/${at(first)}`, body("Resume"));
    expect([done.status, done.json]).toEqual([202, { status: "Accepted" }]);
    await act("POST", `${interactions}/pause/key:${second.key}?allVersions=true`, body("Stop"));
    expect((await read(`${interactions}/${first.id}`)).status).toBe("Paused");
    clock.advanceSeconds(3 * 24 * 3600);
    const { access } = await connect();
    const now = async ({ id }: Any) => (await get(access, `${interactions}/${id}`)).json.status;
    expect([await now(first), await now(second)]).toEqual(["Published", "Stopped"]);
  });

  test("is resumed; what is not paused is not", async () => {
    const { act, find, read } = await studio();
    const [{ id, version }] = await find("Paused");
    const path = `${interactions}/resume/${id}?versionNumber=${version}`;
    expect((await act("POST", path)).status).toBe(202);
    expect((await read(`${interactions}/${id}`)).status).toBe("Published");
    const again = await act("POST", path);
    expect([again.status, again.json.errorcode]).toEqual([400, 10000]);
  });

  test("a pause of no version is refused with a 202, as seen; with a 400, as written", async () => {
    const { act, find, faults } = await studio();
    const [{ id }] = await find("Published");
    const refused = await act("POST", `${interactions}/pause/${id}`, { PausedDays: 2 });
    expect([refused.status, refused.json]).toEqual([
      202,
      {
        message: "AllVersions=true or VersionNumber required.",
        errorcode: 10005,
        documentation: "",
      },
    ]);
    faults.set(marketingCloudFaults.convention, "documented");
    expect((await act("POST", `${interactions}/pause/${id}`)).status).toBe(400);
  });

  test.each([0, 15, 1.5, "many"])("does not pause for %s days", async (PausedDays) => {
    const { act, find } = await studio();
    const [{ id, version }] = await find("Published");
    const path = `${interactions}/pause/${id}?versionNumber=${version}`;
    expect((await act("POST", path, { PausedDays })).status).toBe(400);
  });
});

describe("an entry event", () => {
  test("lets a contact in, counts up and sends what is due, in its time", async () => {
    const given = await studio();
    const { act, cloud, clock, read } = given;
    const { id } = (
      await act("POST", interactions, {
        ...definition,
        entryMode: "SingleEntryAcrossAllVersions",
      })
    ).json;
    await act("POST", `${interactions}/publishAsync/${id}?versionNumber=1`);
    clock.advanceSeconds(5);
    const event = {
      ContactKey: "new-1",
      EventDefinitionKey: "APIEvent-tests",
      Data: { EmailAddress: "new.one@mail.example" },
    };
    const answer = await act("POST", "/interaction/v1/events", event);
    expect([answer.status, Object.keys(answer.json)]).toEqual([201, ["eventInstanceId"]]);
    await act("POST", "/interaction/v1/events", event);
    const { stats } = await read(`${interactions}/${id}`);
    expect([stats.currentPopulation, stats.cumulativePopulation]).toEqual([1, 1]);
    const sends = () => cloud.sends(halden.subdomain, halden.mids.parent).length;
    expect(sends()).toBe(1);
    clock.advanceSeconds(2 * 24 * 3600);
    expect(sends()).toBe(2);
  });

  test("of a journey that stops sends nothing more", async () => {
    const { act, cloud, clock } = await studio();
    const { id } = (await act("POST", interactions, definition)).json;
    await act("POST", `${interactions}/publishAsync/${id}?versionNumber=1`);
    clock.advanceSeconds(5);
    const event = { ContactKey: "a@mail.example", EventDefinitionKey: "APIEvent-tests" };
    await act("POST", "/interaction/v1/events", event);
    await act("POST", `${interactions}/stop/${id}?versionNumber=1`);
    clock.advanceSeconds(9 * 24 * 3600);
    expect(cloud.sends(halden.subdomain, halden.mids.parent)).toHaveLength(1);
  });

  test.each([
    [{ EventDefinitionKey: "APIEvent-x" }, 400, 10002],
    [{ ContactKey: "a" }, 400, 10002],
    [{ ContactKey: "a", EventDefinitionKey: "nothing" }, 404, 30003],
    [{ ContactKey: "a", EventDefinitionKey: "APIEvent-x", Data: [] }, 400, 10001],
  ])("%o answers %s", async (body, status, errorcode) => {
    const { act } = await studio();
    const answer = await act("POST", "/interaction/v1/events", body);
    expect([answer.status, answer.json.errorcode]).toEqual([status, errorcode]);
  });
});

test("entry sources are read by id and key; an audience names its data extension", async () => {
  const { read } = await studio();
  const { items, count } = await read("/interaction/v1/eventDefinitions?$pageSize=500");
  expect(count).toBeGreaterThan(40);
  const audience = items.find(({ type }: Any) => type === "EmailAudience");
  const one = await read(`/interaction/v1/eventDefinitions/${audience.id}`);
  expect(one).toEqual(audience);
  expect(await read(`/interaction/v1/eventDefinitions/key:${one.eventDefinitionKey}`)).toEqual(one);
  const source = await read(`/data/v1/customobjects/${one.dataExtensionId}`);
  expect(source).toMatchObject({ name: one.dataExtensionName, isSendable: true });
  expect((await read("/interaction/v1/eventDefinitions/nothing")).errorcode).toBe(30003);
});

test.each([
  ["GET", interactions, "journeys_write"],
  ["POST", interactions, "journeys_read"],
  ["PUT", interactions, "journeys_read"],
  ["DELETE", `${interactions}/nothing`, "journeys_read journeys_write journeys_execute"],
  ["POST", `${interactions}/publishAsync/nothing`, "journeys_read journeys_write"],
  ["POST", `${interactions}/stop/nothing`, "journeys_read journeys_write"],
  ["POST", `${interactions}/pause/nothing`, "journeys_read journeys_write"],
  ["POST", `${interactions}/resume/nothing`, "journeys_read journeys_write"],
  ["POST", "/interaction/v1/events", "journeys_read journeys_execute"],
])("%s %s is not for a token with %s", async (method, path, scope) => {
  const { act } = await studio(scope);
  const answer = await act(method, path, {});
  expect([answer.status, answer.json.message]).toEqual([
    403,
    "Insufficient privileges to complete this action.",
  ]);
});
