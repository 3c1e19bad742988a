import { afterEach, expect, test } from "vitest";
import type { Secret } from "#lib/core/secret.ts";
import { createGroupCommit } from "#lib/db/group-commit.ts";
import { EgressError } from "#lib/egress/errors.ts";
import { type BeginRequest, type BeginResult, beginRefreshes } from "#lib/grants/begin-refresh.ts";
import { carryOutRefresh } from "#lib/grants/carry-out-refresh.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import { createRefreshEngine } from "#lib/grants/refresh-engine.ts";
import type { SpooledToken } from "#lib/grants/refresh-spool.ts";
import {
  type Settlement,
  type SettleResult,
  settlementOf,
  settleRefreshes,
} from "#lib/grants/settle-refresh.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { seededApps } from "#lib/simulator/salesforce/companies.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given } = studio;
const dana = "dana.kowalczyk@halden.example";
/** It has a secret of its own. */
const ownApp = {
  provider: "salesforce",
  method: "custom-app",
  name: "Brightwater",
  environment: "production",
  clientId: seededApps.brightwaterPortal,
  clientSecret: simulator.salesforce.app(seededApps.brightwaterPortal).secret,
  pkce: "off",
};
const tokenPath = "/services/oauth2/token";
simulator.salesforce.settings.processingWindowSeconds = 0;
simulator.salesforce.settings.approvalsPerUser = 1_000;
simulator.salesforce.app(simulator.salesforce.studioClientId).rotation = "strict";

afterEach(() => {
  simulator.faults.clear();
  simulator.log.clear();
  deps.clock.advanceSeconds(120);
});

async function ended(definition: object = givenDefinitions.halden, username = dana) {
  const principal = await given.person();
  const connectionId = await given.connection(principal, definition);
  await studio.connect(principal, connectionId, username);
  const read = async () => (await findOwnGrant(deps.db, principal, connectionId)) as Grant;
  return { read, grant: await read() };
}
const presented = () =>
  simulator.log
    .requestsTo(tokenPath)
    .map(({ body }) => new URLSearchParams(body.toString()).get("refresh_token"));
const requestOf = async ({ id, generation, tokenVersion }: Grant): Promise<BeginRequest> => ({
  grantId: id,
  generation,
  knownVersion: tokenVersion,
  instance: await deps.instance.number(),
  takeOver: null,
});
/** What is given together goes into one transaction. */
const beginnings = createGroupCommit<readonly BeginRequest[], readonly BeginResult[]>({
  pool: deps.hotPool,
  write: async (sql, [requests = []]) => [await beginRefreshes(deps, sql, requests)],
});
const endings = createGroupCommit<readonly Settlement[], readonly SettleResult[]>({
  pool: deps.hotPool,
  write: async (sql, [settlements = []]) => [await settleRefreshes(deps, sql, settlements)],
});
const kindsOf = (results: readonly { kind: string }[]) => results.map(({ kind }) => kind);
const eventsOf = ({ id }: Grant, action: string) =>
  deps.db.auditEvent.count({ where: { targetId: id, action } });

test("[RF-1] callers with an older and the present authorization at once present its token once", async () => {
  const [other, mine] = [await ended(), await ended()];
  deps.clock.advanceSeconds(3_600);
  simulator.log.clear();
  const older = { ...mine.grant, generation: mine.grant.generation - 1 };
  // The first one's transaction runs while the others gather for the next.
  const [first, second, stale, third] = await Promise.allSettled([
    freshAccessToken(deps, other.grant),
    freshAccessToken(deps, mine.grant),
    freshAccessToken(deps, older),
    freshAccessToken(deps, mine.grant),
  ]);
  expect(presented()).toHaveLength(2);
  expect(new Set(presented()).size).toBe(2);
  expect(first).toMatchObject({ status: "fulfilled" });
  expect(second).toMatchObject({ status: "fulfilled", value: { version: 2 } });
  expect(third).toMatchObject({ status: "fulfilled", value: { version: 2 } });
  expect(stale).toMatchObject({ status: "rejected", reason: { code: "grants.refresh_busy" } });
  expect(await mine.read()).toMatchObject({ state: "active", tokenVersion: 2 });
});

test("[RF-1] a grant that is asked for twice in one transaction is begun once", async () => {
  const { grant } = await ended();
  const request = await requestOf(grant);
  const results = await beginnings.add([request, { ...request }]);
  expect(kindsOf(results)).toEqual(["begun", "locked"]);
  expect(await deps.db.refresh.count({ where: { grantId: grant.id } })).toBe(1);
  expect(await eventsOf(grant, "grant.refresh_begun")).toBe(1);
});

test("[RF-2] of two results of a grant in one transaction the late one is not written under the other's intent", async () => {
  const { grant, read } = await ended();
  const [begun] = await beginnings.add([await requestOf(grant)]);
  if (begun?.kind !== "begun") throw new Error("not begun");
  const outcome = {
    kind: "failed",
    as: "transient",
    askedToWaitMs: 0,
    isUncertain: false,
    isOfHost: true,
  } as const;
  const mine = settlementOf(deps, begun.refresh, { ...outcome, reason: "rate_limited" });
  const late = settlementOf(deps, begun.refresh, { ...outcome, reason: "provider_down" });
  const results = await endings.add([{ ...late, fence: "1" }, mine]);
  expect(kindsOf(results)).toEqual(["lost", "locked"]);
  expect(kindsOf(await endings.add([mine]))).toEqual(["written"]);
  expect(await read()).toMatchObject({ refreshProblem: "rate_limited" });
  expect(await eventsOf(grant, "grant.refresh_failed")).toBe(1);
});

test("[AUD-1] a result that is brought twice in one transaction is one event", async () => {
  const { grant } = await ended();
  const [begun] = await beginnings.add([await requestOf(grant)]);
  if (begun?.kind !== "begun") throw new Error("not begun");
  const { refresh } = begun;
  const outcome = {
    kind: "rotated",
    refreshToken: refresh.refreshToken,
    reason: "answer_not_trusted",
  } as const;
  const mine = settlementOf(deps, refresh, outcome);
  const results = await endings.add([mine, { ...mine }]);
  expect(kindsOf(results)).toEqual(["written", "locked"]);
  expect(kindsOf(await endings.add([mine]))).toEqual(["written"]);
  expect(await eventsOf(grant, "grant.refreshed")).toBe(1);
});

/** An intent of a process that is dead. */
async function leftBehind({ id, teamId, generation, tokenVersion }: Grant): Promise<string> {
  const { fence } = await deps.db.refresh.create({
    data: {
      grantId: id,
      teamId,
      generation,
      tokenVersion,
      holder: 999_999,
      isRecovery: false,
      beganAt: deps.clock.now(),
    },
  });
  return String(fence);
}
/** Time runs faster for it: what is waited for in seconds takes a part of that. */
const hurried = (times: number) => ({
  ...deps.stopwatch,
  monotonicMs: () => deps.stopwatch.monotonicMs() * times,
});

test("[RF-5] while the spool cannot be read, the token of a dead process is not presented again", async () => {
  const { grant } = await ended();
  deps.clock.advanceSeconds(3_600);
  simulator.log.clear();
  await leftBehind(grant);
  let isReadable = false;
  const list = () => {
    if (!isReadable) throw new Error("the disk does not answer");
    return [];
  };
  const spool = { ...deps.spool, list };
  const engine = createRefreshEngine({ ...deps, spool, stopwatch: hurried(3) });
  await expect(engine.fresh(grant)).rejects.toMatchObject({ code: "grants.refresh_busy" });
  expect(presented()).toHaveLength(0);
  isReadable = true;
  const version = () =>
    engine.fresh(grant).then(
      (live) => live.version,
      () => null,
    );
  await expect.poll(version, { timeout: 15_000 }).toBe(2);
}, 30_000);

const entryOf = async (grant: Grant, sealed: string): Promise<SpooledToken> => ({
  grantId: grant.id,
  fence: await leftBehind(grant),
  generation: grant.generation,
  tokenVersion: grant.tokenVersion,
  teamId: grant.teamId,
  connectionId: grant.connectionId,
  userId: grant.userId,
  isRecovery: false,
  sealed,
  lastRefreshedAt: deps.clock.now(),
  idleDeadline: null,
  refreshDueAt: null,
});

test("[RF-5] one spooled token that cannot be written keeps no other from its grant", async () => {
  const [bad, good] = [await ended(), await ended()];
  const entries = [
    await entryOf(bad.grant, "v1.test.\u0000"),
    await entryOf(good.grant, good.grant.refreshTokenSealed ?? ""),
  ];
  const spool = {
    ...deps.spool,
    list: (id?: string) => entries.filter((e) => !id || e.grantId === id),
  };
  await createRefreshEngine({ ...deps, spool, stopwatch: hurried(100) }).recover();
  expect(await good.read()).toMatchObject({ tokenVersion: 2 });
  expect(await bad.read()).toMatchObject({ tokenVersion: 1, state: "active" });
  await deps.db.refresh.deleteMany({ where: { grantId: bad.grant.id } });
});

test("[OPS-1] what waits for its turn when the process stops presents nothing", async () => {
  const { grant } = await ended();
  deps.clock.advanceSeconds(3_600);
  simulator.log.clear();
  const { promise: mayGoOn, resolve: goOn } = Promise.withResolvers<void>();
  const instance = {
    ...deps.instance,
    number: async () => {
      await mayGoOn;
      return deps.instance.number();
    },
  };
  const engine = createRefreshEngine({ ...deps, instance });
  const refused = expect(engine.fresh(grant)).rejects.toMatchObject({
    code: "grants.refresh_busy",
  });
  await new Promise((resolve) => setImmediate(resolve));
  const stopped = engine.stop();
  goOn();
  await Promise.all([stopped, refused]);
  expect(presented()).toHaveLength(0);
  expect(await deps.db.refresh.count({ where: { grantId: grant.id } })).toBe(0);
});

test("the time limit counts from the call, however long the shared store took", async () => {
  const { grant } = await ended();
  deps.clock.advanceSeconds(3_600);
  let passedMs = 0;
  const stopwatch = {
    ...deps.stopwatch,
    monotonicMs: () => deps.stopwatch.monotonicMs() + passedMs,
  };
  const accessTokens = {
    ...deps.accessTokens,
    find: async () => {
      passedMs += 15_100;
      return null;
    },
  };
  const held = simulator.faults.set(
    wireFaults.held,
    { stage: "before-work" },
    { path: tokenPath, times: 1 },
  );
  const engine = createRefreshEngine({ ...deps, stopwatch, accessTokens });
  await expect(engine.fresh(grant)).rejects.toMatchObject({ code: "grants.refresh_busy" });
  held.release();
  await engine.stop();
});

test("[RF-12] the trouble of one grant does not keep its host's other grants waiting", async () => {
  const [bad, good] = [await ended(), await ended()];
  deps.clock.advanceSeconds(3_600);
  const fault = { error: "rate_limit_exceeded", description: "number of logins exceeded" };
  simulator.faults.set(salesforceFaults.tokenError, fault);
  for (let failure = 0; failure < 6; failure += 1) {
    await expect(freshAccessToken(deps, bad.grant)).rejects.toMatchObject({
      code: "grants.provider_unavailable",
      reason: "rate_limited",
    });
    deps.clock.advanceSeconds(failure === 5 ? 0 : 90);
  }
  simulator.faults.clear();
  expect(await freshAccessToken(deps, good.grant)).toMatchObject({ version: 2 });
});

test("[RF-6] that a token may have been spent is not forgotten over a try that never left", async () => {
  const { grant, read } = await ended();
  deps.clock.advanceSeconds(3_600);
  const fence = await leftBehind(grant);
  const takeOver = { fence, wasSent: true, isOverdue: false };
  const [begun] = await beginnings.add([{ ...(await requestOf(grant)), takeOver }]);
  if (begun?.kind !== "begun") throw new Error("not begun");
  expect(begun.refresh.isRecovery).toBe(true);
  await endings.add([settlementOf(deps, begun.refresh, { kind: "unsent" })]);
  expect(await read()).toMatchObject({ refreshUncertain: true });
  const unreachable = async () => {
    throw new EgressError("connect", { sentBytes: false });
  };
  const egress = { ...deps.egress, send: unreachable };
  const engine = createRefreshEngine({ ...deps, egress });
  await expect(engine.fresh(grant)).rejects.toMatchObject({ code: "grants.provider_unavailable" });
  expect(await read()).toMatchObject({ refreshUncertain: true, refreshFailures: 1 });
});

test("[VA-10] what a refresh opened and was given is wiped once its result is written", async () => {
  const { grant } = await ended(ownApp, "grace.adeyemi@brightwatercu.example");
  const [begun] = await beginnings.add([await requestOf(grant)]);
  if (begun?.kind !== "begun") throw new Error("not begun");
  const { refreshToken, clientSecret } = begun.refresh;
  const isWiped = (secret: Secret | null) => secret?.revealBytes().every((byte) => byte === 0);
  expect([isWiped(refreshToken), isWiped(clientSecret)]).toEqual([false, false]);
  const settle = createGroupCommit<Settlement, SettleResult>({
    pool: deps.hotPool,
    write: (sql, settlements) => settleRefreshes(deps, sql, settlements),
  });
  expect(await carryOutRefresh(deps, settle, begun.refresh, "demand")).toMatchObject({
    kind: "token",
  });
  expect([isWiped(refreshToken), isWiped(clientSecret)]).toEqual([true, true]);
});

test("[RF-8] where another instance got through after a failure, this one asks again within seconds", async () => {
  const { grant, read } = await ended();
  deps.clock.advanceSeconds(3_600);
  const fault = { error: "inactive_user", description: "user is inactive" };
  simulator.faults.set(salesforceFaults.tokenError, fault);
  const refused = { code: "grants.app_refused" };
  await expect(freshAccessToken(deps, grant)).rejects.toMatchObject(refused);
  simulator.faults.clear();
  simulator.log.clear();
  deps.clock.advanceSeconds(6);
  await expect(freshAccessToken(deps, grant)).rejects.toMatchObject(refused);
  expect(presented()).toHaveLength(0);
  await deps.db.grant.update({
    where: { id: grant.id },
    data: { refreshRetryAt: null, refreshProblem: null, refreshFailures: 0 },
  });
  deps.clock.advanceSeconds(6);
  expect(await freshAccessToken(deps, await read())).toMatchObject({ version: 2 });
});

test("[VA-6] a spooled token whose key is not given is kept, not stored where nobody could open it", async () => {
  const { grant, read } = await ended();
  const entry = await entryOf(grant, "v1.gone.AAAA.AAAA.AAAA.AAAA");
  const removed: string[] = [];
  const spool = {
    ...deps.spool,
    list: () => [entry],
    remove: ({ grantId }: { grantId: string }) => void removed.push(grantId),
  };
  await createRefreshEngine({ ...deps, spool, stopwatch: hurried(100) }).recover();
  expect(removed).toEqual([]);
  expect(await read()).toMatchObject({
    tokenVersion: 1,
    refreshTokenSealed: grant.refreshTokenSealed,
  });
  await deps.db.refresh.deleteMany({ where: { grantId: grant.id } });
});
