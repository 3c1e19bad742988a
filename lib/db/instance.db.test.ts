import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { createHotPool, sqlOfPool } from "#lib/db/hot-pool.ts";
import { createInstance, forgetEndedInstances, isAlive } from "#lib/db/instance.ts";
import type { Sql } from "#lib/db/sql.ts";
import { testDatabase } from "#lib/testing/database.ts";

const { url, pool: owner } = await testDatabase();
const numbers = async () =>
  (await owner.query("select id from instances order by id")).rows.map(({ id }) => Number(id));

test("in a database that was set back no living process's number is given again", async () => {
  const [first, second] = [createInstance(url), createInstance(url)];
  try {
    const number = await first.number();
    await owner.query("delete from instances");
    await owner.query("select setval(pg_get_serial_sequence('instances', 'id'), $1, false)", [
      number,
    ]);
    expect(await second.number()).toBe(number + 1);
  } finally {
    await Promise.all([first.stop(), second.stop()]);
  }
});

test("instances that ended are forgotten, living ones and those with a refresh left behind are not", async () => {
  const hotPool = createHotPool(url);
  const instance = createInstance(url);
  try {
    const alive = await instance.number();
    const { rows } = await owner.query(
      "insert into instances (started_at) select now() - interval '2 days' from generate_series(1, 2) returning id",
    );
    const [ended, behind] = rows.map(({ id }) => Number(id));
    await owner.query(
      `insert into refreshes (grant_id, team_id, generation, token_version, holder, is_recovery, began_at)
       values (gen_random_uuid(), gen_random_uuid(), 1, 1, $1, false, now())`,
      [behind],
    );
    await owner.query("update instances set started_at = now() - interval '2 days'");
    await forgetEndedInstances(sqlOfPool(hotPool), new Date(Date.now() - 86_400_000));
    expect(await numbers()).toEqual(expect.arrayContaining([alive, behind]));
    expect(await numbers()).not.toContain(ended);
  } finally {
    await Promise.all([instance.stop(), hotPool.end()]);
  }
});

test("[RF-6] a process whose database is slow for a while keeps its lock and is not taken for dead", async () => {
  const name = ".s.PGSQL.5432";
  const folder = await mkdtemp(path.join(os.tmpdir(), "studio-slow-"));
  const slowUrl = new URL(url);
  const upstreamPath = path.join(slowUrl.searchParams.get("host") ?? "", name);
  slowUrl.searchParams.set("host", folder);
  const sockets: Socket[] = [];
  let isSlow = false;
  const slowServer = createServer((socket) => {
    const upstream = connect(upstreamPath);
    for (const each of [socket, upstream]) {
      each.on("error", () => {});
      sockets.push(each);
    }
    socket.on("data", (data) => void upstream.write(data));
    socket.on("close", () => upstream.destroy());
    upstream.on("data", (data) => void (isSlow || socket.write(data)));
  }).listen(path.join(folder, name));
  await once(slowServer, "listening");
  const instance = createInstance(slowUrl.href);
  try {
    const number = await instance.number();
    const sql: Sql = { query: async (text, values) => (await owner.query(text, [...values])).rows };
    expect(await isAlive(sql, number)).toBe(true);
    isSlow = true;
    // Longer than an answer is waited for, and than the dead are mourned.
    const endsAtMs = performance.now() + 4_000;
    while (performance.now() < endsAtMs) {
      expect(await isAlive(sql, number)).toBe(true);
      await wait(50);
    }
    isSlow = false;
    const back = () => instance.number().catch(() => null);
    await expect.poll(back, { timeout: 10_000 }).toBe(number);
  } finally {
    await instance.stop();
    for (const socket of sockets) socket.destroy();
    slowServer.close();
    await rm(folder, { recursive: true, force: true });
  }
}, 30_000);
