import { beforeEach, expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { inTransaction } from "#lib/db/client.ts";
import { attemptDueRevocations } from "#lib/grants/attempt-revocation.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { endGrantsOf } from "#lib/grants/end-grants.ts";
import { askAgain, listRevocations } from "#lib/grants/list-revocations.ts";
import { revocationQuerySchema } from "#lib/grants/schema.ts";
import { testGrant } from "#lib/grants/test-grant.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { startOtherProcess } from "#lib/testing/other-process.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given, database } = studio;
const dana = "dana.kowalczyk@halden.example";
const revoke = "/services/oauth2/revoke";
const minuteSeconds = 60;
const daySeconds = 24 * 60 * minuteSeconds;

beforeEach(async () => {
  simulator.log.clear();
  simulator.faults.clear();
  await database.pool.query("delete from revocations");
});

async function connected() {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  await studio.connect(principal, connectionId, dana);
  const { myGrant } = await getConnectionView(deps, principal, connectionId);
  simulator.log.clear();
  return { principal, connectionId, grantId: myGrant?.id ?? "" };
}

const down = () => simulator.faults.set(wireFaults.cut, { stage: "before-work" }, { path: revoke });
const asked = () => simulator.log.requestsTo(revoke).length;
const another = () => ({ ...studio.settingsOfAnother, now: deps.clock.now().toISOString() });
const only = async () => deps.db.revocation.findFirstOrThrow();

test("[OA-14] the row is committed before the provider is asked", async () => {
  const { principal, grantId } = await connected();
  const held = simulator.faults.set(wireFaults.held, { stage: "before-work" }, { path: revoke });
  const disconnecting = disconnectGrant(deps, principal, grantId);
  await held.reached;
  expect(await only()).toMatchObject({ state: "pending", attempts: 1, cause: "disconnected" });
  const grant = await deps.db.grant.findUniqueOrThrow({ where: { id: grantId } });
  expect(grant).toMatchObject({ state: "disconnected", refreshTokenSealed: null });
  held.release();
  expect((await disconnecting).revocation).toMatchObject({ state: "confirmed" });
});

test("[OA-14] a provider that is down for hours is asked again, ever more rarely, until it confirms", async () => {
  const { principal, grantId } = await connected();
  const outage = down();
  const receipt = await disconnectGrant(deps, principal, grantId);
  expect(receipt.revocation).toMatchObject({ state: "pending", attempts: 1, httpStatus: null });
  let hours = 0;
  const pauses: number[] = [];
  while (hours < 5) {
    const before = deps.clock.now().getTime();
    const { nextAttemptAt } = await only();
    const pauseMs = (nextAttemptAt?.getTime() ?? 0) - before;
    deps.clock.advanceSeconds(pauseMs / 1000 - 1);
    await attemptDueRevocations(deps); // a second too early: nobody is asked
    expect((await only()).attempts).toBe(pauses.length + 1);
    deps.clock.advanceSeconds(1);
    await attemptDueRevocations(deps);
    pauses.push(pauseMs);
    hours += pauseMs / 3_600_000;
  }
  expect(pauses.length).toBeLessThan(12);
  expect(pauses.at(-1)).toBeGreaterThan(30 * minuteSeconds * 1000);
  outage.clear();
  deps.clock.advanceSeconds(6 * 60 * minuteSeconds);
  await attemptDueRevocations(deps);
  expect(await only()).toMatchObject({
    state: "confirmed",
    attempts: pauses.length + 2,
    tokenSealed: null,
    httpStatus: 200,
  });
  const events = await deps.db.auditEvent.findMany({
    where: { teamId: principal.teamId, action: "grant.revocation_attempted" },
    orderBy: { sequence: "asc" },
  });
  expect(events.map(({ result }) => result)).toEqual([
    ...Array.from({ length: pauses.length + 1 }, () => "failed"),
    "success",
  ]);
});

test("[OA-14] a process killed while the provider works loses nothing: another asks again", async () => {
  const { principal, grantId } = await connected();
  const held = simulator.faults.set(wireFaults.held, { stage: "before-work" }, { path: revoke });
  const other = startOtherProcess(another(), { do: "disconnect", principal, grantId });
  await held.reached;
  await other.kill();
  held.release();
  simulator.faults.clear();
  simulator.log.clear();
  expect(await only()).toMatchObject({ state: "pending", attempts: 1 });
  // Whoever was killed may have been only paused: for as long as it could be asking, nobody else does.
  await attemptDueRevocations(deps);
  expect(asked()).toBe(0);
  deps.clock.advanceSeconds(61);
  await attemptDueRevocations(deps);
  expect(asked()).toBe(1);
  expect(await only()).toMatchObject({ state: "confirmed", attempts: 2 });
});

test("[OA-14] a process killed between the commit and the call loses nothing", async () => {
  const { principal } = await connected();
  const { teamId, userId } = principal;
  // What such a process leaves: the transaction alone.
  await inTransaction(deps.db, (tx) => endGrantsOf(tx, deps, principal, { teamId, userId }));
  expect(asked()).toBe(0);
  await attemptDueRevocations(deps);
  expect(asked()).toBe(1);
  expect((await only()).state).toBe("confirmed");
});

test("[OA-14] two processes at the same rows ask once for each", async () => {
  const outage = down();
  for (let i = 0; i < 6; i += 1) {
    const { principal, grantId } = await connected();
    await disconnectGrant(deps, principal, grantId);
  }
  outage.clear();
  simulator.log.clear();
  deps.clock.advanceSeconds(minuteSeconds);
  const other = startOtherProcess(another(), { do: "attempt-due" });
  const [code] = await Promise.all([
    other.ended,
    ...Array.from({ length: 3 }, () => attemptDueRevocations(deps)),
  ]);
  expect(code).toBe(0);
  expect(asked()).toBe(6);
  expect(await deps.db.revocation.count({ where: { state: "confirmed", attempts: 2 } })).toBe(6);
});

test("[OA-14] one who was paused for longer than the claim changes nothing", async () => {
  const { principal, grantId } = await connected();
  const held = simulator.faults.set(
    wireFaults.held,
    { stage: "after-work" },
    { path: revoke, times: 1 },
  );
  const paused = disconnectGrant(deps, principal, grantId);
  await held.reached;
  deps.clock.advanceSeconds(61);
  simulator.faults.set(wireFaults.cut, { stage: "before-work" }, { path: revoke, times: 1 });
  await attemptDueRevocations(deps);
  const after = await only();
  expect(after).toMatchObject({ state: "pending", attempts: 2 });
  held.release();
  await paused;
  expect(await only()).toEqual(after);
});

test("[OA-14] what the provider refuses for good is said so and not asked again", async () => {
  const { principal, grantId } = await connected();
  simulator.faults.set(salesforceFaults.revokeError, { error: "unsupported_token_type" });
  const { revocation } = await disconnectGrant(deps, principal, grantId);
  expect(revocation).toMatchObject({ state: "refused", httpStatus: 400, nextAttemptAt: null });
  deps.clock.advanceSeconds(daySeconds);
  await attemptDueRevocations(deps);
  expect(asked()).toBe(1);
  expect((await only()).tokenSealed).toBeNull();
});

test("[OA-14] a token that is dead already counts as ended", async () => {
  const { principal, grantId } = await connected();
  simulator.faults.set(salesforceFaults.revokeError, { error: "invalid_token" });
  const { revocation } = await disconnectGrant(deps, principal, grantId);
  expect(revocation).toMatchObject({ state: "confirmed", httpStatus: 400 });
});

test("[OA-14] after thirty days it is given up, its token is gone, and both are told", async () => {
  const { principal, grantId } = await connected();
  down();
  await disconnectGrant(deps, principal, grantId);
  deps.clock.advanceSeconds(30 * daySeconds);
  await attemptDueRevocations(deps);
  expect(await only()).toMatchObject({ state: "gave_up", tokenSealed: null, nextAttemptAt: null });
  const { items } = await listRevocations(
    deps,
    principal,
    revocationQuerySchema.parse({ open: "true" }),
  );
  expect(items).toMatchObject([{ state: "gave_up", attempts: 2 }]);
});

test("[OA-14] its owner asks again before the time, and sees the receipt", async () => {
  const { principal, grantId } = await connected();
  const outage = down();
  const { revocation } = await disconnectGrant(deps, principal, grantId);
  const id = revocation?.id ?? "";
  outage.clear();
  expect(await askAgain(deps, principal, id)).toMatchObject({
    state: "confirmed",
    attempts: 2,
    httpStatus: 200,
    isMine: true,
    username: dana,
  });
  // Asking once more changes nothing.
  expect(await askAgain(deps, principal, id)).toMatchObject({ state: "confirmed", attempts: 2 });
});

test("[TEN-4] an admin sees and repeats a member's; a member and another team find nothing", async () => {
  const owner = await given.person({ secondFactor: true });
  const member = await given.person({ teamId: owner.teamId, role: "member" });
  const colleague = await given.person({ teamId: owner.teamId, role: "member" });
  const stranger = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  await studio.connect(member, connectionId, dana);
  const { myGrant } = await getConnectionView(deps, member, connectionId);
  down();
  const { revocation } = await disconnectGrant(deps, member, myGrant?.id ?? "");
  const id = revocation?.id ?? "";
  const seenBy = async (principal: typeof owner) =>
    (await listRevocations(deps, principal, revocationQuerySchema.parse({}))).items.length;
  expect(await Promise.all([owner, member, colleague, stranger].map(seenBy))).toEqual([1, 1, 0, 0]);
  for (const nobody of [colleague, stranger]) {
    await expect(askAgain(deps, nobody, id)).rejects.toMatchObject({ status: 404 });
  }
  simulator.faults.clear();
  expect(await askAgain(deps, owner, id)).toMatchObject({ state: "confirmed", isMine: false });
});

test("[VA-2] a queued token opens in no other row, and not under another host or client", async () => {
  const { principal, grantId } = await connected();
  const outage = down();
  await disconnectGrant(deps, principal, grantId);
  outage.clear();
  simulator.log.clear();
  await database.pool.query("update revocations set token_host = 'test.salesforce.com'");
  deps.clock.advanceSeconds(minuteSeconds);
  await attemptDueRevocations(deps);
  expect(asked()).toBe(0);
  expect(await only()).toMatchObject({ state: "not_possible", reason: "unreadable_secret" });
});

test("[VA-11] moving a token to its revocation and opening it to ask are two events", async () => {
  const { principal, grantId } = await connected();
  await disconnectGrant(deps, principal, grantId);
  const opened = await deps.db.auditEvent.findMany({
    where: { teamId: principal.teamId, action: "secret.opened" },
    orderBy: { sequence: "asc" },
  });
  expect(opened.map(({ targetKind, detail }) => [targetKind, detail])).toEqual([
    ["flow", { purpose: "code_exchange", kind: "code_verifier" }],
    ["grant", { purpose: "queue_revocation", kind: "refresh_token" }],
    ["revocation", { purpose: "revoke", kind: "refresh_token" }],
  ]);
});

test("[RF-15] reconnecting ends the token it replaces, and the new one works on", async () => {
  const { principal, connectionId, grantId } = await connected();
  await studio.connect(principal, connectionId, dana);
  expect(asked()).toBe(1);
  expect(await only()).toMatchObject({ cause: "replaced", state: "confirmed", grantId });
  expect(await testGrant(deps, principal, grantId)).toMatchObject({ ok: true });
});

test("[RF-15] of two reconnects at once one token is left alive, and it is the one that is kept", async () => {
  const { principal, connectionId, grantId } = await connected();
  const flows = [
    await studio.begin(principal, connectionId),
    await studio.begin(principal, connectionId),
  ] as const;
  const params = [
    await studio.approve(flows[0], dana),
    await studio.approve(flows[1], dana),
  ] as const;
  await Promise.all([
    studio.callback(principal, flows[0], params[0]),
    studio.callback(principal, flows[1], params[1]),
  ]);
  await attemptDueRevocations(deps);
  expect(asked()).toBe(2);
  expect(await deps.db.revocation.count({ where: { state: "confirmed", cause: "replaced" } })).toBe(
    2,
  );
  expect(await testGrant(deps, principal, grantId)).toMatchObject({ ok: true });
  const { generation } = await deps.db.grant.findUniqueOrThrow({ where: { id: grantId } });
  expect(generation).toBe(3);
});
