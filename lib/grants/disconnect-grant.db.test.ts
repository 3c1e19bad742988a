import { beforeEach, expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { Secret } from "#lib/core/secret.ts";
import { attemptDueRevocations } from "#lib/grants/attempt-revocation.ts";
import { cancelFlow } from "#lib/grants/cancel-flow.ts";
import { deleteConnection } from "#lib/grants/delete-connection.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { listRevocations } from "#lib/grants/list-revocations.ts";
import { revocationQuerySchema } from "#lib/grants/schema.ts";
import { testGrant } from "#lib/grants/test-grant.ts";
import { sealedColumns } from "#lib/jobs/sealed-columns.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";
import { sealedKeyIdsIn } from "#lib/vault/sealed-repository.ts";

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
  options: { secondFactor?: boolean } = {},
) {
  const principal = await given.person(options);
  const connectionId = await given.connection(principal, definition);
  await studio.connect(principal, connectionId, username);
  const { myGrant } = await getConnectionView(deps, principal, connectionId);
  return { principal, connectionId, grantId: myGrant?.id ?? "" };
}

test("[OA-14] disconnecting a Salesforce org revokes at the provider and gives a receipt", async () => {
  const { principal, connectionId, grantId } = await connected(givenDefinitions.halden, dana);
  const receipt = await disconnectGrant(deps, principal, grantId);
  expect(receipt.revocation).toMatchObject({ state: "confirmed", attempts: 1, httpStatus: 200 });
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(1);
  expect(deps.accessTokens.size).toBe(0);
  const { rows } = await database.pool.query("select * from grants where id = $1", [grantId]);
  expect(rows[0]).toMatchObject({ state: "disconnected", refresh_token_sealed: null });
  expect((await getConnectionView(deps, principal, connectionId)).health).toBe("not_connected");
});

test("[OA-14] Marketing Cloud has no revocation: the receipt says until when access lasts", async () => {
  const { principal, grantId } = await connected(givenDefinitions.haldenUnit, "d.kowalczyk@halden");
  const receipt = await disconnectGrant(deps, principal, grantId);
  const lastsMs = (iso: string | null | undefined) =>
    Date.parse(iso ?? "") - deps.clock.now().getTime();
  expect(receipt.revocation).toMatchObject({ state: "not_possible", reason: null, attempts: 0 });
  expect(lastsMs(receipt.revocation?.accessEndsAt)).toBe(1079 * 1000);
  expect(lastsMs(receipt.revocation?.sessionEndsAt)).toBe(30 * 24 * 60 * 60 * 1000);
  const { rows } = await database.pool.query("select * from grants where id = $1", [grantId]);
  expect(rows[0].refresh_token_sealed).toBeNull();
});

test("[WEB-11] a teammate's grant is disconnected by an admin with a second factor, not by a member", async () => {
  const { principal, grantId } = await connected(givenDefinitions.halden, dana);
  const member = await given.person({ teamId: principal.teamId, role: "member" });
  const { teamId } = principal;
  const admin = await given.person({ teamId, role: "admin", secondFactor: true });
  const without = await given.person({ teamId, role: "admin" });
  const stranger = await given.person();
  await expect(disconnectGrant(deps, member, grantId)).rejects.toMatchObject({ status: 404 });
  await expect(disconnectGrant(deps, stranger, grantId)).rejects.toMatchObject({ status: 404 });
  await expect(disconnectGrant(deps, without, grantId)).rejects.toMatchObject({
    code: "auth.second_factor_required",
  });
  expect((await disconnectGrant(deps, admin, grantId)).revocation?.state).toBe("confirmed");
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
  expect(await testGrant(deps, principal, grantId)).toMatchObject({ ok: true });
  await disconnectGrant(deps, principal, grantId);
  await expect(testGrant(deps, principal, grantId)).rejects.toMatchObject({
    code: "grants.needs_reconnect",
  });
});

test("[OA-14] a connection is deleted at once; what the provider did not confirm outlives it and is retried", async () => {
  const { principal, connectionId } = await connected(givenDefinitions.halden, dana, {
    secondFactor: true,
  });
  const colleague = await given.person({ teamId: principal.teamId, role: "member" });
  await studio.connect(colleague, connectionId, "jonas.makela@halden.example");
  const down = simulator.faults.set(
    wireFaults.cut,
    { stage: "before-work" },
    { path: "/services/oauth2/revoke" },
  );
  await expect(deleteConnection(deps, colleague, connectionId)).rejects.toMatchObject({
    status: 403,
  });
  const left = await deleteConnection(deps, principal, connectionId);
  expect(left.map(({ state, cause }) => [state, cause])).toEqual([
    ["pending", "connection_deleted"],
    ["pending", "connection_deleted"],
  ]);
  await expect(getConnectionView(deps, principal, connectionId)).rejects.toMatchObject({
    status: 404,
  });
  expect(await deps.db.grant.count({ where: { connectionId } })).toBe(0);
  down.clear();
  deps.clock.advanceSeconds(60);
  await attemptDueRevocations(deps);
  const { items } = await listRevocations(deps, principal, revocationQuerySchema.parse({}));
  expect(items.map(({ state, attempts }) => [state, attempts])).toEqual([
    ["confirmed", 2],
    ["confirmed", 2],
  ]);
});

test("[VA-9] a disconnect that overtakes a sign-in's end leaves no token to serve", async () => {
  const { principal, connectionId, grantId } = await connected(givenDefinitions.halden, dana);
  const late = { id: grantId, generation: 1, version: 1 };
  await disconnectGrant(deps, principal, grantId);
  // What a sign-in that was just committed would still do.
  await deps.accessTokens.put(late, new Secret("late"), 60_000);
  const { generation } = await deps.db.grant.findFirstOrThrow({ where: { connectionId } });
  expect(deps.accessTokens.get({ id: grantId, generation })).toBeNull();
  deps.accessTokens.drop(grantId);
});

test("[OA-14] disconnecting also ends one's sign-in that waits for a word", async () => {
  const { principal, connectionId, grantId } = await connected(givenDefinitions.halden, dana);
  await studio.connect(principal, connectionId, "jonas.makela@halden.example");
  simulator.log.clear();
  await disconnectGrant(deps, principal, grantId);
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(2);
});

test("[VA-12] a token that no longer opens does not keep its grant or its connection", async () => {
  const { principal, connectionId, grantId } = await connected(givenDefinitions.halden, dana);
  await database.pool.query(
    "update grants set refresh_token_sealed = overlay(refresh_token_sealed placing 'AAAA' from 60) where id = $1",
    [grantId],
  );
  expect((await disconnectGrant(deps, principal, grantId)).revocation).toMatchObject({
    state: "not_possible",
    reason: "unreadable_secret",
  });
  expect((await getConnectionView(deps, principal, connectionId)).myGrant).toMatchObject({
    state: "disconnected",
  });
  await deleteConnection(deps, principal, connectionId);
  expect(await deps.db.connection.count({ where: { id: connectionId } })).toBe(0);
});

test("[VA-12] a value that is no sealed value at all does not stop the start", async () => {
  const { grantId } = await connected(givenDefinitions.halden, dana);
  await database.pool.query(
    "update grants set refresh_token_sealed = 'a.garbage.c' where id <> $1",
    [grantId],
  );
  expect(await sealedKeyIdsIn(deps.db, sealedColumns)).toEqual(["test"]);
});

test("[OA-14] deleting a connection also ends what waits for a word about another person", async () => {
  const { principal, connectionId } = await connected(givenDefinitions.halden, dana);
  await studio.connect(principal, connectionId, "jonas.makela@halden.example");
  simulator.log.clear();
  await deleteConnection(deps, principal, connectionId);
  expect(simulator.log.requestsTo("/services/oauth2/revoke")).toHaveLength(2);
});

test("[OA-14] refusing another person while the provider is down keeps the token to try again", async () => {
  const { principal, connectionId } = await connected(givenDefinitions.halden, dana);
  const again = await studio.connect(principal, connectionId, "jonas.makela@halden.example");
  const down = simulator.faults.set(
    wireFaults.cut,
    { stage: "before-work" },
    { path: "/services/oauth2/revoke" },
  );
  await cancelFlow(deps, principal, again.flowId);
  const flow = await deps.db.flow.findUniqueOrThrow({ where: { id: again.flowId } });
  expect(flow).toMatchObject({ status: "cancelled", pendingRefreshTokenSealed: null });
  down.clear();
  deps.clock.advanceSeconds(60);
  await attemptDueRevocations(deps);
  const attempts = await deps.db.auditEvent.findMany({
    where: { teamId: principal.teamId, action: "grant.revocation_attempted" },
    orderBy: { sequence: "asc" },
  });
  expect(attempts.map(({ result }) => result)).toEqual(["failed", "success"]);
});
