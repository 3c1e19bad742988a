import { readdir } from "node:fs/promises";
import { expect, test } from "vitest";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { startOtherProcess } from "#lib/testing/other-process.ts";
import { testRedis } from "#lib/testing/redis.ts";
import { testStudio } from "#lib/testing/studio.ts";

const redis = await testRedis();
const studio = await testStudio({ redis });
const { deps, given, database } = studio;

async function connected() {
  const principal = await given.person();
  const connectionId = await given.connection(principal, givenDefinitions.halden);
  await studio.connect(principal, connectionId, "dana.kowalczyk@halden.example");
  const grant = await findOwnGrant(deps.db, principal, connectionId);
  if (!grant) throw new Error("not connected");
  return { principal, grant };
}

/** Another process that found the token in the shared store and holds it. */
async function otherHolding({ id, generation }: Grant) {
  const other = startOtherProcess(studio.settingsOfAnother, {
    do: "watch-token",
    grantId: id,
    generation,
  });
  /** What it says next of this; a busy machine pauses it too. */
  const next = async (about: "isHeld" | "isCurrentAfterPause") => {
    for (;;) {
      const { done, value } = await other.told.next();
      if (done) throw new Error("it said nothing");
      const said = (value[0] as Record<string, unknown>)[about];
      if (said !== undefined) return said;
    }
  };
  expect(await next("isHeld")).toBe(true);
  return { ...other, next };
}

test("[BRK-11] what is disconnected in one process leaves another's memory within a second", async () => {
  const { principal, grant } = await connected();
  const other = await otherHolding(grant);
  await disconnectGrant(deps, principal, grant.id);
  const endedMs = performance.now();
  expect(await other.next("isHeld")).toBe(false);
  expect(performance.now() - endedMs).toBeLessThan(1_000);
  expect(await deps.accessTokens.find(grant)).toBeNull();
});

test("[BRK-11] a process that was paused knows, when it wakes, that it may have missed something", async () => {
  const { principal, grant } = await connected();
  const other = await otherHolding(grant);
  other.signal("SIGSTOP");
  await disconnectGrant(deps, principal, grant.id);
  await new Promise((resolve) => setTimeout(resolve, 1_200)); // longer than what was heard may count
  other.signal("SIGCONT");
  expect(await other.next("isCurrentAfterPause")).toBe(false);
});

test("one refresh serves every instance", async () => {
  const { grant } = await connected();
  studio.simulator.log.clear();
  deps.clock.advanceSeconds(24 * 60 * 60);
  await freshAccessToken(deps, grant);
  expect(studio.simulator.log.requestsTo("/services/oauth2/token")).toHaveLength(1);
  await expect.poll(async () => (await redis.dump()).length).toBeGreaterThan(0);
  await otherHolding(grant);
});

test("[VA-9] an access token is on no disk: not in the database, not in the store's files, not readable in the store", async () => {
  const { grant } = await connected();
  const other = await otherHolding(grant);
  const token = deps.accessTokens.get(grant)?.token.reveal() ?? "";
  expect(token.length).toBeGreaterThan(20);
  const rows = await everyRow();
  expect(rows).toContain(grant.username); // the search finds what is there
  const stored = Buffer.concat(await redis.dump()).toString("latin1");
  expect(stored).toContain("studio:");
  const secret = token.split("!").at(-1) ?? token;
  for (const text of [rows, stored]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(Buffer.from(token).toString("base64").slice(0, 24));
  }
  expect(stored).not.toContain(grant.id);
  expect(await readdir(redis.dir)).toEqual(["socket"]);
  await other.kill();
});

test("[VA-9] with a disconnect the shared store holds nothing of the grant", async () => {
  const before = (await redis.dump()).length;
  const { principal, grant } = await connected();
  await expect.poll(async () => (await redis.dump()).length).toBe(before + 2);
  await disconnectGrant(deps, principal, grant.id);
  await expect.poll(async () => (await redis.dump()).length).toBe(before);
});

/** Every row of every table of this file's database, the queue's too, as text. */
async function everyRow(): Promise<string> {
  const { rows: tables } = await database.pool.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await database.pool.query<{ row: string }>(
      `select t::text as row from ${name} t`,
    );
    texts.push(...rows.map(({ row }) => row));
  }
  return texts.join("\n");
}
