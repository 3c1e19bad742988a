import { afterEach, expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import { createRefreshEngine, type RefreshEngineDeps } from "#lib/grants/refresh-engine.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";
import { KeySourceUnavailableError } from "#lib/vault/errors.ts";

const studio = await testStudio();
const { deps, simulator, given, database } = studio;
const dana = "dana.kowalczyk@halden.example";
const tokenPath = "/services/oauth2/token";
const app = simulator.salesforce.app(simulator.salesforce.studioClientId);
simulator.salesforce.settings.processingWindowSeconds = 0;
simulator.salesforce.settings.approvalsPerUser = 1_000;
const dayMs = 24 * 60 * 60 * 1000;

afterEach(() => {
  simulator.faults.clear();
  simulator.log.clear();
  app.rotation = "strict";
  // Whatever host rests after a test's failures is asked again.
  deps.clock.advanceSeconds(120);
});
app.rotation = "strict";

/** A connection whose access token has ended. */
async function ended(definition: object = givenDefinitions.halden, username = dana) {
  const principal = await given.person();
  const connectionId = await given.connection(principal, definition);
  await studio.connect(principal, connectionId, username);
  deps.clock.advanceSeconds(3_600);
  simulator.log.clear();
  const read = async () => (await findOwnGrant(deps.db, principal, connectionId)) as Grant;
  return { principal, connectionId, read, grant: await read() };
}
const tokenCalls = () => simulator.log.requestsTo(tokenPath);
const presented = () =>
  tokenCalls().map(({ body }) => new URLSearchParams(body.toString()).get("refresh_token"));
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "served",
    ({ code }: { code: string }) => code,
  );
/** Holds the provider's answer after the token was spent. */
const holdAnswer = () =>
  simulator.faults.set(wireFaults.held, { stage: "after-work" }, { path: tokenPath, times: 1 });
const answers = (status: number, body: string, headers: Record<string, string> = {}) =>
  simulator.faults.set(wireFaults.answer, { status, body, headers }, { path: tokenPath });

test("a token that has ended is refreshed, once for fifty callers at once; the events say so", async () => {
  const { grant, principal } = await ended();
  const tokens = await Promise.all(Array.from({ length: 50 }, () => freshAccessToken(deps, grant)));
  expect(new Set(tokens.map(({ token }) => token.reveal())).size).toBe(1);
  expect(tokenCalls()).toHaveLength(1);
  const events = await deps.db.auditEvent.findMany({
    where: {
      teamId: principal.teamId,
      targetId: grant.id,
      at: { gte: new Date(deps.clock.now().getTime() - 60_000) },
    },
    orderBy: { sequence: "asc" },
  });
  expect(events.map(({ action, result }) => `${action} ${result}`)).toEqual([
    "secret.opened success",
    "grant.refresh_begun intent",
    "grant.refreshed success",
  ]);
});

test("a short-lived token is neither refreshed early nor at every call", async () => {
  const { grant } = await ended();
  await freshAccessToken(deps, grant);
  // Fifteen minutes are assumed: with ten left nothing happens, also where all of it is asked for.
  deps.clock.advanceSeconds(60);
  await freshAccessToken(deps, grant, { minRemainingMs: 15 * 60_000 });
  deps.clock.advanceSeconds(4 * 60);
  await freshAccessToken(deps, grant);
  expect(tokenCalls()).toHaveLength(1);
  // In its last minutes the next one comes ahead, and nobody waits for it.
  deps.clock.advanceSeconds(8.6 * 60);
  expect(await freshAccessToken(deps, grant)).toMatchObject({ version: 2 });
  await expect.poll(() => deps.accessTokens.get(grant)?.version).toBe(3);
  expect(tokenCalls()).toHaveLength(2);
});

test("[RF-2] a loser's refusal never marks or overwrites the newer token", async () => {
  const { grant, read } = await ended();
  const held = simulator.faults.set(
    wireFaults.held,
    { stage: "before-work" },
    { path: tokenPath, times: 1 },
  );
  simulator.faults.set(salesforceFaults.tokenError, {
    error: "invalid_grant",
    description: "expired access/refresh token",
  });
  const late = codeOf(freshAccessToken(deps, grant));
  await held.reached;
  // Somebody else, who took this one for overdue, was quicker.
  await database.pool.query("delete from refreshes where grant_id = $1", [grant.id]);
  await database.pool.query(
    "update grants set token_version = token_version + 1, refresh_retry_at = now() + interval '1 year' where id = $1",
    [grant.id],
  );
  held.release();
  expect(await late).not.toBe("served");
  expect(await read()).toMatchObject({ state: "active", tokenVersion: 2, reason: null });
  expect((await read()).refreshTokenSealed).toBe(grant.refreshTokenSealed);
});

test("[RF-3] while the new token cannot be committed, nobody sees the access token", async () => {
  const { grant } = await ended();
  const held = holdAnswer();
  const coming = freshAccessToken(deps, grant);
  await held.reached;
  const blocker = await database.pool.connect();
  await blocker.query("begin");
  await blocker.query("select 1 from grants where id = $1 for update", [grant.id]);
  held.release();
  await expect.poll(() => deps.spool.list(grant.id)).toHaveLength(1);
  expect(deps.accessTokens.get(grant)).toBeNull();
  const state = await Promise.race([coming.then(() => "served"), Promise.resolve("waiting")]);
  expect(state).toBe("waiting");
  await blocker.query("commit");
  blocker.release();
  expect(await coming).toMatchObject({ version: 2 });
  expect(deps.spool.list(grant.id)).toEqual([]);
});

test.each([
  [
    "the intent",
    "revoke insert on refreshes from studio_app",
    "grant insert on refreshes to studio_app",
  ],
  [
    "the trail",
    "revoke insert on audit_events from studio_app",
    "grant insert on audit_events to studio_app",
  ],
])(
  "[RF-4] where %s cannot be written, the provider is not called",
  async (_what, broken, mended) => {
    const { grant } = await ended();
    await database.pool.query(broken);
    try {
      expect(await codeOf(freshAccessToken(deps, grant))).toBe("grants.refresh_busy");
    } finally {
      await database.pool.query(mended);
    }
    expect(tokenCalls()).toHaveLength(0);
    expect(await freshAccessToken(deps, grant)).toMatchObject({ version: 2 });
  },
);

test("[RF-4] without the key nothing is presented", async () => {
  const { grant } = await ended();
  const get = async () => {
    throw new KeySourceUnavailableError("the key service does not answer");
  };
  const keyless: RefreshEngineDeps = {
    ...deps,
    vault: { ...deps.vault, keyRing: { ...deps.vault.keyRing, get } },
  };
  const engine = createRefreshEngine(keyless);
  expect(await codeOf(engine.fresh(grant))).toBe("vault.keys_unavailable");
  expect(tokenCalls()).toHaveLength(0);
  expect(await deps.db.refresh.count({ where: { grantId: grant.id } })).toBe(0);
});

test("[RF-5] a database that is gone when the provider has answered loses nothing", async () => {
  const { grant } = await ended();
  const held = holdAnswer();
  const coming = freshAccessToken(deps, grant);
  await held.reached;
  await database.pool.query("alter table grants rename to grants_away");
  try {
    held.release();
    await expect.poll(() => deps.spool.list(grant.id)).toHaveLength(1);
    const [entry] = deps.spool.list(grant.id);
    expect(JSON.stringify(entry)).not.toContain(presented()[0]);
  } finally {
    await database.pool.query("alter table grants_away rename to grants");
  }
  expect(await coming).toMatchObject({ version: 2 });
  expect(tokenCalls()).toHaveLength(1);
  deps.clock.advanceSeconds(3_600);
  await freshAccessToken(deps, grant);
  expect(new Set(presented()).size).toBe(2);
});

test("[RF-7] an answer without a refresh token keeps the one that is held", async () => {
  app.rotation = "off";
  const { grant, read } = await ended();
  await freshAccessToken(deps, grant);
  expect(await read()).toMatchObject({
    tokenVersion: 2,
    refreshTokenSealed: grant.refreshTokenSealed,
  });
  app.rotation = "strict";
  deps.clock.advanceSeconds(3_600);
  await freshAccessToken(deps, grant);
  const { refreshTokenSealed, tokenVersion } = await read();
  expect(refreshTokenSealed).not.toBe(grant.refreshTokenSealed);
  expect(tokenVersion).toBe(3);
});

test.each([
  ["an empty", ""],
  ["an odd", 42],
  ["an unprintable", "a\nb"],
])("[RF-7] %s refresh token is an error that keeps the old one", async (_what, odd) => {
  app.rotation = "off";
  const { grant, read } = await ended();
  simulator.faults.set(wireFaults.fields, { fields: { refresh_token: odd } }, { path: tokenPath });
  expect(await codeOf(freshAccessToken(deps, grant))).toBe("grants.provider_unavailable");
  expect(await read()).toMatchObject({
    state: "active",
    tokenVersion: 1,
    refreshTokenSealed: grant.refreshTokenSealed,
    refreshProblem: "answer_not_trusted",
  });
  simulator.faults.clear();
  deps.clock.advanceSeconds(10);
  expect(await freshAccessToken(deps, grant)).toMatchObject({ version: 2 });
});

test("[OA-8] an answer with foreign addresses serves nobody, and its refresh token is not lost", async () => {
  const { grant, read } = await ended();
  simulator.faults.set(salesforceFaults.tokenLie, { lie: "foreign-instance-url" }, { times: 1 });
  expect(await codeOf(freshAccessToken(deps, grant))).toBe("grants.provider_unavailable");
  expect(await read()).toMatchObject({ tokenVersion: 2, instanceHost: grant.instanceHost });
  deps.clock.advanceSeconds(10);
  expect(await freshAccessToken(deps, grant)).toMatchObject({ version: 3 });
  expect(new Set(presented()).size).toBe(2);
});

test.each([
  ["408", 408, "", {}],
  ["425", 425, "", {}],
  ["429 with Retry-After", 429, "{}", { "retry-after": "7" }],
  ["500", 500, "{}", {}],
  ["a page of maintenance", 503, "<html>maintenance</html>", {}],
  ["a page with 200", 200, "<html>maintenance</html>", {}],
  ["broken JSON", 200, '{"access_token": ', {}],
])("[RF-8] %s is put off and retires nothing", async (_what, status, body, headers) => {
  const { grant, read } = await ended();
  const down = answers(status, body, headers);
  await expect(freshAccessToken(deps, grant)).rejects.toMatchObject({
    code: "grants.provider_unavailable",
    remedy: { do: "retry", afterSeconds: status === 429 ? 7 : expect.any(Number) },
  });
  // Within its back-off nobody is asked again.
  expect(await codeOf(freshAccessToken(deps, grant))).toBe("grants.provider_unavailable");
  expect(tokenCalls()).toHaveLength(1);
  expect(await read()).toMatchObject({ state: "active", tokenVersion: 1, refreshFailures: 1 });
  down.clear();
  deps.clock.advanceSeconds(10);
  expect(await freshAccessToken(deps, grant)).toMatchObject({ version: 2 });
  expect(await read()).toMatchObject({ refreshFailures: 0, refreshProblem: null });
});

test("[RF-8] a clear refusal retires the token, and nothing is presented again", async () => {
  const { grant, read } = await ended();
  const refused = simulator.faults.set(salesforceFaults.tokenError, {
    error: "invalid_grant",
    description: "expired access/refresh token",
  });
  await expect(freshAccessToken(deps, grant)).rejects.toMatchObject({
    code: "grants.needs_reconnect",
    reason: "reconnect_required",
  });
  expect(await read()).toMatchObject({
    state: "needs_reconnect",
    reason: "reconnect_required",
    refreshTokenSealed: null,
    generation: grant.generation + 1,
  });
  refused.clear();
  expect(await codeOf(freshAccessToken(deps, await read()))).toBe("grants.needs_reconnect");
  expect(tokenCalls()).toHaveLength(1);
});

test("[RF-8] a refused client is the definition's trouble, for everybody under it, and ends with it", async () => {
  const { grant, read, principal, connectionId } = await ended();
  const refused = simulator.faults.set(salesforceFaults.tokenError, {
    error: "invalid_client",
    description: "invalid client credentials",
  });
  const problem = async () =>
    (await deps.db.connection.findUniqueOrThrow({ where: { id: connectionId } })).problem;
  expect(await codeOf(freshAccessToken(deps, grant))).toBe("grants.app_refused");
  expect(await read()).toMatchObject({ state: "active", tokenVersion: 1 });
  expect(await problem()).toBe("client_rejected");
  refused.clear();
  deps.clock.advanceSeconds(20 * 60);
  expect(await freshAccessToken(deps, grant)).toMatchObject({ version: 2 });
  expect(await problem()).toBeNull();
  await getConnectionView(deps, principal, connectionId);
});

test("[RF-14] an address that the provider blocks is recognised as such", async () => {
  const { grant, read } = await ended();
  simulator.faults.set(salesforceFaults.tokenError, {
    error: "invalid_grant",
    description: "ip restricted",
  });
  await expect(freshAccessToken(deps, grant)).rejects.toMatchObject({
    code: "grants.app_refused",
    reason: "ip_restricted",
  });
  expect((await read()).state).toBe("active");
});

test.each([10, -10])(
  "[RF-9] a wall clock that jumps %i minutes changes nothing",
  async (minutes) => {
    const { grant } = await ended();
    await freshAccessToken(deps, grant);
    const clock = {
      now: () => new Date(deps.clock.now().getTime() + minutes * 60_000),
      monotonicMs: () => deps.clock.monotonicMs(),
    };
    const engine = createRefreshEngine({ ...deps, clock });
    expect(await engine.fresh(grant)).toMatchObject({ version: 2 });
    expect(tokenCalls()).toHaveLength(1);
    await engine.stop();
  },
);

test("[RF-10] a 401 met by twenty callers costs one refresh, and a second round with the old version none", async () => {
  const { grant } = await ended();
  const { version } = await freshAccessToken(deps, grant);
  const renew = () => freshAccessToken(deps, grant, { notVersion: version });
  const renewed = await Promise.all(Array.from({ length: 20 }, renew));
  for (const each of renewed) expect(each.version).toBe(version + 1);
  expect(await renew()).toMatchObject({ version: version + 1 });
  expect(tokenCalls()).toHaveLength(2);
});

test("[RF-11] an unused grant is refreshed a week before its idle deadline, and then has thirty days again", async () => {
  const { grant, read } = await ended();
  deps.clock.advanceSeconds(20 * 24 * 60 * 60);
  await deps.refreshes.refreshDue();
  expect(tokenCalls()).toHaveLength(0);
  deps.clock.advanceSeconds(4 * 24 * 60 * 60);
  await deps.refreshes.refreshDue();
  expect(presented()).toHaveLength(new Set(presented()).size);
  const { idleDeadline, refreshDueAt, tokenVersion } = await read();
  expect(tokenVersion).toBe(2);
  const leftMs = (idleDeadline?.getTime() ?? 0) - deps.clock.now().getTime();
  expect(leftMs).toBe(30 * dayMs);
  const dueInMs = (refreshDueAt?.getTime() ?? 0) - deps.clock.now().getTime();
  expect(dueInMs).toBeGreaterThanOrEqual(22 * dayMs);
  expect(dueInMs).toBeLessThanOrEqual(23 * dayMs);
  const before = tokenCalls().length;
  await deps.refreshes.refreshDue();
  expect(tokenCalls()).toHaveLength(before);
  expect(grant.tokenVersion).toBe(1);
});

test("[RF-13] a disconnect during a refresh wins: nobody is served, and the late token is ended too", async () => {
  const { grant, principal } = await ended();
  const held = holdAnswer();
  const coming = codeOf(freshAccessToken(deps, grant));
  await held.reached;
  await disconnectGrant(deps, principal, grant.id);
  held.release();
  expect(await coming).toBe("grants.refresh_busy");
  expect(deps.accessTokens.get(grant)).toBeNull();
  const revocations = await deps.db.revocation.findMany({ where: { grantId: grant.id } });
  expect(revocations.map(({ cause }) => cause).sort()).toEqual(["disconnected", "superseded"]);
});

test("[RF-13] a new sign-in during a refresh wins", async () => {
  const { grant, principal, connectionId, read } = await ended();
  const held = holdAnswer();
  const coming = codeOf(freshAccessToken(deps, grant));
  await held.reached;
  await studio.connect(principal, connectionId, dana);
  const remade = await read();
  held.release();
  expect(await coming).toBe("grants.refresh_busy");
  expect((await read()).refreshTokenSealed).toBe(remade.refreshTokenSealed);
  expect(await freshAccessToken(deps, remade)).toMatchObject({ generation: 2, version: 2 });
  expect(
    await deps.db.revocation.count({ where: { grantId: grant.id, cause: "superseded" } }),
  ).toBe(1);
});

test("an answer that is cut leaves the next try as the last: refused, the grant was interrupted", async () => {
  const { grant, read } = await ended();
  simulator.faults.set(wireFaults.cut, { stage: "after-work" }, { path: tokenPath, times: 1 });
  expect(await codeOf(freshAccessToken(deps, grant))).toBe("grants.provider_unavailable");
  expect(await read()).toMatchObject({ state: "active", refreshUncertain: true });
  deps.clock.advanceSeconds(10);
  await expect(freshAccessToken(deps, grant)).rejects.toMatchObject({
    code: "grants.needs_reconnect",
    reason: "refresh_interrupted",
  });
  expect(tokenCalls()).toHaveLength(2);
});

test.each([
  [504, true],
  [500, true],
  [429, false],
])(
  "[RF-6] whether the token was spent is left open by a %i: %s",
  async (status, refreshUncertain) => {
    const { grant, read } = await ended();
    const page = { status, body: "<h1>Not now</h1>" };
    simulator.faults.set(wireFaults.answer, page, { path: tokenPath, times: 1 });
    expect(await codeOf(freshAccessToken(deps, grant))).toBe("grants.provider_unavailable");
    expect(await read()).toMatchObject({ state: "active", refreshUncertain });
  },
);

test("every refresh of a business unit names it, as a number", async () => {
  const { grant } = await ended(givenDefinitions.haldenUnit, "d.kowalczyk@halden");
  for (const version of [2, 3]) {
    expect(await freshAccessToken(deps, grant)).toMatchObject({ version });
    deps.clock.advanceSeconds(3_600);
  }
  const bodies = simulator.log
    .requestsTo("/v2/token")
    .map(({ body }) => JSON.parse(body.toString()));
  expect(bodies).toHaveLength(2);
  for (const body of bodies) {
    expect(body).toMatchObject({ grant_type: "refresh_token", account_id: 514012388 });
  }
});

test("[VA-12] a token that does not open is that grant's own trouble", async () => {
  const { grant, read } = await ended();
  await deps.db.grant.update({ where: { id: grant.id }, data: { refreshTokenSealed: "v1.x" } });
  await expect(freshAccessToken(deps, grant)).rejects.toMatchObject({
    reason: "unreadable_secret",
  });
  expect((await read()).state).toBe("active");
  expect(tokenCalls()).toHaveLength(0);
});
