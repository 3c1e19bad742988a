import { expect, test } from "vitest";
import { createHotPool, sqlOfPool } from "#lib/db/hot-pool.ts";
import { createInstance, forgetEndedInstances } from "#lib/db/instance.ts";
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
