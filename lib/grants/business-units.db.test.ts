import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { addBusinessUnits } from "#lib/grants/add-business-units.ts";
import { getFlowView } from "#lib/grants/get-flow-view.ts";
import { listBusinessUnits, listKnownUnits, pageOfUnits } from "#lib/grants/list-business-units.ts";
import { businessUnitQuerySchema, businessUnitRequestSchema } from "#lib/grants/schema.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { meridianMids } from "#lib/simulator/marketing-cloud/seed-business-units.ts";
import { marketingCloudFaults } from "#lib/simulator/marketing-cloud/switches.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;

const halden = {
  ...givenDefinitions.haldenUnit,
  name: "Halden Group",
  accountId: 514012345,
} as const;
const [group, nordics, dach, outlet] = [514012345, 514012388, 514012391, 514013006] as const;
const meridian = {
  provider: "marketing-cloud",
  name: "Meridian",
  clientId: "m3r1d1anpub1ic5x2c9v7k4q",
  authBaseUri: "mcm3r1d1anfr4nch1se8k2w5x7qz",
  scopes: ["accounts_read", "email_read"],
} as const;
const dana = "d.kowalczyk@halden";
const soapHost = "mcb4x7t2k9qh1rn8v3z6w0pd5cys.soap.marketingcloudapis.com";

async function connected(definition: object, username: string, principal?: Principal) {
  const person = principal ?? (await given.person());
  const id = await given.connection(person, definition);
  const flow = await studio.connect(person, id, username);
  return { person, id, flow };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: { code?: string }) => error.code,
  );

test("the whole tree of a large tenant is read, page after page, each unit below its parent", async () => {
  const { person, id } = await connected(meridian, "t.okeke@meridian");
  simulator.log.clear();
  const { items, isWhole } = await listBusinessUnits(deps, person, id);
  expect([items.length, isWhole]).toEqual([2642, true]);
  const calls = simulator.log.requestsTo("/Service.asmx");
  expect(calls).toHaveLength(2);
  expect(calls.map(({ body }) => /<ContinueRequest>/.test(body.toString("utf8")))).toEqual([
    false,
    true,
  ]);
  expect(items.slice(0, 4).map(({ name, depth }) => [name, depth])).toEqual([
    ["Meridian Franchise Group", 0],
    ["Meridian Benelux", 1],
    ["Meridian shop 0001", 2],
    ["Meridian shop 0005", 2],
  ]);
  expect(items.filter(({ isActive }) => !isActive)).toHaveLength(26);
  // The connection without a MID is of the unit that it was proven in.
  expect(items[0]?.connection).toMatchObject({ id, state: "connected" });

  const query = (more: object) => businessUnitQuerySchema.parse(more);
  const first = pageOfUnits({ items, isWhole }, query({ q: "shop 00", limit: "60" }));
  expect([first.items.length, first.nextCursor, first.total, first.toConnect]).toEqual([
    60,
    "60",
    99,
    99,
  ]);
  const next = pageOfUnits({ items, isWhole }, query({ q: "shop 00", limit: 60, cursor: "60" }));
  expect([next.items.length, next.nextCursor]).toEqual([39, null]);
  const byMid = pageOfUnits({ items, isWhole }, query({ q: "527 001 000" }));
  expect(byMid.items.map(({ name }) => name)).toEqual(["Meridian shop 0001"]);
});

test("ticked units become connections of their own MID in one go, with an event each", async () => {
  const { person, id } = await connected(meridian, "t.okeke@meridian");
  const { first, closed, parent } = meridianMids;
  const asked = [first, closed, 999_999, parent, first + 1];
  const { results } = await addBusinessUnits(deps, person, id, { accountIds: asked });
  expect(results.map(({ result }) => result)).toEqual([
    "created",
    "inactive",
    "not_found",
    "exists",
    "created",
  ]);
  expect(results[3]?.connectionId).toBe(id);
  const made = await getConnectionView(deps, person, results[0]?.connectionId ?? "");
  const from = await getConnectionView(deps, person, id);
  expect(made).toMatchObject({
    name: "Meridian shop 0001",
    accountId: first,
    health: "not_connected",
    createdBy: { id: person.userId },
    enterpriseId: parent,
  });
  for (const same of ["clientId", "tenantSubdomain", "scopes", "surfaces", "groupName"] as const) {
    expect(made[same]).toEqual(from[same]);
  }
  const events = await deps.db.auditEvent.findMany({
    where: { teamId: person.teamId, action: "connection.created" },
  });
  expect(events).toHaveLength(3);
  expect(events[1]?.detail).toMatchObject({ accountId: first, from: id });

  const again = await addBusinessUnits(deps, person, id, { accountIds: asked });
  expect(again.results.map(({ result }) => result)).toEqual([
    "exists",
    "inactive",
    "not_found",
    "exists",
    "exists",
  ]);
  expect(again.results[0]?.connectionId).toBe(results[0]?.connectionId);
});

test("two presses at once make each unit once", async () => {
  const { person, id } = await connected(halden, dana);
  // A teammate adds them too, from another connection of the same package.
  const mate = await given.person({ teamId: person.teamId });
  const other = await connected(halden, dana, mate);
  const both = await Promise.all([
    addBusinessUnits(deps, person, id, { accountIds: [nordics, dach] }),
    addBusinessUnits(deps, mate, other.id, { accountIds: [dach, nordics] }),
    addBusinessUnits(deps, person, id, { accountIds: [nordics, dach] }),
  ]);
  const words = both.flatMap(({ results }) => results.map(({ result }) => result)).sort();
  expect(words).toEqual(["created", "created", "exists", "exists", "exists", "exists"]);
  const count = await deps.db.connection.count({ where: { teamId: person.teamId } });
  expect(count).toBe(4);
});

test("if one event cannot be written, no unit is stored", async () => {
  const { person, id } = await connected(halden, dana);
  await studio.database.pool.query(
    `create function refuse_dach() returns trigger language plpgsql as $$ begin
       if new.detail->>'name' = 'Halden DACH' then raise exception 'refused by this test'; end if;
       return new; end $$`,
  );
  await studio.database.pool.query(
    "create trigger refuse_dach before insert on audit_events for each row execute function refuse_dach()",
  );
  try {
    await expect(
      addBusinessUnits(deps, person, id, { accountIds: [nordics, dach] }),
    ).rejects.toThrow();
  } finally {
    await studio.database.pool.query("drop trigger refuse_dach on audit_events");
  }
  expect(await deps.db.connection.count({ where: { teamId: person.teamId } })).toBe(1);
});

test("[OA-8] each unit is proven by its own MID; who ends up in another one is not connected", async () => {
  const { person, id } = await connected(halden, dana);
  const { results } = await addBusinessUnits(deps, person, id, {
    accountIds: [nordics, dach, outlet],
  });
  const ids = results.map(({ connectionId }) => connectionId ?? "");
  simulator.log.clear();
  await studio.connect(person, ids[0] ?? "", dana);
  // This tenant does not honour the asked unit: the token is of the one the person is in.
  const scope = { path: "/v2/token", times: 1 };
  simulator.faults.set(marketingCloudFaults.accountId, "ignore", scope);
  const wrong = await studio.connect(person, ids[1] ?? "", dana);
  expect(await getFlowView(deps, person, wrong.flowId)).toMatchObject({
    state: "failed",
    reason: "wrong_business_unit",
  });
  // Jonas may not enter the outlet at all.
  const denied = await studio.connect(person, ids[2] ?? "", "j.makela@halden");
  expect(await getFlowView(deps, person, denied.flowId)).toMatchObject({
    state: "failed",
    reason: "business_unit_denied",
  });
  const sent = simulator.log
    .requestsTo("/v2/token")
    .map(({ body }) => JSON.parse(body.toString("utf8")).account_id);
  expect(sent).toEqual([nordics, dach, outlet]);

  const { items } = await listBusinessUnits(deps, person, id);
  const stand = new Map(items.map(({ accountId, connection }) => [accountId, connection]));
  expect(stand.get(group)).toMatchObject({ state: "connected", lastAttempt: null });
  expect(stand.get(nordics)).toMatchObject({ state: "connected", lastAttempt: null });
  expect(stand.get(dach)).toMatchObject({
    state: "not_connected",
    lastAttempt: { state: "failed", reason: "wrong_business_unit" },
  });
  expect(stand.get(outlet)).toMatchObject({
    state: "not_connected",
    lastAttempt: { state: "failed", reason: "business_unit_denied" },
  });
  const view = await getConnectionView(deps, person, ids[0] ?? "");
  expect(view.myGrant?.identity).toMatchObject({ memberId: nordics, enterpriseId: group });

  // Nothing of it is lost when the tree cannot be read: no access token can be had, the rest stands.
  deps.clock.advanceSeconds(3_600);
  const down = simulator.faults.set(marketingCloudFaults.token, "server-error");
  expect(await codeOf(listBusinessUnits(deps, person, id))).toBe("grants.provider_unavailable");
  down.clear();
  const known = await listKnownUnits(deps, person, id);
  expect(known.map(({ accountId, connection }) => [accountId, connection?.state])).toEqual([
    [group, "connected"],
    [dach, "not_connected"],
    [nordics, "connected"],
    [outlet, "not_connected"],
  ]);
});

test("[TEN-2] a foreign connection answers as an absent one, and a teammate's sign-in lists nothing for me", async () => {
  const { person, id } = await connected(halden, dana);
  const stranger = await given.person();
  for (const foreign of [id, randomUUID()]) {
    for (const work of [
      () => listBusinessUnits(deps, stranger, foreign),
      () => listKnownUnits(deps, stranger, foreign),
      () => addBusinessUnits(deps, stranger, foreign, { accountIds: [nordics] }),
    ]) {
      await expect(work()).rejects.toBeInstanceOf(NotFoundError);
    }
  }
  simulator.log.clear();
  const teammate = await given.person({ teamId: person.teamId, role: "admin" });
  expect(await codeOf(listBusinessUnits(deps, teammate, id))).toBe("grants.units_not_connected");
  expect(simulator.log.requestsTo("/Service.asmx")).toHaveLength(0);
});

test("a child unit's sign-in, a missing scope and a missing right each say why", async () => {
  const child = await connected(givenDefinitions.haldenUnit, dana);
  expect(await codeOf(listBusinessUnits(deps, child.person, child.id))).toBe(
    "grants.units_child_unit",
  );
  const narrow = await connected({ ...halden, scopes: ["email_read"] }, dana);
  expect(await codeOf(listBusinessUnits(deps, narrow.person, narrow.id))).toBe(
    "grants.units_scope_missing",
  );
  const powerless = await connected(meridian, "h.sato@meridian");
  expect(await codeOf(listBusinessUnits(deps, powerless.person, powerless.id))).toBe(
    "grants.units_permission_missing",
  );
  const org = await connected(givenDefinitions.halden, "dana.kowalczyk@halden.example");
  expect(await codeOf(listBusinessUnits(deps, org.person, org.id))).toBe(
    "grants.units_not_offered",
  );
});

const envelope = (body: string) =>
  `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>${body}</soap:Body></soap:Envelope>`;
const unit = (id: string, name: string) =>
  `<Results><ID>${id}</ID><ParentID>${group}</ParentID><Name>${name}</Name><IsActive>true</IsActive></Results>`;
const lying = envelope(
  `<RetrieveResponseMsg><OverallStatus>OK</OverallStatus><RequestID>r</RequestID>${[
    unit(String(nordics), "&lt;script&gt;alert(1)&lt;/script&gt;&#x202e;"),
    unit(String(nordics), "twice"),
    unit("0x1f", "not a MID"),
    unit(String(dach), "x".repeat(5_000)),
    unit(String(outlet), ""),
  ].join("")}</RetrieveResponseMsg>`,
);

test("a tenant that lies about its units: only MIDs count, each once, names are short plain text", async () => {
  const { person, id } = await connected(halden, dana);
  const fault = simulator.faults.set(
    wireFaults.answer,
    { status: 200, body: lying, contentType: "text/xml" },
    { host: soapHost },
  );
  try {
    const { items } = await listBusinessUnits(deps, person, id);
    expect(items.map(({ accountId }) => accountId).sort()).toEqual([nordics, dach, outlet]);
    const { results } = await addBusinessUnits(deps, person, id, {
      accountIds: [nordics, dach, outlet],
    });
    const names = await Promise.all(
      results.map(async ({ connectionId }) =>
        getConnectionView(deps, person, connectionId ?? "").then(({ name }) => name),
      ),
    );
    expect(names).toEqual([
      "<script>alert(1)</script>",
      `${"x".repeat(79)}…`,
      `Business unit ${outlet}`,
    ]);
  } finally {
    fault.clear();
  }
});

const answers = [
  ["a page for people", { status: 200, body: "<html>hello</html>" }, "answer_not_trusted"],
  [
    "five megabytes",
    { status: 200, body: envelope("x".repeat(5 * 1024 * 1024)) },
    "answer_not_trusted",
  ],
  ["too many calls", { status: 429, body: "{}" }, "provider_unavailable"],
  [
    "an expired token",
    {
      status: 500,
      body: envelope(
        "<soap:Fault><faultcode>q0:Security</faultcode><faultstring>Token Expired</faultstring></soap:Fault>",
      ),
    },
    "token_refused",
  ],
] as const;

test("whatever the tenant answers instead of units has a reason, and nothing is stored", async () => {
  const { person, id } = await connected(halden, dana);
  for (const [what, answer, reason] of answers) {
    const fault = simulator.faults.set(wireFaults.answer, answer, { host: soapHost });
    const add = addBusinessUnits(deps, person, id, { accountIds: [nordics] });
    expect(await codeOf(add), what).toBe(`grants.units_${reason}`);
    fault.clear();
  }
  const cut = simulator.faults.set(wireFaults.cut, { stage: "before-work" }, { host: soapHost });
  expect(await codeOf(listBusinessUnits(deps, person, id))).toBe(
    "grants.units_provider_unavailable",
  );
  cut.clear();
  expect(await deps.db.connection.count({ where: { teamId: person.teamId } })).toBe(1);
});

test("[TEN-6] [TEN-9] a request for units is a short list of numbers and nothing else", () => {
  const isTaken = (body: unknown) => businessUnitRequestSchema.safeParse(body).success;
  expect(isTaken({ accountIds: [nordics, nordics] })).toBe(true);
  expect(businessUnitRequestSchema.parse({ accountIds: [nordics, nordics] })).toEqual({
    accountIds: [nordics],
  });
  for (const body of [
    {},
    { accountIds: [] },
    { accountIds: ["514012388"] },
    { accountIds: [1.5] },
    { accountIds: [-1] },
    { accountIds: [1e15] },
    { accountIds: null },
    { accountIds: { length: 1, 0: nordics } },
    { accountIds: [nordics], teamId: randomUUID() },
    { accountIds: Array.from({ length: 201 }, (_, at) => at + 1) },
  ]) {
    expect(isTaken(body), JSON.stringify(body)).toBe(false);
  }
});
