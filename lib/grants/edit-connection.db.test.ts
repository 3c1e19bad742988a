import { beforeEach, expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { connectionPatchSchema } from "#lib/connections/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import { attemptDueRevocations } from "#lib/grants/attempt-revocation.ts";
import { editConnection } from "#lib/grants/edit-connection.ts";
import { getFlowView } from "#lib/grants/get-flow-view.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { seededApps } from "#lib/simulator/salesforce/companies.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given, database } = studio;
const dana = "dana.kowalczyk@halden.example";
const jonas = "jonas.makela@halden.example";
const revoke = "/services/oauth2/revoke";
const uatHost = "haldenoutdoor--uat.sandbox.my.salesforce.com";
const customApp = {
  provider: "salesforce",
  method: "custom-app",
  name: "Brightwater",
  environment: "production",
  clientId: seededApps.brightwaterPortal,
  clientSecret: simulator.salesforce.app(seededApps.brightwaterPortal).secret,
  pkce: "off",
};
const grace = "grace.adeyemi@brightwatercu.example";

beforeEach(() => {
  simulator.log.clear();
  simulator.faults.clear();
});

const edit = (principal: Principal, id: string, patch: object) =>
  editConnection(deps, principal, id, connectionPatchSchema.parse(patch));
const view = (principal: Principal, id: string) => getConnectionView(deps, principal, id);

async function team() {
  const owner = await given.person({ secondFactor: true, name: "Ada" });
  const member = await given.person({ teamId: owner.teamId, role: "member", name: "Bo" });
  const id = await given.connection(owner, givenDefinitions.halden);
  await studio.connect(owner, id, dana);
  await studio.connect(member, id, jonas);
  simulator.log.clear();
  return { owner, member, id };
}

async function withOwnApp() {
  const owner = await given.person();
  const id = await given.connection(owner, customApp);
  await studio.connect(owner, id, grace);
  simulator.log.clear();
  return { owner, id };
}

test("[TEN-5] another host voids everybody's grant, and their tokens end at the host they are of", async () => {
  const { owner, member, id } = await team();
  const before = await view(owner, id);
  const waiting = await studio.begin(member, id);
  await edit(owner, id, { version: 1, voids: 2, environment: "custom", customDomain: uatHost });
  for (const principal of [owner, member]) {
    expect((await view(principal, id)).myGrant).toMatchObject({
      state: "needs_reconnect",
      reason: "definition_changed",
    });
  }
  expect((await getFlowView(deps, member, waiting.flowId)).state).toBe("cancelled");
  expect(deps.accessTokens.size).toBe(0);
  const asked = simulator.log.requestsTo(revoke);
  expect(asked.map(({ host }) => host)).toEqual(["login.salesforce.com", "login.salesforce.com"]);
  const after = await view(owner, id);
  expect(after).toMatchObject({ id, loginHost: uatHost, orgId: null, version: 2 });
  expect(after.myGrant?.id).toBe(before.myGrant?.id);
  const held = await deps.db.grant.count({
    where: { connectionId: id, refreshTokenSealed: { not: null } },
  });
  expect(held).toBe(0);
});

test("[TEN-5] another client id voids all grants; nothing of the old app is sent to the new one", async () => {
  const { owner, id } = await withOwnApp();
  const clientId = "3MVG9HaldenLocalOnly.eca.000000000000000000009";
  const again = { version: 1, voids: 1, clientId };
  await expect(edit(owner, id, again)).rejects.toMatchObject({
    issues: [{ path: "clientSecret" }],
  });
  await edit(owner, id, { ...again, clientSecret: null });
  const after = await view(owner, id);
  expect(after).toMatchObject({ clientId, hasClientSecret: false });
  expect(after.myGrant?.reason).toBe("definition_changed");
  // The same org still: what its first proof taught stands.
  expect(after.orgName).not.toBeNull();
});

test("[TEN-5] another MID voids the grants of a business unit", async () => {
  const owner = await given.person();
  const id = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, id, "d.kowalczyk@halden");
  await edit(owner, id, { version: 1, voids: 1, accountId: 514012399 });
  expect((await view(owner, id)).myGrant?.reason).toBe("definition_changed");
  expect(await deps.db.revocation.findFirst({ where: { connectionId: id } })).toMatchObject({
    state: "not_possible",
    cause: "definition_changed",
  });
});

test("[TEN-5] another name, surface or scope voids nothing; a new scope is missed until the next sign-in", async () => {
  const { owner, member, id } = await team();
  await edit(owner, id, {
    version: 1,
    name: "Halden",
    surfaces: ["web", "desktop"],
    scopes: ["api", "refresh_token", "web"],
  });
  for (const principal of [owner, member]) {
    expect((await view(principal, id)).myGrant).toMatchObject({
      state: "active",
      missingScopes: ["web"],
    });
  }
  expect(simulator.log.requestsTo(revoke)).toEqual([]);
});

test("[VA-2] a stored secret is never sent to an edited host: it is typed again or removed", async () => {
  const { owner, id } = await withOwnApp();
  const move = { version: 1, voids: 1, environment: "custom", customDomain: uatHost };
  await expect(edit(owner, id, move)).rejects.toMatchObject({
    issues: [{ path: "clientSecret" }],
  });
  expect((await view(owner, id)).loginHost).toBe("login.salesforce.com");
  await edit(owner, id, { ...move, clientSecret: "typed again" });
  const { myGrant, hasClientSecret } = await view(owner, id);
  expect([myGrant?.state, hasClientSecret]).toEqual(["needs_reconnect", true]);
});

test("[VA-2] a secret sealed for one definition does not open under another", async () => {
  const { owner, id } = await withOwnApp();
  await database.pool.query("update connections set login_host = $1 where id = $2", [uatHost, id]);
  const flow = await studio.begin(owner, id);
  const params = new URLSearchParams({ code: "made-up", state: stateOf(flow.authorizeUrl) });
  await studio.callback(owner, flow, params).catch(() => undefined);
  expect(simulator.log.requestsTo(/oauth2\/token/)).toEqual([]);
});
const stateOf = (url: string) => new URL(url).searchParams.get("state") ?? "";

test("the second of two editors is told, and nothing of theirs is stored", async () => {
  const { owner, id } = await team();
  await edit(owner, id, { version: 1, name: "First" });
  const second = edit(owner, id, { version: 1, name: "Second" });
  await expect(second).rejects.toMatchObject({
    code: "connections.changed_meanwhile",
    status: 409,
  });
  expect((await view(owner, id)).name).toBe("First");
  // Without saying what was seen only the name may change.
  await expect(edit(owner, id, { pkce: "off" })).rejects.toMatchObject({ status: 409 });
});

test("two edits at once: one is stored, the other refused", async () => {
  const { owner, id } = await team();
  const ended = await Promise.allSettled(
    ["One", "Two", "Three"].map((name) => edit(owner, id, { version: 1, name })),
  );
  expect(ended.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect((await view(owner, id)).version).toBe(2);
});

test("[TEN-5] whoever was not told how many people lose access is refused, with their names", async () => {
  const { owner, id } = await team();
  const move = { version: 1, voids: 1, environment: "sandbox" };
  await expect(edit(owner, id, move)).rejects.toMatchObject({
    code: "grants.edit_ends_access",
    userMessage: expect.stringContaining("2 people will have to reconnect: Ada, Bo."),
  });
  expect((await view(owner, id)).myGrant?.state).toBe("active");
});

test("[TEN-3] a member edits their own, ends nobody else's access by it, and no teammate's", async () => {
  const owner = await given.person();
  const member = await given.person({ teamId: owner.teamId, role: "member" });
  const stranger = await given.person();
  const own = await given.connection(member, givenDefinitions.halden);
  const theirs = await given.connection(owner, givenDefinitions.halden);
  const patch = { version: 1, environment: "sandbox" };
  await expect(edit(member, theirs, patch)).rejects.toMatchObject({ status: 403 });
  await expect(edit(stranger, own, patch)).rejects.toMatchObject({ status: 404 });
  await studio.connect(owner, own, dana);
  await expect(edit(member, own, { ...patch, voids: 1 })).rejects.toMatchObject({ status: 403 });
  await edit(member, own, { version: 1, scopes: ["api", "refresh_token", "web"] });
  expect((await view(member, own)).scopes).toContain("web");
});

test("[TEN-5] a sign-in that the provider is just answering does not store a token under the edited definition", async () => {
  const { owner, member, id } = await team();
  const flow = await studio.begin(member, id);
  const params = await studio.approve(flow, jonas);
  simulator.log.clear();
  const held = simulator.faults.set(
    wireFaults.held,
    { stage: "after-work" },
    { path: "/services/oauth2/token" },
  );
  const late = studio.callback(member, flow, params);
  await held.reached;
  await edit(owner, id, { version: 1, voids: 2, environment: "custom", customDomain: uatHost });
  held.release();
  await late;
  await attemptDueRevocations(deps);
  expect((await view(member, id)).myGrant?.state).toBe("needs_reconnect");
  // Two that were held, and the one that came too late; all at the host they are of.
  const asked = simulator.log.requestsTo(revoke).map(({ host }) => host);
  expect(asked).toEqual(Array.from({ length: 3 }, () => "login.salesforce.com"));
});

test("[TEN-5] a flow that began under another definition is refused before anything is sent", async () => {
  const { owner, id } = await team();
  const flow = await studio.begin(owner, id);
  const params = await studio.approve(flow, dana);
  simulator.log.clear();
  // What an edit leaves of a flow that began in the same moment: it still waits.
  await edit(owner, id, { version: 1, voids: 2, environment: "custom", customDomain: uatHost });
  await deps.db.flow.update({
    where: { id: flow.flowId },
    data: { status: "waiting", endedAt: null, reason: null },
  });
  expect(await studio.callback(owner, flow, params)).toEqual({
    kind: "problem",
    reason: "definition_changed",
  });
  expect(simulator.log.requestsTo(/oauth2\/token/)).toEqual([]);
});

test("reconnecting after an edit keeps the grant's id and works at the new host", async () => {
  const { owner, id } = await team();
  const before = await view(owner, id);
  await edit(owner, id, {
    version: 1,
    voids: 2,
    environment: "custom",
    customDomain: "haldenoutdoor.my.salesforce.com",
  });
  await studio.connect(owner, id, dana);
  const after = await view(owner, id);
  expect(after.myGrant).toMatchObject({ id: before.myGrant?.id, state: "active", reason: null });
});
