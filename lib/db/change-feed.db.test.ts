import { expect, onTestFinished, test } from "vitest";
import { systemClock } from "#lib/core/clock.ts";
import { createLogger } from "#lib/core/log.ts";
import { createChangeFeed } from "#lib/db/change-feed.ts";
import { announceChange, announceChanges, type Change } from "#lib/db/changes.ts";
import { inTransaction } from "#lib/db/client.ts";
import { testClock } from "#lib/testing/clock.ts";
import { testDatabase } from "#lib/testing/database.ts";

const { db, url, pool } = await testDatabase();
const log = createLogger({ level: "silent" });

const agent = (id: string) => ({ kind: "agent", id }) as const;

function feedOf(
  databaseUrl = url,
  clock: ReturnType<typeof testClock> | typeof systemClock = systemClock,
) {
  const feed = createChangeFeed({ databaseUrl, clock, log });
  const heard: (Change | "all")[] = [];
  feed.subscribe((change) => heard.push(change));
  onTestFinished(() => feed.stop());
  return { feed, heard };
}

/** Sessions that listen on this file's database, as the server sees them. */
async function listeners(): Promise<number[]> {
  const { rows } = await pool.query<{ pid: number }>(
    "select pid from pg_stat_activity where application_name = 'studio-changes' and datname = current_database()",
  );
  return rows.map(({ pid }) => pid);
}

test("[BRK-11] what one instance commits, every other has heard before it is current", async () => {
  const [one, other] = [feedOf(), feedOf()];
  expect(one.feed.isCurrent()).toBe(false);
  await Promise.all([one.feed.current(), other.feed.current()]);
  await inTransaction(db, (tx) => announceChange(tx, { kind: "grant", id: "a", generation: 2 }));
  await announceChanges(
    { query: async (text, values) => (await pool.query(text, [...values])).rows },
    [agent("b"), agent("c")],
  );
  for (const { feed, heard } of [one, other]) {
    expect(await feed.current()).toBe(true);
    expect(feed.isCurrent()).toBe(true);
    expect(heard).toEqual([
      "all",
      { kind: "grant", id: "a", generation: 2 },
      agent("b"),
      agent("c"),
    ]);
  }
});

test("nothing is heard of what was not committed", async () => {
  const { feed, heard } = feedOf();
  await feed.current();
  const failing = inTransaction(db, async (tx) => {
    await announceChange(tx, agent("a"));
    throw new Error("afterwards");
  });
  await expect(failing).rejects.toThrow("afterwards");
  await feed.current();
  expect(heard).toEqual(["all"]);
});

test("nobody connects before somebody asks, and all who ask at once share one connection", async () => {
  const { feed } = feedOf();
  expect(await listeners()).toEqual([]);
  await Promise.all(Array.from({ length: 50 }, () => feed.current()));
  expect(await listeners()).toHaveLength(1);
});

test("[BRK-11] a feed that lost its connection is not current until everybody heard that changes were missed", async () => {
  const { feed, heard } = feedOf();
  await feed.current();
  const [pid] = await listeners();
  heard.length = 0;
  const states: unknown[] = [];
  feed.subscribe((change) => states.push([change, feed.isCurrent()]));
  await pool.query("select pg_terminate_backend($1, 5000)", [pid]);
  await inTransaction(db, (tx) => announceChange(tx, agent("missed")));
  expect(await feed.current()).toBe(true);
  expect(states[0]).toEqual(["all", false]);
  expect(heard[0]).toBe("all");
});

test("[BRK-11] a connection that hangs is given up for one that answers", async () => {
  const { feed, heard } = feedOf();
  await feed.current();
  const [pid = 0] = await listeners();
  process.kill(pid, "SIGSTOP");
  onTestFinished(() => void process.kill(pid, "SIGCONT"));
  heard.length = 0;
  await inTransaction(db, (tx) => announceChange(tx, agent("unheard")));
  await expect.poll(() => feed.current().catch(() => false), { timeout: 10_000 }).toBe(true);
  expect(heard).toEqual(["all"]);
});

test("[BRK-11] what was heard counts for less than a second, on the monotonic clock", async () => {
  const clock = testClock();
  const { feed } = feedOf(url, clock);
  await feed.current();
  clock.advanceSeconds(0.899);
  expect(feed.isCurrent()).toBe(true);
  clock.advanceSeconds(0.001);
  expect(feed.isCurrent()).toBe(false);
  expect(await feed.current()).toBe(true);
  expect(feed.isCurrent()).toBe(true);
});

test("[BRK-11] without the database nobody is told that memory is current", async () => {
  const { feed } = feedOf("postgresql://nobody@localhost/none?host=%2Fnowhere");
  await expect(feed.current()).rejects.toThrow("does not tell");
  expect(feed.isCurrent()).toBe(false);
});

test("whoever waits when the feed stops is refused, and nothing listens any more", async () => {
  const { feed } = feedOf();
  await feed.current();
  const waiting = feed.current();
  await feed.stop();
  await Promise.allSettled([waiting]);
  await expect(feed.current()).rejects.toThrow("stopping");
  expect(feed.isCurrent()).toBe(false);
  await expect.poll(listeners).toEqual([]);
});

test("a change of a kind that only a later release knows counts as all", async () => {
  const { feed, heard } = feedOf();
  await feed.current();
  await pool.query("select pg_notify('studio_changes', 'planet:mars')");
  await feed.current();
  expect(heard).toEqual(["all", "all"]);
});
