import { describe, expect, test } from "vitest";
import { marketingCloudFaults } from "./switches.ts";
import { halden, testCloud } from "./testing.ts";

const day = 24 * 60 * 60;

test("each refresh brings a whole new pair, and earlier access tokens live on", async () => {
  const { connect, refresh, userinfo } = testCloud();
  const held = await connect();
  let current = held.refresh;
  const seen = new Set([current]);
  for (let round = 0; round < 5; round++) {
    const answer = await refresh(current);
    expect(answer.status).toBe(200);
    current = answer.json.refresh_token;
    seen.add(current);
  }
  expect(seen.size).toBe(6);
  expect((await userinfo(held.access)).status).toBe(200);
});

describe("strict rotation", () => {
  test("an old refresh token is refused, and its replay ends the whole family", async () => {
    const { clock, connect, refresh, userinfo } = testCloud();
    const held = await connect();
    const next = (await refresh(held.refresh)).json;
    clock.advanceSeconds(60);
    expect((await refresh(held.refresh)).json.error).toBe("invalid_grant");
    expect((await refresh(next.refresh_token)).json.error).toBe("invalid_grant");
    expect((await userinfo(next.access_token)).status).toBe(401);
  });

  test("another sign-in of the same person is another family", async () => {
    const { connect, refresh } = testCloud();
    const [one, other] = [await connect(), await connect()];
    await refresh(one.refresh);
    await refresh(one.refresh);
    expect((await refresh(other.refresh)).status).toBe(200);
  });
});

test("lenient: an old refresh token still works for five minutes", async () => {
  const { clock, connect, faults, refresh } = testCloud();
  faults.set(marketingCloudFaults.rotation, "lenient");
  const held = await connect();
  await refresh(held.refresh);
  clock.advanceSeconds(299);
  expect((await refresh(held.refresh)).status).toBe(200);
  clock.advanceSeconds(2);
  expect((await refresh(held.refresh)).status).toBe(400);
});

test("off: the same refresh token comes back and stays good", async () => {
  const { clock, connect, faults, refresh } = testCloud();
  faults.set(marketingCloudFaults.rotation, "off");
  const held = await connect();
  expect((await refresh(held.refresh)).json.refresh_token).toBe(held.refresh);
  clock.advanceSeconds(day);
  expect((await refresh(held.refresh)).json.refresh_token).toBe(held.refresh);
});

describe("two refreshes within a second", () => {
  test.each([
    ["as-replay", 400, 400],
    ["refuse-second", 400, 200],
    ["both-succeed", 200, 200],
  ] as const)("%s", async (behaviour, second, then) => {
    const { connect, faults, refresh } = testCloud();
    faults.set(marketingCloudFaults.concurrentRefresh, behaviour);
    const held = await connect();
    const first = await refresh(held.refresh);
    expect(first.status).toBe(200);
    expect((await refresh(held.refresh)).status).toBe(second);
    expect((await refresh(first.json.refresh_token)).status).toBe(then);
  });
});

describe("thirty days", () => {
  test("slide with each refresh", async () => {
    const { clock, connect, refresh } = testCloud();
    let { refresh: current } = await connect();
    for (let round = 0; round < 3; round++) {
      clock.advanceSeconds(20 * day);
      const answer = await refresh(current);
      expect(answer.status).toBe(200);
      current = answer.json.refresh_token;
    }
    clock.advanceSeconds(30 * day);
    expect((await refresh(current)).status).toBe(400);
  });

  test("can be counted from the sign-in", async () => {
    const { clock, connect, faults, refresh } = testCloud();
    faults.set(marketingCloudFaults.refreshExpiry, "fixed");
    const held = await connect();
    clock.advanceSeconds(20 * day);
    const next = (await refresh(held.refresh)).json;
    clock.advanceSeconds(11 * day);
    expect((await refresh(next.refresh_token)).status).toBe(400);
  });
});

describe("what ends a family", () => {
  test.each([
    ["with offline it survives signing out", "email_read offline", 200],
    ["without offline it ends when the person signs out", "email_read", 400],
  ])("%s", async (_name, scope, status) => {
    const { cloud, connect, refresh, userinfo } = testCloud();
    const held = await connect({ scope });
    cloud.signOut(halden.subdomain, halden.dana);
    expect((await userinfo(held.access)).status).toBe(status === 200 ? 200 : 401);
    expect((await refresh(held.refresh)).status).toBe(status);
  });

  test.each([
    ["a licence taken away", { licences: [] }],
    ["a person made inactive", { isActive: false }],
  ])("%s", async (_name, change) => {
    const { cloud, connect, get, refresh } = testCloud();
    const held = await connect();
    cloud.editUser(halden.subdomain, halden.dana, change);
    expect((await get(held.access, "/platform/v1/tokenContext")).status).toBe(401);
    expect((await refresh(held.refresh)).status).toBe(400);
  });

  test("a business unit taken away", async () => {
    const { cloud, connect, refresh } = testCloud();
    const held = await connect();
    cloud.editUser(halden.subdomain, halden.dana, { mids: [halden.mids.dach] });
    expect((await refresh(held.refresh)).status).toBe(401);
  });

  test("a disabled package is a client failure, not a dead token", async () => {
    const { cloud, connect, refresh } = testCloud();
    const held = await connect();
    cloud.editPackage(halden.publicApp, { isEnabled: false });
    expect((await refresh(held.refresh)).json.error).toBe("invalid_client");
    cloud.editPackage(halden.publicApp, { isEnabled: true });
    expect((await refresh(held.refresh)).status).toBe(200);
  });

  test("an admin's revocation", async () => {
    const { cloud, connect, refresh } = testCloud();
    const held = await connect();
    cloud.revoke({ username: halden.dana });
    expect((await refresh(held.refresh)).status).toBe(400);
  });
});

test("another seed gives other tokens and the same content", async () => {
  const [one, other] = [testCloud(), testCloud({}, "other")];
  const [held, there] = [await one.connect(), await other.connect()];
  expect(held.access).not.toBe(there.access);
  const path = "/data/v1/customobjects?$search=orders";
  expect((await one.get(held.access, path)).json).toEqual(
    (await other.get(there.access, path)).json,
  );
});

test("tokens, edits and written rows survive a restart; a repeated seed repeats no token", async () => {
  const before = testCloud();
  const held = await before.connect();
  before.cloud.editUser(halden.subdomain, halden.jonas, { isActive: false });
  const row = [{ keys: { StoreId: "S000001" }, values: { City: "Trondheim" } }];
  const written = await before.send(
    "POST",
    before.url("rest", "/hub/v1/dataevents/key:Stores/rowset"),
    { headers: before.bearer(held.access), body: JSON.stringify(row) },
  );
  expect(written.status).toBe(200);
  const saved = JSON.parse(JSON.stringify(before.cloud.exportState()));
  const after = testCloud();
  after.cloud.importState(saved);
  expect((await after.userinfo(held.access)).status).toBe(200);
  const path = "/data/v1/customobjectdata/key/Stores/rowset?$filter=City eq 'Trondheim'";
  expect((await after.get(held.access, path)).json.count).toBe(1);
  const again = await after.connect();
  expect(again.access).not.toBe(held.access);
  expect((await after.refresh(held.refresh)).status).toBe(200);
  await expect(after.signIn({}, halden.jonas)).rejects.toThrow(/not right/);
});
