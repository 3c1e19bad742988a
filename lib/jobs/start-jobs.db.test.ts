import { PgBoss } from "pg-boss";
import { afterEach, expect, test, vi } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { inTransaction } from "#lib/db/client.ts";
import type { StudioDeps } from "#lib/deps.ts";
import { endGrantsOf } from "#lib/grants/end-grants.ts";
import { schedules } from "#lib/jobs/schedules.ts";
import { type Jobs, startJobs } from "#lib/jobs/start-jobs.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";
import { APP_ROLE } from "#scripts/app-role.mjs";

const studio = await testStudio();
const { simulator, given, database } = studio;
const deps: StudioDeps = studio.deps;
const dana = "dana.kowalczyk@halden.example";
const revoke = "/services/oauth2/revoke";

const running: Jobs[] = [];
async function startHere(): Promise<Jobs> {
  const jobs = await startJobs(deps, database.url);
  running.push(jobs);
  return jobs;
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((jobs) => jobs.stop(5_000)));
  simulator.log.clear();
});

async function connected() {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  await studio.connect(principal, connectionId, dana);
  await getConnectionView(deps, principal, connectionId);
  return principal;
}

type Person = Awaited<ReturnType<typeof connected>>;
const endAllOf = (principal: Person) =>
  inTransaction(deps.db, (tx) => endGrantsOf(tx, deps, principal, principal));
const states = async (principal: Person) =>
  (await deps.db.revocation.findMany({ where: { teamId: principal.teamId } })).map(
    ({ state }) => state,
  );
const jobRows = async () =>
  (await database.pool.query("select name, data from pgboss.job where name = 'revocations'")).rows;

test("[OA-14] what was queued while nobody ran is taken up at the start", async () => {
  const principal = await connected();
  await endAllOf(principal);
  expect(await states(principal)).toEqual(["pending"]);
  await startHere();
  await vi.waitFor(async () => expect(await states(principal)).toEqual(["confirmed"]), 15_000);
});

test("[VA-9] a job is there from the commit on, holds an id and nothing else, and is run", async () => {
  const principal = await connected();
  await startHere();
  const before = (await jobRows()).length;
  const failing = inTransaction(deps.db, async (tx) => {
    await endGrantsOf(tx, deps, principal, principal);
    throw new Error("afterwards");
  });
  await expect(failing).rejects.toThrow("afterwards");
  expect(await jobRows()).toHaveLength(before);
  await endAllOf(principal);
  const { id } = await deps.db.revocation.findFirstOrThrow({
    where: { teamId: principal.teamId },
  });
  expect((await jobRows()).map(({ data }) => data)).toContainEqual({ id });
  await vi.waitFor(async () => expect(await states(principal)).toEqual(["confirmed"]), 15_000);
});

test("several processes on one database share the work: each thing is asked for once", async () => {
  const people = [await connected(), await connected(), await connected()];
  await Promise.all([startHere(), startHere(), startHere()]);
  for (const principal of people) await endAllOf(principal);
  simulator.log.clear();
  await vi.waitFor(async () => {
    for (const principal of people) expect(await states(principal)).toEqual(["confirmed"]);
  }, 15_000);
  expect(simulator.log.requestsTo(revoke)).toHaveLength(3);
});

test("[TEN-7] the studio's own role, which owns no table, runs the queue, its schedules and its upkeep", async () => {
  const owned = await database.pool.query(
    "select tablename from pg_tables where schemaname = 'pgboss' and tableowner = $1",
    [APP_ROLE],
  );
  expect(owned.rows).toEqual([]);
  const warn = vi.spyOn(deps.log, "warn");
  const principal = await connected();
  await startHere();
  await endAllOf(principal);
  await vi.waitFor(async () => expect(await states(principal)).toEqual(["confirmed"]), 15_000);
  const { rows } = await database.pool.query("select name from pgboss.schedule order by 1");
  expect(rows.map(({ name }) => name)).toEqual(schedules.map(({ name }) => name).toSorted());
  await running.pop()?.stop(5_000);
  await upkeep();
  expect(warn).not.toHaveBeenCalled();
});

/** What the queue does every minute and day, done now; an error of it fails the test. */
async function upkeep(): Promise<void> {
  const boss = new PgBoss({
    connectionString: database.url,
    max: 2,
    migrate: false,
    reindex: false,
  });
  const errors: unknown[] = [];
  boss.on("error", (error) => errors.push(error));
  await boss.start();
  await boss.supervise();
  await boss.stop({ graceful: false });
  expect(errors).toEqual([]);
}

test("without the schema that the deployment makes, the queue does not start", async () => {
  await database.pool.query("alter schema pgboss rename to pgboss_away");
  try {
    await expect(startJobs(deps, database.url)).rejects.toThrow();
  } finally {
    await database.pool.query("alter schema pgboss_away rename to pgboss");
  }
});
