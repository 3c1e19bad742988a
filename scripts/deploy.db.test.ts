import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testDatabase } from "#lib/testing/database.ts";
import { urlOfAppRole } from "#scripts/app-role.mjs";
import { deploy } from "#scripts/deploy.mjs";

const { ownerUrl, pool } = await testDatabase();
const config = { connectionString: ownerUrl };
const folders: string[] = [];
beforeEach(async () => {
  await pool.query("drop schema public cascade");
  await pool.query("create schema public");
});
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function migrations(sqlByName: Record<string, string>): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "studio-migrations-test-"));
  folders.push(folder);
  for (const [name, sql] of Object.entries(sqlByName)) {
    mkdirSync(path.join(folder, name));
    writeFileSync(path.join(folder, name, "migration.sql"), sql);
  }
  return folder;
}
const one = { "1_one": "create table one (id int);" };
const two = { ...one, "2_two": "create table two (id int);" };
const tables = async () =>
  (await pool.query("select tablename from pg_tables where schemaname = 'public' order by 1")).rows
    .map((row) => row.tablename)
    .filter((name) => name !== "_prisma_migrations");

test("migrations are applied in order, each once", async () => {
  expect(await deploy(config, { dir: migrations(one) })).toEqual(["1_one"]);
  expect(await deploy(config, { dir: migrations(two) })).toEqual(["2_two"]);
  expect(await deploy(config, { dir: migrations(two) })).toEqual([]);
  expect(await tables()).toEqual(["one", "two"]);
});

test("processes that migrate at once apply each migration once", async () => {
  const folder = migrations(two);
  const applied = await Promise.all([1, 2, 3].map(() => deploy(config, { dir: folder })));
  expect(applied.flat().sort()).toEqual(["1_one", "2_two"]);
});

test("a failed migration leaves nothing of itself behind", async () => {
  const folder = migrations({ ...one, "2_bad": "create table half (id int); select 1/0;" });
  await expect(deploy(config, { dir: folder })).rejects.toThrow(
    /migration 2_bad: division by zero/,
  );
  expect(await tables()).toEqual(["one"]);
});

test("a database made by a newer version is refused with a sentence that says what to do", async () => {
  await deploy(config, { dir: migrations(two) });
  await expect(deploy(config, { dir: migrations(one) })).rejects.toThrow(
    /a newer version of the studio made this database .*2_two.* start that version/,
  );
});

test("a migration that was changed after it had been applied is refused", async () => {
  await deploy(config, { dir: migrations(one) });
  const changed = migrations({ "1_one": "create table other (id int);" });
  await expect(deploy(config, { dir: changed })).rejects.toThrow(/1_one was changed/);
});

test("[AUD-3] on a server of one's own the owner's user becomes the studio's role, which owns nothing", async () => {
  const user = `owner_${process.pid}`;
  await pool.query(`create role ${user} login createrole; grant all on schema public to ${user}`);
  const url = new URL(ownerUrl);
  url.username = user;
  const asOwner = { connectionString: url.href };
  try {
    // The role is there, made by somebody else, and this user may not become it.
    const folder = migrations({ "1_one": "create table one (id int);" });
    await expect(deploy(asOwner, { dir: folder })).rejects.toThrow(
      `create role studio_app nologin; grant studio_app to "${user}"`,
    );
    await pool.query(`grant studio_app to ${user}`);
    await expect(deploy(asOwner, { dir: folder })).rejects.toThrow(
      "grant usage on schema public to studio_app",
    );
    await pool.query("grant usage on schema public to public"); // as a server has it from the start
    await deploy(asOwner, { dir: folder });
    const studio = new pg.Client({ connectionString: urlOfAppRole(url.href) });
    await studio.connect();
    const { rows } = await studio.query("select current_user as role, session_user as login");
    expect(rows).toEqual([{ role: "studio_app", login: user }]);
    await studio.query("insert into one values (1)");
    await expect(studio.query("drop table one")).rejects.toThrow("must be owner");
    await studio.end();
  } finally {
    await pool.query(`drop owned by ${user} cascade; drop role ${user}`);
  }
});
