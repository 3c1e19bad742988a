import { afterAll, expect, test, vi } from "vitest";
import { createGroupCommit } from "#lib/db/group-commit.ts";
import { createHotPool } from "#lib/db/hot-pool.ts";
import type { Sql } from "#lib/db/sql.ts";
import { testDatabase } from "#lib/testing/database.ts";

const { ownerUrl, pool: owner } = await testDatabase();
await owner.query("create table notes (id int primary key)");
const pool = createHotPool(ownerUrl);
afterAll(() => pool.end());

const insert = "insert into notes select unnest($1::int[])";
const stored = async () =>
  (await owner.query("select id from notes order by id")).rows.map(({ id }) => id);
const notes = (write: (sql: Sql, ids: readonly number[]) => Promise<unknown>) =>
  createGroupCommit<number, null>({
    pool,
    write: async (sql, ids) => {
      await write(sql, ids);
      return ids.map(() => null);
    },
  });

test("[AUD-2] what goes out with the commit is stored when it is answered, and one bad item fails alone", async () => {
  const group = notes((sql, ids) => sql.finish?.(insert, [ids]) ?? Promise.reject());
  await group.add(1);
  expect(await stored()).toEqual([1]);
  const answers = await Promise.allSettled([2, 1, 3].map((id) => group.add(id)));
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await stored()).toEqual([1, 2, 3]);
});

test("[AUD-2] a failure that nobody waited for is not answered as a commit", async () => {
  const group = notes(async (sql, ids) => {
    sql.query("select 1 / 0", []).catch(() => {});
    sql.query(insert, [ids]).catch(() => {});
  });
  await expect(group.add(10)).rejects.toThrow("not committed");
  expect(await stored()).not.toContain(10);
});

test("a deadlock is done again, and fails nobody of the group", async () => {
  let deadlocks = 2;
  const group = notes(async (sql, ids) => {
    await sql.query(insert, [ids]);
    if (deadlocks-- > 0) await sql.query("do $$ begin raise sqlstate '40P01'; end $$", []);
  });
  await Promise.all([30, 31].map((id) => group.add(id)));
  expect(await stored()).toEqual(expect.arrayContaining([30, 31]));
});

test("nothing comes after a transaction's last statement", async () => {
  const group = notes(async (sql, ids) => {
    await sql.finish?.(insert, [ids]);
    await sql.query("select 1", []);
  });
  await expect(group.add(20)).rejects.toThrow("after its transaction");
});

test("copies of this module share a connection, whichever of their statements comes first", async () => {
  // Loaded anew, as each entry of the server does.
  const load = () => {
    vi.resetModules();
    return import("#lib/db/group-commit.ts");
  };
  const [one, other] = [await load(), await load()];
  expect(one.createGroupCommit).not.toBe(other.createGroupCommit);
  const fresh = createHotPool(ownerUrl); // asked for one thing after the other, it has one connection
  const times = ({ createGroupCommit: create }: typeof one, factor: number) =>
    create<number, unknown>({
      pool: fresh,
      write: (sql, items) => sql.query(`select unnest($1::int[]) * ${factor} as n`, [items]),
    });
  const [doubled, tripled] = [times(one, 2), times(other, 3)];
  expect([await doubled.add(2), await tripled.add(2), await doubled.add(3)]).toEqual([
    { n: 4 },
    { n: 6 },
    { n: 6 },
  ]);
  await fresh.end();
});
