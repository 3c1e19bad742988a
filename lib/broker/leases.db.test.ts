import { randomUUID } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { deleteAgent } from "#lib/agents/delete-agent.ts";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { revokeKey } from "#lib/agents/revoke-key.ts";
import { agentPatchSchema } from "#lib/agents/schema.ts";
import { verifyChain } from "#lib/audit/verify-chain.ts";
import { authenticateCaller } from "#lib/broker/authenticate-caller.ts";
import { authenticateLease } from "#lib/broker/authenticate-lease.ts";
import { endLease } from "#lib/broker/end-lease.ts";
import { listConnectionLeases } from "#lib/broker/list-leases.ts";
import { leaseListQuerySchema } from "#lib/broker/schema.ts";
import { sweepLeases } from "#lib/broker/sweep-leases.ts";
import { NotFoundError, SecondFactorRequiredError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import { inTransaction } from "#lib/db/client.ts";
import { chooseRawLeases } from "#lib/grants/choose-raw-leases.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { editConnection } from "#lib/grants/edit-connection.ts";
import { getGrantView } from "#lib/grants/get-grant-view.ts";
import { getGrantHealth } from "#lib/grants/get-health.ts";
import { limitsOfLease, limitTable } from "#lib/limits/limit-table.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { removeMember } from "#lib/team/remove-member.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { type GivenAgent, givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { startOtherProcess } from "#lib/testing/other-process.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, database, simulator } = studio;
const agents = await listenForAgents(deps);
const dana = "dana.kowalczyk@halden.example";
const tokenPath = "/services/oauth2/token";
const by = { requestId: "00000000-0000-4000-8000-000000000000" };

beforeEach(() => simulator.log.clear());
afterEach(() => deps.agentKeys.settled());

type Place = { owner: Principal; connectionId: string; grantId: string } & GivenAgent;

/** A person who is connected, with an agent for it. */
async function givenPlace(
  options: {
    owner?: Principal;
    mode?: "plan" | "build";
    directWritesUntil?: Date;
    unit?: true;
  } = {},
): Promise<Place> {
  const { mode = "plan", directWritesUntil = null } = options;
  const owner = options.owner ?? (await given.person({ secondFactor: true }));
  const definition = options.unit ? givenDefinitions.haldenUnit : givenDefinitions.halden;
  const connectionId = await given.connection(owner, definition);
  await studio.connect(owner, connectionId, options.unit ? "d.kowalczyk@halden" : dana);
  const { id: grantId } = await deps.db.grant.findFirstOrThrow({ where: { connectionId } });
  const connections = [{ id: connectionId, directWritesUntil }];
  return {
    owner,
    connectionId,
    grantId,
    ...(await givenAgent(deps, owner, { mode, connections })),
  };
}

const lease = ({ key, connectionId }: { key: string; connectionId: string }, more: object = {}) =>
  agents.call("/api/broker/leases", {
    method: "POST",
    credential: key,
    json: { connectionId, ...more },
  });
const giveBack = (key: string, id: unknown) =>
  agents.call(`/api/broker/leases/${id}`, { method: "DELETE", credential: key });

/** Once everything committed so far was heard. */
async function who(token: unknown) {
  await deps.changes.current();
  return authenticateLease(deps, String(token));
}

const eventsAbout = (targetId: unknown) =>
  deps.db.auditEvent.findMany({
    where: { targetId: String(targetId) },
    orderBy: { sequence: "asc" },
  });

test("[BRK-2] a lease binds key, owner, connection, grant and mode, and says until when it serves", async () => {
  const place = await givenPlace();
  const { owner, connectionId } = place;
  const answer = await lease(place);
  expect(answer.status).toBe(201);
  const { body } = answer;
  expect(body).toEqual({
    leaseId: expect.any(String),
    connectionId,
    tokenType: "Bearer",
    leaseToken: expect.stringMatching(/^mml_[\w-]{22}_[\w-]{43}$/),
    expiresAt: new Date(
      deps.clock.now().getTime() + Number(body.expiresInSeconds) * 1000,
    ).toISOString(),
    expiresInSeconds: expect.any(Number),
    instanceUrl: expect.stringMatching(/^https:\/\/\w+\.my\.salesforce\.com$/),
    proxyUrl: `${deps.studioUrl}/api/broker/proxy/${connectionId}`,
  });
  const row = await deps.db.lease.findUniqueOrThrow({ where: { id: String(body.leaseId) } });
  expect(row).toMatchObject({
    teamId: owner.teamId,
    agentId: place.agentId,
    keyId: place.keyId,
    ownerId: owner.userId,
    connectionId,
    grantId: place.grantId,
    mode: "plan",
    isRaw: false,
    endedAt: null,
  });
  expect(await who(body.leaseToken)).toEqual({
    kind: "agent",
    agentId: place.agentId,
    keyId: place.keyId,
    teamId: owner.teamId,
    ownerId: owner.userId,
    mode: "plan",
    budget: { callsPerDay: null, rowsPerDay: null, sendsPerDay: null },
    asksForConnections: true,
    connections: new Map([[connectionId, { directWritesUntil: null }]]),
  });
});

test("[BRK-2] a lease is over when it said so, and before its token is, on the monotonic clock", async () => {
  const place = await givenPlace();
  const { body } = await lease(place);
  const seconds = Number(body.expiresInSeconds);
  expect(seconds).toBeLessThanOrEqual(1_200);
  const { generation } = await deps.db.grant.findUniqueOrThrow({ where: { id: place.grantId } });
  const key = { id: place.grantId, generation };
  const leftMs = (deps.accessTokens.get(key)?.expiresAtMs ?? 0) - deps.clock.monotonicMs();
  expect(seconds * 1000).toBeLessThan(leftMs);
  expect(await who(body.leaseToken)).not.toBeNull();
  deps.clock.advanceSeconds(seconds - 1);
  expect(await who(body.leaseToken)).not.toBeNull();
  deps.clock.advanceSeconds(1);
  expect(await who(body.leaseToken)).toBeNull();
});

test("[BRK-2] a lease is useless to another key, even of the same agent", async () => {
  const place = await givenPlace();
  const { body } = await lease(place);
  const other = await givenAgent(deps, place.owner, { connections: [place.connectionId] });
  const absent = await giveBack(other.key, randomUUID());
  const foreign = await giveBack(other.key, body.leaseId);
  expect(foreign.status).toBe(404);
  expect({ ...foreign.body, requestId: "" }).toEqual({ ...absent.body, requestId: "" });
  await deps.db.agentKey.update({ where: { id: other.keyId }, data: { agentId: place.agentId } });
  expect((await giveBack(other.key, body.leaseId)).status).toBe(404);
  expect(await who(body.leaseToken)).not.toBeNull();
  // Nor does it stand for a key where one is asked for.
  const asKey = await lease({ ...place, key: String(body.leaseToken) });
  expect([asKey.status, asKey.body.code]).toEqual([403, "agents.key_needed"]);
  expect(
    (await agents.call("/api/broker/connections", { credential: String(body.leaseToken) })).status,
  ).toBe(403);
});

test("[BRK-2] a lease opens its own connection, and none of the others that its agent has", async () => {
  const place = await givenPlace();
  const another = await given.connection(place.owner, givenDefinitions.haldenUnit);
  await studio.connect(place.owner, another, "d.kowalczyk@halden");
  await deps.db.agentConnection.create({
    data: { agentId: place.agentId, connectionId: another },
  });
  await inTransaction(deps.db, (tx) => announceChange(tx, { kind: "agent", id: place.agentId }));
  await deps.changes.current();
  const read = async (credential: unknown) =>
    (
      await agents.call(`/api/broker/proxy/${another}/rest/platform/v1/tokenContext`, {
        credential: String(credential),
      })
    ).status;
  const { body } = await lease(place);
  expect([...((await who(body.leaseToken))?.connections.keys() ?? [])]).toEqual([
    place.connectionId,
  ]);
  expect(await read(place.key)).toBe(200);
  expect(await read(body.leaseToken)).toBe(404);
});

test("[BRK-2] a lease whose row names another owner or agent than its key does opens nothing", async () => {
  const place = await givenPlace();
  const other = await givenPlace();
  const { userId: ownerId } = other.owner;
  for (const data of [{ ownerId }, { agentId: other.agentId }]) {
    const { body } = await lease(place);
    await deps.db.lease.update({ where: { id: String(body.leaseId) }, data });
    expect(await who(body.leaseToken)).toBeNull();
  }
});

test("[BRK-2] a lease stays in the mode that it was issued in, or goes below it", async () => {
  const inPlan = await givenPlace();
  const inBuild = await givenPlace({ mode: "build" });
  const [plan, build] = [await lease(inPlan), await lease(inBuild)];
  const { agentId } = inPlan;
  await inTransaction(deps.db, async (tx) => {
    await tx.agent.update({ where: { id: agentId }, data: { mode: "build" } });
    await announceChange(tx, { kind: "agent", id: agentId });
  });
  await deps.changes.current();
  expect((await authenticateCaller(deps, inPlan.key))?.mode).toBe("build");
  expect((await who(build.body.leaseToken))?.mode).toBe("build");
  const patch = agentPatchSchema.parse({ mode: "plan" });
  await editAgent(deps, inBuild.owner, inBuild.agentId, patch);
  expect((await who(plan.body.leaseToken))?.mode).toBe("plan");
  expect((await who(build.body.leaseToken))?.mode).toBe("plan");
});

test("[TEN-2] another team's connection, and one that is not the agent's, answer as an absent one", async () => {
  const [mine, theirs] = [await givenPlace(), await givenPlace()];
  const notListed = await given.connection(mine.owner, givenDefinitions.haldenUat);
  const absent = await lease({ ...mine, connectionId: randomUUID() });
  expect(absent.status).toBe(404);
  for (const connectionId of [theirs.connectionId, notListed]) {
    const answer = await lease({ ...mine, connectionId });
    expect([answer.status, { ...answer.body, requestId: "" }]).toEqual([
      404,
      { ...absent.body, requestId: "" },
    ]);
  }
  const listed = await agents.call("/api/broker/connections", { credential: mine.key });
  expect((listed.body.items as { id: string }[]).map(({ id }) => id)).toEqual([mine.connectionId]);
});

test("[TEN-4] an agent works with its owner's own sign-in, never with a teammate's", async () => {
  const place = await givenPlace();
  const mate = await given.person({ teamId: place.owner.teamId, role: "member" });
  const theirs = await givenAgent(deps, mate, { connections: [place.connectionId] });
  const refused = await lease({ key: theirs.key, connectionId: place.connectionId });
  expect([refused.status, refused.body.code]).toEqual([409, "grants.not_connected"]);
  expect(refused.body.remedy).toEqual({ do: "reconnect", connectionId: place.connectionId });
  const listed = await agents.call("/api/broker/connections", { credential: theirs.key });
  expect(listed.body.items).toMatchObject([{ state: "not_connected", username: null }]);
});

test("an agent is told which business unit it works in, where only the sign-in says it", async () => {
  const owner = await given.person();
  const definition = { ...givenDefinitions.haldenUnit, accountId: undefined };
  const connectionId = await given.connection(owner, definition);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const { key } = await givenAgent(deps, owner, { connections: [connectionId] });
  const { body } = await agents.call("/api/broker/connections", { credential: key });
  const { memberId } = await deps.db.grant.findFirstOrThrow({ where: { connectionId } });
  expect(body.items).toMatchObject([{ accountId: Number(memberId), orgId: null }]);
});

test("what a lease asks to be left is waited for, by one refresh however many ask", async () => {
  const place = await givenPlace();
  const first = await lease(place);
  deps.clock.advanceSeconds(Number(first.body.expiresInSeconds) - 300);
  simulator.log.clear();
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => lease(place, { minRemainingSeconds: 600 })),
  );
  for (const { status, body } of answers) {
    expect(status).toBe(201);
    expect(body.expiresInSeconds).toBeGreaterThanOrEqual(600);
  }
  expect(simulator.log.requestsTo(tokenPath)).toHaveLength(1);
});

test("the most that a lease may ask for is there at any moment of a business unit's token", async () => {
  const place = await givenPlace({ unit: true });
  simulator.log.clear();
  for (let passed = 0; passed < 30; passed += 1) {
    const { status, body } = await lease(place, { minRemainingSeconds: 900 });
    expect(status, JSON.stringify(body)).toBe(201);
    expect(body.expiresInSeconds).toBeGreaterThanOrEqual(900);
    deps.clock.advanceSeconds(30);
    simulator.clock.advanceSeconds(30);
  }
  expect(simulator.log.requestsTo("/v2/token").length).toBeLessThan(10);
});

test("a lease counts for the connection's health and is its last use; one that asks too much is no fault", async () => {
  const place = await givenPlace();
  expect((await lease(place)).status).toBe(201);
  expect((await lease(place, { raw: true })).status).toBe(403);
  await deps.usage.flush();
  const health = await getGrantHealth(deps, place.owner, place.grantId);
  expect(health.leases).toMatchObject({ count: 1, failed: 0 });
  expect(health.leases.p95Ms).not.toBeNull();
  await expect
    .poll(async () => (await getGrantView(deps, place.owner, place.grantId)).lastUsedAt)
    .toBe(deps.clock.now().toISOString());
});

test("more than the provider's tokens live is said plainly, not waited for", async () => {
  const place = await givenPlace();
  deps.clock.advanceSeconds(100);
  const answer = await lease(place, { minRemainingSeconds: 900 });
  expect([answer.status, answer.body.code]).toEqual([409, "broker.life_not_available"]);
  expect(answer.body.detail).toMatch(/\d+ seconds can be given/);
  expect((await lease(place, { minRemainingSeconds: 901 })).status).toBe(400);
});

test("[WEB-10] a place in the list of leases that nobody was given is refused", () => {
  const isTaken = (cursor: string) => leaseListQuerySchema.safeParse({ cursor }).success;
  expect(isTaken(`1_${randomUUID()}`)).toBe(true);
  for (const cursor of [`1_${"-".repeat(36)}`, `1_${"a".repeat(36)}`, "1_", randomUUID()]) {
    expect(isTaken(cursor), cursor).toBe(false);
  }
});

test("[BRK-10] who asks for leases too often is told when to come again, and others are not held up", async () => {
  const place = await givenPlace();
  const other = await givenAgent(deps, place.owner, { connections: [place.connectionId] });
  const { limit, windowSeconds } = limitTable.lease.key;
  const spent = limitsOfLease({ ...place, ownerId: place.owner.userId }).slice(0, 1);
  for (let asked = 1; asked < limit; asked += 1) deps.limits.take(spent);
  expect((await lease(place)).status).toBe(201);
  const refused = await lease(place);
  expect([refused.status, refused.body.code]).toEqual([429, "broker.too_many_leases"]);
  const waitSeconds = Number(refused.headers["retry-after"]);
  expect(waitSeconds).toBeGreaterThan(0);
  expect(waitSeconds).toBeLessThanOrEqual(windowSeconds);
  expect((await lease({ ...place, key: other.key })).status).toBe(201);
  deps.clock.advanceSeconds(waitSeconds);
  expect((await lease(place)).status).toBe(201);
});

test("an ended sign-in tells the agent who can mend it, and where", async () => {
  const place = await givenPlace();
  await editConnection(deps, place.owner, place.connectionId, {
    version: 1,
    voids: 1,
    environment: "sandbox",
  });
  await deps.changes.current();
  const answer = await lease(place);
  expect(answer.body).toMatchObject({
    status: 409,
    code: "grants.needs_reconnect",
    remedy: { do: "reconnect", connectionId: place.connectionId },
  });
});

test("[BRK-3] the access token itself takes its owner's choice, build mode, and leave to write here", async () => {
  const later = new Date(deps.clock.now().getTime() + 300_000);
  const place = await givenPlace({ mode: "build", directWritesUntil: later });
  const refused = await lease(place, { raw: true });
  expect([refused.status, refused.body.code]).toEqual([403, "broker.raw_not_allowed"]);
  await chooseRawLeases(deps, place.owner, place.grantId, { allowsRawLeases: true });
  await deps.changes.current();

  const planning = await givenAgent(deps, place.owner, {
    connections: [{ id: place.connectionId, directWritesUntil: later }],
  });
  expect((await lease({ ...place, key: planning.key }, { raw: true })).status).toBe(403);
  const cautious = await givenAgent(deps, place.owner, {
    mode: "build",
    connections: [place.connectionId],
  });
  expect((await lease({ ...place, key: cautious.key }, { raw: true })).status).toBe(403);

  const { body } = await lease(place, { raw: true });
  const { generation } = await deps.db.grant.findUniqueOrThrow({ where: { id: place.grantId } });
  const held = deps.accessTokens.get({ id: place.grantId, generation });
  expect(body.accessToken).toBe(held?.token.reveal());
  // No longer than its owner's leave to write.
  expect(body.expiresInSeconds).toBeLessThanOrEqual(300);
  expect(await eventsAbout(body.leaseId)).toMatchObject([
    { action: "lease.issued", detail: { isRaw: true, grantId: place.grantId, keyId: place.keyId } },
  ]);
  expect(await eventsAbout(place.grantId)).toEqual(
    expect.arrayContaining([expect.objectContaining({ action: "grant.raw_leases_allowed" })]),
  );
  // Asked for or not: nothing but a raw lease holds it.
  expect((await lease(place)).body.accessToken).toBeUndefined();
  await chooseRawLeases(deps, place.owner, place.grantId, { allowsRawLeases: false });
  await deps.changes.current();
  expect((await lease(place, { raw: true })).status).toBe(403);
});

test("[BRK-3] nobody chooses for another person's sign-in, an admin neither", async () => {
  const place = await givenPlace();
  const admin = await given.person({
    teamId: place.owner.teamId,
    role: "admin",
    secondFactor: true,
  });
  await expect(
    chooseRawLeases(deps, admin, place.grantId, { allowsRawLeases: true }),
  ).rejects.toThrow(NotFoundError);
});

test("[BRK-3] no answer to an agent holds a refresh token, and only a raw lease an access token", async () => {
  const later = new Date(deps.clock.now().getTime() + 3_600_000);
  const place = await givenPlace({ mode: "build", directWritesUntil: later, unit: true });
  await chooseRawLeases(deps, place.owner, place.grantId, { allowsRawLeases: true });
  await deps.changes.current();
  deps.clock.advanceSeconds(1_050);
  simulator.log.clear();
  const answers = [
    await lease(place),
    await lease(place, { raw: true }),
    await agents.call("/api/broker/connections", { credential: place.key }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 200]);
  const spent = simulator.log.requestsTo("/v2/token").flatMap(({ body }) => {
    const text = body.toString("utf8");
    return (
      /refresh_token=([^&]+)/.exec(text)?.[1] ?? /"refresh_token":"([^"]+)"/.exec(text)?.[1] ?? []
    );
  });
  expect(spent).toHaveLength(1);
  const { refreshTokenSealed } = await deps.db.grant.findUniqueOrThrow({
    where: { id: place.grantId },
  });
  for (const secret of [...spent, String(refreshTokenSealed)]) {
    expect(JSON.stringify(answers)).not.toContain(secret);
  }
  const { accessToken } = answers[1]?.body ?? {};
  expect(accessToken).toEqual(expect.any(String));
  expect(JSON.stringify([answers[0], answers[2]])).not.toContain(accessToken);
});

const endings: [string, (place: Place, leaseId: string) => Promise<unknown>][] = [
  ["lease", ({ owner }, leaseId) => endLease(deps, owner, leaseId, by)],
  ["key", ({ owner, agentId, keyId }) => revokeKey(deps, owner, agentId, keyId)],
  ["agent", ({ owner, agentId }) => deleteAgent(deps, owner, agentId)],
  ["grant", ({ owner, grantId }) => disconnectGrant(deps, owner, grantId)],
  [
    "connection from the agent",
    ({ owner, agentId }) =>
      editAgent(deps, owner, agentId, agentPatchSchema.parse({ connections: [] })),
  ],
];

test.each(endings)("[BRK-11] taking back the %s ends its lease at once", async (_, takeBack) => {
  const place = await givenPlace();
  const { body } = await lease(place);
  expect(await who(body.leaseToken)).not.toBeNull();
  await takeBack(place, String(body.leaseId));
  expect(await who(body.leaseToken)).toBeNull();
});

test("[BRK-11] a sign-in anew, as another person say, ends the leases of the one before", async () => {
  const place = await givenPlace();
  const { body } = await lease(place);
  await studio.connect(place.owner, place.connectionId, dana);
  expect(await who(body.leaseToken)).toBeNull();
  expect(await who((await lease(place)).body.leaseToken)).not.toBeNull();
});

test("[TEN-10] a removed member's leases are over", async () => {
  const owner = await given.person({ secondFactor: true });
  const member = await given.person({ teamId: owner.teamId, role: "member" });
  const place = await givenPlace({ owner: member });
  const { body } = await lease(place);
  await removeMember(deps, owner, member.userId);
  expect(await who(body.leaseToken)).toBeNull();
  expect((await lease(place)).status).toBe(401);
});

test.each(endings.slice(0, 4))(
  "[BRK-11] taking back the %s is heard in another process within a second",
  async (_, takeBack) => {
    const place = await givenPlace();
    const { body } = await lease(place);
    const key = String(body.leaseToken);
    const now = deps.clock.now().toISOString();
    const other = startOtherProcess(
      { ...studio.settingsOfAnother, now },
      { do: "authenticate", key },
    );
    const told = async () => (await other.told.next()).value?.[0];
    expect(await told()).toEqual({ isAccepted: true });
    await takeBack(place, String(body.leaseId));
    const committedAt = performance.now();
    expect(await told()).toEqual({ isAccepted: false });
    expect(performance.now() - committedAt).toBeLessThan(1_000);
  },
);

test("[BRK-12] cookies are ignored, and an agent key is nobody among people", async () => {
  const place = await givenPlace();
  const cookie = `__Host-session=${place.key}; next-auth.session-token=${place.key}`;
  const onlyCookie = await agents.call("/api/broker/connections", { headers: { cookie } });
  expect(onlyCookie.status).toBe(401);
  expect(onlyCookie.headers["www-authenticate"]).toBe("Bearer");
  const wrong = await agents.call("/api/broker/connections", { credential: `${place.key}x` });
  expect(wrong.status).toBe(401);
  expect(wrong.headers["www-authenticate"]).toContain("invalid_token");
  expect(wrong.body).toMatchObject({ code: "agents.not_authenticated" });
  const both = await agents.call("/api/broker/connections", {
    credential: place.key,
    headers: { cookie: "a=b", origin: "https://elsewhere.example" },
  });
  expect(both.status).toBe(200);
  expect(both.headers["access-control-allow-origin"]).toBeUndefined();
  const oauth = await agents.call("/api/broker/connections", {
    headers: { authorization: `OAuth 00D000000000001AAA!${place.key}` },
  });
  expect(oauth.status).toBe(200);
});

test("[TEN-9] what is not asked for is refused, whatever it is", async () => {
  const place = await givenPlace();
  for (const more of [
    { mode: "build" },
    { ownerId: randomUUID() },
    { raw: "yes" },
    { connectionId: [place.connectionId] },
  ]) {
    expect((await lease(place, more)).status).toBe(400);
  }
  const credential = place.key;
  const post = { method: "POST", credential };
  const plain = { ...post, body: "{}", headers: { "content-type": "text/plain" } };
  expect((await agents.call("/api/broker/leases", plain)).status).toBe(415);
  const long = { ...post, json: { connectionId: "x".repeat(20_000) } };
  expect((await agents.call("/api/broker/leases", long)).status).toBe(413);
  const broken = { ...post, body: '{"a', headers: { "content-type": "application/json" } };
  expect((await agents.call("/api/broker/leases", broken)).status).toBe(400);
  expect((await agents.call("/api/broker/connections?all=1", { credential })).status).toBe(400);
  expect((await agents.call("/api/broker/connections", { credential, body: "x" })).status).toBe(
    400,
  );
  expect((await giveBack(credential, "not-an-id")).status).toBe(400);
});

test("[AUD-1] leases given out and back each leave an event that names agent, key and owner", async () => {
  const place = await givenPlace();
  const { body } = await lease(place);
  expect((await giveBack(place.key, body.leaseId)).status).toBe(204);
  expect((await giveBack(place.key, body.leaseId)).status).toBe(204);
  expect(await who(body.leaseToken)).toBeNull();
  const actor = { actorKind: "agent", actorId: place.agentId, onBehalfOf: place.owner.userId };
  expect(await eventsAbout(body.leaseId)).toMatchObject([
    { ...actor, action: "lease.issued", connectionId: place.connectionId },
    { ...actor, action: "lease.ended", detail: { keyId: place.keyId } },
  ]);
});

/** For this test's time, nothing can be written of what the trigger is on. */
async function refuseInserts(table: string): Promise<void> {
  await database.pool.query(`
    create function refuse_${table}() returns trigger language plpgsql as $$ begin raise 'full'; end $$;
    create trigger refuse before insert on ${table} for each row execute function refuse_${table}();`);
  onTestFinished(async () => {
    await database.pool.query(`drop trigger refuse on ${table}; drop function refuse_${table}()`);
  });
}

test.each(["audit_events", "leases"])(
  "[AUD-2] where %s cannot be written, no lease is answered and none is stored",
  async (table) => {
    const place = await givenPlace();
    const before = await deps.db.auditEvent.count({ where: { teamId: place.owner.teamId } });
    await refuseInserts(table);
    const answers = await Promise.all([lease(place), lease(place), lease(place)]);
    for (const { status, body } of answers) {
      expect([status, body.code]).toEqual([500, "server_error"]);
      expect(JSON.stringify(body)).not.toContain("mml_");
    }
    expect(await deps.db.lease.count({ where: { connectionId: place.connectionId } })).toBe(0);
    const after = await deps.db.auditEvent.count({ where: { teamId: place.owner.teamId } });
    expect(after).toBe(before);
  },
);

test("[AUD-4] leases of several teams asked for at once, beside other changes, leave chains without a gap", async () => {
  const places = [await givenPlace(), await givenPlace(), await givenPlace()];
  const asked = places.flatMap((place) => Array.from({ length: 30 }, () => lease(place)));
  const others = places.map(({ owner, grantId }) =>
    chooseRawLeases(deps, owner, grantId, { allowsRawLeases: true }),
  );
  const answers = await Promise.all(asked);
  await Promise.all(others);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  const keys = new Map([[deps.chainKey.id, deps.chainKey]]);
  for (const { owner, connectionId } of places) {
    expect(await deps.db.lease.count({ where: { connectionId } })).toBe(30);
    const events = { connectionId, action: "lease.issued" };
    expect(await deps.db.auditEvent.count({ where: events })).toBe(30);
    const report = await verifyChain({ db: deps.db, keys }, owner.teamId, []);
    expect(report.firstBad).toBeNull();
  }
});

test("[BRK-11] active leases are listed to their owner and to admins, and ended by them alone", async () => {
  const owner = await given.person({ secondFactor: true });
  const { teamId } = owner;
  const member = await given.person({ teamId, role: "member" });
  const mate = await given.person({ teamId, role: "member" });
  const weakAdmin = await given.person({ teamId, role: "admin" });
  const place = await givenPlace({ owner: member });
  const { connectionId } = place;
  const leases = [await lease(place), await lease(place), await lease(place)];
  const page = { limit: 50 };
  const list = (person: Principal, query: { limit: number; cursor?: string } = page) =>
    listConnectionLeases(deps, person, connectionId, query);
  expect((await list(owner)).items).toHaveLength(3);
  expect((await list(member)).items).toMatchObject([{ isMine: true }, {}, {}]);
  expect(JSON.stringify(await list(member))).not.toContain("mml_");
  expect((await list(mate)).items).toEqual([]);
  await expect(list(await given.person())).rejects.toThrow(NotFoundError);

  const first = await list(owner, { limit: 2 });
  const second = await list(owner, { limit: 2, cursor: first.nextCursor ?? "" });
  const seen = [...first.items, ...second.items].map(({ id }) => id).toSorted();
  expect(seen).toEqual(leases.map(({ body }) => String(body.leaseId)).toSorted());
  expect(second.nextCursor).toBeNull();

  const id = String(leases[0]?.body.leaseId);
  await expect(endLease(deps, mate, id, by)).rejects.toThrow(NotFoundError);
  await expect(endLease(deps, weakAdmin, id, by)).rejects.toThrow(SecondFactorRequiredError);
  await endLease(deps, owner, id, by);
  await endLease(deps, member, String(leases[1]?.body.leaseId), by);
  expect((await list(owner)).items).toHaveLength(1);
  expect((await eventsAbout(id)).at(-1)).toMatchObject({
    action: "lease.ended",
    actorId: owner.userId,
    onBehalfOf: member.userId,
  });
  deps.clock.advanceSeconds(1_300);
  expect((await list(owner)).items).toEqual([]);
});

test("leases that ended thirty days ago are deleted, their events are not", async () => {
  const place = await givenPlace();
  const { body } = await lease(place);
  deps.clock.advanceSeconds(29 * 86_400);
  await sweepLeases(deps, AbortSignal.timeout(10_000));
  expect(await deps.db.lease.count({ where: { id: String(body.leaseId) } })).toBe(1);
  deps.clock.advanceSeconds(2 * 86_400);
  await sweepLeases(deps, AbortSignal.timeout(10_000));
  expect(await deps.db.lease.count({ where: { id: String(body.leaseId) } })).toBe(0);
  expect(await eventsAbout(body.leaseId)).toHaveLength(1);
});

test("the list for an agent says how its owner stands, page by page", async () => {
  const place = await givenPlace();
  const second = await given.connection(place.owner, givenDefinitions.haldenUat);
  await deps.db.agentConnection.create({ data: { agentId: place.agentId, connectionId: second } });
  const page = (query: string) =>
    agents.call(`/api/broker/connections${query}`, { credential: place.key });
  const first = await page("?limit=1");
  const rest = await page(`?limit=1&cursor=${first.body.nextCursor}`);
  const items = [...(first.body.items as object[]), ...(rest.body.items as object[])];
  expect(items).toHaveLength(2);
  expect(items).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ id: place.connectionId, state: "active", username: dana }),
      expect.objectContaining({ id: second, state: "not_connected", username: null }),
    ]),
  );
  expect(rest.body.nextCursor).toBeNull();
});

test("nobody is let in by a token of nobody", async () => {
  for (const token of ["", "mml_", `mml_${"A".repeat(22)}_${"A".repeat(43)}`, "mmk_x"]) {
    expect(await authenticateCaller(deps, token)).toBeNull();
  }
});

test("[BRK-11] an agent that is disabled and enabled again has none of its leases back", async () => {
  const place = await givenPlace();
  const { body } = await lease(place);
  expect(await who(body.leaseToken)).not.toBeNull();
  await editAgent(deps, place.owner, place.agentId, { isDisabled: true });
  await editAgent(deps, place.owner, place.agentId, { isDisabled: false });
  expect(await who(body.leaseToken)).toBeNull();
});

test("[BRK-11] a key that is revoked while its request still comes gets no lease", async () => {
  const place = await givenPlace();
  const json = JSON.stringify({ connectionId: place.connectionId });
  const sent = request(`${agents.origin}/api/broker/leases`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${place.key}`,
      "content-type": "application/json",
      "content-length": json.length,
    },
    agent: false,
  });
  const { promise, resolve } = Promise.withResolvers<IncomingMessage>();
  const row = () => deps.db.agentKey.findUniqueOrThrow({ where: { id: place.keyId } });
  sent.on("response", resolve).write(json.slice(0, 10));
  // Its use is noted when it was believed.
  await expect.poll(async () => (await row()).lastUsedAt).not.toBeNull();
  await revokeKey(deps, place.owner, place.agentId, place.keyId);
  await deps.changes.current();
  sent.end(json.slice(10));
  expect((await promise).statusCode).toBe(401);
  expect(await deps.db.lease.count({ where: { keyId: place.keyId } })).toBe(0);
});

/** Asks for a lease that has to wait for a token; while it waits, `meanwhile` happens. */
async function leaseWhile(place: Place, more: object, meanwhile: () => Promise<unknown>) {
  const { generation } = await deps.db.grant.findUniqueOrThrow({ where: { id: place.grantId } });
  deps.accessTokens.drop(place.grantId);
  expect(deps.accessTokens.get({ id: place.grantId, generation })).toBeNull();
  const fault = simulator.faults.set(
    wireFaults.held,
    { stage: "before-work" },
    { path: tokenPath, times: 1 },
  );
  const asked = lease(place, more);
  await fault.reached;
  await meanwhile();
  await deps.changes.current();
  fault.release();
  return asked;
}

test("[BRK-11] a key that is revoked while its lease waits for a token gets none", async () => {
  const place = await givenPlace();
  const revoked = () => revokeKey(deps, place.owner, place.agentId, place.keyId);
  expect((await leaseWhile(place, {}, revoked)).status).toBe(404);
  expect(await deps.db.lease.count({ where: { keyId: place.keyId } })).toBe(0);
});

test("[BRK-3] a choice that is taken back while the token is waited for counts", async () => {
  const later = new Date(deps.clock.now().getTime() + 300_000);
  const place = await givenPlace({ mode: "build", directWritesUntil: later });
  const choose = (allowsRawLeases: boolean) =>
    chooseRawLeases(deps, place.owner, place.grantId, { allowsRawLeases });
  await choose(true);
  await deps.changes.current();
  const refused = await leaseWhile(place, { raw: true }, () => choose(false));
  expect([refused.status, refused.body.code]).toEqual([403, "broker.raw_not_allowed"]);
  expect(await deps.db.lease.count({ where: { keyId: place.keyId } })).toBe(0);
});
