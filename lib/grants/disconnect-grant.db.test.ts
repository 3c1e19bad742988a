import { beforeEach, expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { deleteConnection } from "#lib/grants/delete-connection.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { testGrant } from "#lib/grants/test-grant.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given, database } = studio;
const dana = "dana.kowalczyk@halden.example";

beforeEach(() => {
  simulator.log.clear();
  simulator.faults.clear();
});

async function connected(
  definition: (typeof givenDefinitions)[keyof typeof givenDefinitions],
  username: string,
) {
  const principal = await given.person();
  const connectionId = await given.connection(principal, definition);
  await studio.connect(principal, connectionId, username);
  const { myGrant } = await getConnectionView(deps, principal, connectionId);
  return { principal, connectionId, grantId: myGrant?.id ?? "" };
}

test("[OA-14] disconnecting a Salesforce org revokes at the provider and gives a receipt", async () => {
  const { principal, connectionId, grantId } = await connected(givenDefinitions.halden, dana);
  const receipt = await disconnectGrant(deps, principal, grantId);
  expect(receipt).toMatchObject({ revocation: "confirmed", accessMayLastUntil: null });
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
  expect(deps.accessTokens.get(grantId)).toBeNull();
  const { rows } = await database.pool.query("select * from grants where id = $1", [grantId]);
  expect(rows[0]).toMatchObject({ state: "disconnected", refresh_token_sealed: null });
  expect((await getConnectionView(deps, principal, connectionId)).health).toBe("not_connected");
});

test("[OA-14] Marketing Cloud has no revocation: the receipt says until when access lasts", async () => {
  const { principal, grantId } = await connected(givenDefinitions.haldenUnit, "d.kowalczyk@halden");
  const receipt = await disconnectGrant(deps, principal, grantId);
  expect(receipt.revocation).toBe("not_offered");
  const lastsMs = Date.parse(receipt.accessMayLastUntil ?? "") - deps.clock.now().getTime();
  expect(lastsMs).toBe(1079 * 1000);
  const { rows } = await database.pool.query("select * from grants where id = $1", [grantId]);
  expect(rows[0].refresh_token_sealed).toBeNull();
});

test("[OA-14] an unconfirmed revocation is shown as such and can be tried again", async () => {
  const { principal, grantId } = await connected(givenDefinitions.halden, dana);
  simulator.faults.set(
    wireFaults.answer,
    { status: 503, body: "maintenance", contentType: "text/html" },
    { path: "/services/oauth2/revoke", times: 1 },
  );
  expect((await disconnectGrant(deps, principal, grantId)).revocation).toBe("unconfirmed");
  const { rows } = await database.pool.query("select * from grants where id = $1", [grantId]);
  expect(rows[0]).toMatchObject({ state: "disconnected", reason: "revocation_unconfirmed" });
  expect((await disconnectGrant(deps, principal, grantId)).revocation).toBe("confirmed");
  expect((await disconnectGrant(deps, principal, grantId)).revocation).toBe("nothing_to_revoke");
});

test("a teammate's grant is disconnected by an admin, not by a member", async () => {
  const { principal, grantId } = await connected(givenDefinitions.halden, dana);
  const member = await given.person({ teamId: principal.teamId, role: "member" });
  const admin = await given.person({ teamId: principal.teamId, role: "admin" });
  const stranger = await given.person();
  await expect(disconnectGrant(deps, member, grantId)).rejects.toMatchObject({ status: 403 });
  await expect(disconnectGrant(deps, stranger, grantId)).rejects.toMatchObject({ status: 404 });
  expect((await disconnectGrant(deps, admin, grantId)).revocation).toBe("confirmed");
});

test("[TEN-4] nobody tests with another person's grant, not even an admin", async () => {
  const { principal, grantId } = await connected(givenDefinitions.halden, dana);
  const admin = await given.person({ teamId: principal.teamId, role: "admin" });
  await expect(testGrant(deps, admin, grantId)).rejects.toMatchObject({ status: 404 });
});

test("a test call asks the provider again, and says what is wrong", async () => {
  const { principal, grantId } = await connected(givenDefinitions.halden, dana);
  expect(await testGrant(deps, principal, grantId)).toMatchObject({ ok: true, reason: null });
  simulator.faults.set(wireFaults.answer, {
    status: 503,
    body: "<html>maintenance</html>",
    contentType: "text/html",
  });
  expect(await testGrant(deps, principal, grantId)).toMatchObject({
    ok: false,
    reason: "provider_down",
  });
  simulator.faults.clear();
  deps.clock.advanceSeconds(20 * 60);
  await expect(testGrant(deps, principal, grantId)).rejects.toMatchObject({
    code: "grants.no_access_token",
  });
});

test("deleting a connection ends everybody's grant first, and keeps it where that is not confirmed", async () => {
  const { principal, connectionId } = await connected(givenDefinitions.halden, dana);
  const colleague = await given.person({ teamId: principal.teamId, role: "member" });
  await studio.connect(colleague, connectionId, "jonas.makela@halden.example");
  simulator.faults.set(
    wireFaults.cut,
    { stage: "before-work" },
    { path: "/services/oauth2/revoke", times: 1 },
  );
  const remove = (acceptUnconfirmed = false) =>
    deleteConnection(deps, principal, connectionId, { acceptUnconfirmed });
  await expect(
    deleteConnection(deps, colleague, connectionId, { acceptUnconfirmed: true }),
  ).rejects.toMatchObject({ status: 403 });
  await expect(remove()).rejects.toMatchObject({ code: "grants.revocation_unconfirmed" });
  expect(await remove()).toMatchObject([{ revocation: "confirmed" }]);
  await expect(getConnectionView(deps, principal, connectionId)).rejects.toMatchObject({
    status: 404,
  });
  expect(await deps.db.grant.count({ where: { connectionId } })).toBe(0);
});
