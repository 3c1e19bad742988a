import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { afterEach, expect, test } from "vitest";
import { sqlOfPool } from "#lib/db/hot-pool.ts";
import { createInstance, isAlive } from "#lib/db/instance.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { startOtherProcess } from "#lib/testing/other-process.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, simulator, given, database } = studio;
const dana = "dana.kowalczyk@halden.example";
const tokenPath = "/services/oauth2/token";
const endWithinMs = 30_000;
simulator.salesforce.settings.processingWindowSeconds = 0;
simulator.salesforce.app(simulator.salesforce.studioClientId).rotation = "strict";

afterEach(() => {
  simulator.faults.clear();
  simulator.log.clear();
});

async function ended() {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  await studio.connect(principal, connectionId, dana);
  deps.clock.advanceSeconds(3_600);
  simulator.log.clear();
  const read = async () => (await findOwnGrant(deps.db, principal, connectionId)) as Grant;
  return { principal, connectionId, read, grant: await read() };
}

/**
 * Another process that wants this grant's token; it says "calling", and how its callers ended. Held up, it
 * stands between its intent and its call until it is told.
 */
function another(grant: Grant, { callers = 1, isHeldUp = false } = {}) {
  const settings = { ...studio.settingsOfAnother, now: deps.clock.now().toISOString() };
  const child = startOtherProcess(settings, { do: "refresh", grant, callers, isHeldUp });
  const next = async () => (await child.told.next()).value?.[0] as unknown;
  async function end() {
    for (;;) {
      const told = await next();
      if (typeof told === "object") return told as { ends: { version?: number; code?: string }[] };
    }
  }
  return { ...child, next, end };
}
const endSessions = () =>
  database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where application_name = 'studio-instance' and datname = current_database()`,
  );
const presentations = () =>
  simulator.log
    .requestsTo(tokenPath)
    .map(({ body }) => new URLSearchParams(body.toString()).get("refresh_token"));

test(
  "[RF-1] fifty callers in each of two processes cost one token request, however slow the provider",
  async () => {
    const { grant } = await ended();
    const slow = simulator.faults.set(
      wireFaults.held,
      { stage: "after-work" },
      { path: tokenPath, times: 1 },
    );
    const other = another(grant, { callers: 50 });
    expect(await other.next()).toBe("calling");
    const here = Array.from({ length: 50 }, () => freshAccessToken(deps, grant));
    await slow.reached;
    await wait(1_000);
    expect(presentations()).toHaveLength(1);
    slow.release();
    expect(await other.next()).toEqual({
      ends: Array.from({ length: 50 }, () => ({ version: 2 })),
    });
    // Without a shared store the others refresh in turn, with the token that the first one brought.
    for (const { version } of await Promise.all(here)) expect(version).toBe(3);
    expect(new Set(presentations()).size).toBe(2);
    expect(presentations()).toHaveLength(2);
  },
  endWithinMs,
);

test(
  "[RF-6] after a refresh whose process was killed before its token was spent, others go on within five seconds",
  async () => {
    const { grant, read } = await ended();
    const held = simulator.faults.set(
      wireFaults.held,
      { stage: "before-work" },
      { path: tokenPath, times: 1 },
    );
    const other = another(grant);
    await held.reached;
    await other.kill();
    const startedMs = performance.now();
    const { version } = await freshAccessToken(deps, grant);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    expect(version).toBe(2);
    expect(presentations()).toHaveLength(2);
    expect(await read()).toMatchObject({ state: "active", tokenVersion: 2 });
    expect(await deps.db.refresh.count()).toBe(0);
  },
  endWithinMs,
);

test(
  "[RF-6] a token that was spent by a killed process is tried once more, and then its grant is interrupted",
  async () => {
    const { grant, read } = await ended();
    const held = simulator.faults.set(
      wireFaults.held,
      { stage: "after-work" },
      { path: tokenPath, times: 1 },
    );
    const other = another(grant);
    await held.reached;
    await other.kill();
    held.release();
    await expect(freshAccessToken(deps, grant)).rejects.toMatchObject({
      code: "grants.needs_reconnect",
      reason: "refresh_interrupted",
    });
    expect(presentations()).toHaveLength(2);
    expect(await read()).toMatchObject({ state: "needs_reconnect", reason: "refresh_interrupted" });
    await expect(freshAccessToken(deps, await read())).rejects.toMatchObject({
      code: "grants.needs_reconnect",
    });
    expect(presentations()).toHaveLength(2);
  },
  endWithinMs,
);

test(
  "[RF-6] a paused process is not dead: others wait for it",
  async () => {
    const { grant } = await ended();
    const other = another(grant, { isHeldUp: true });
    expect(await other.next()).toBe("calling");
    other.signal("SIGSTOP");
    const here = freshAccessToken(deps, grant);
    here.catch(() => {});
    await wait(4_000);
    // Paused is not dead: nobody takes its place.
    expect(presentations()).toHaveLength(0);
    other.signal("SIGCONT");
    other.letGoOn();
    const { version } = await here;
    const end = await other.end();
    // Whoever was first after that, each presented a token of its own.
    expect([version, end.ends[0]?.version].sort()).toEqual([2, 3]);
    expect(presentations()).toHaveLength(2);
    expect(new Set(presentations()).size).toBe(2);
  },
  endWithinMs,
);

test(
  "[RF-6] a process paused between its intent and its call, and taken for dead, presents nothing when it wakes",
  async () => {
    const { grant, read } = await ended();
    const other = another(grant, { isHeldUp: true });
    expect(await other.next()).toBe("calling");
    other.signal("SIGSTOP");
    // Its session ends, as with a restarted database, and it cannot come back for its lock.
    await endSessions();
    expect(await freshAccessToken(deps, grant)).toMatchObject({ version: 2 });
    expect(presentations()).toHaveLength(1);
    other.signal("SIGCONT");
    other.letGoOn();
    expect(await other.end()).toEqual({ ends: [{ version: 3 }] });
    expect(presentations()).toHaveLength(2);
    expect(new Set(presentations()).size).toBe(2);
    expect(await read()).toMatchObject({ state: "active", tokenVersion: 3 });
  },
  endWithinMs,
);

test(
  "[RF-5] a process killed between the provider's answer and the commit loses nothing: others find it in the spool",
  async () => {
    const { grant, read } = await ended();
    // The row is held: the answer comes, its commit cannot.
    const blocker = new pg.Client(database.ownerUrl);
    await blocker.connect();
    const other = another(grant, { isHeldUp: true });
    expect(await other.next()).toBe("calling");
    await blocker.query("begin");
    await blocker.query("select 1 from grants where id = $1 for update", [grant.id]);
    other.letGoOn();
    const entry = async () => {
      while (deps.spool.list(grant.id).length === 0) await wait(10);
      return deps.spool.list(grant.id)[0];
    };
    expect(await entry()).toMatchObject({ grantId: grant.id, tokenVersion: 1 });
    await other.kill();
    await blocker.query("rollback");
    await blocker.end();
    const { version } = await freshAccessToken(deps, grant);
    // The spooled token is number two; it was presented for number three, and nothing twice.
    expect(version).toBe(3);
    expect(new Set(presentations()).size).toBe(2);
    expect(presentations()).toHaveLength(2);
    expect(deps.spool.list()).toEqual([]);
    expect(await read()).toMatchObject({ state: "active" });
  },
  endWithinMs,
);

test(
  "a killed process is known to be dead at once, one that lost its session only for a moment",
  async () => {
    const sql = sqlOfPool(deps.hotPool);
    const instance = createInstance(database.url);
    const number = await instance.number();
    expect(await isAlive(sql, number)).toBe(true);
    await endSessions();
    await expect.poll(() => isAlive(sql, number), { timeout: 2_000 }).toBe(true);
    await instance.stop();
    await expect.poll(() => isAlive(sql, number), { timeout: 2_000 }).toBe(false);
    await expect(instance.number()).rejects.toThrow();
  },
  endWithinMs,
);
