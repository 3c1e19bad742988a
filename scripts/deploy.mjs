// Applies the migrations in order, one transaction each, under a lock; a failed one leaves nothing
// behind. Same table, checksums and lock key as Prisma's own, so its command line can take over.
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { grantAppRole } from "./app-role.mjs";

const PRISMA_LOCK_KEY = 72707369;
const TABLE = `create table if not exists _prisma_migrations (
  id varchar(36) primary key,
  checksum varchar(64) not null,
  finished_at timestamptz,
  migration_name varchar(255) not null,
  logs text,
  rolled_back_at timestamptz,
  started_at timestamptz not null default now(),
  applied_steps_count integer not null default 0
)`;

/** Names of the migrations in `dir`, oldest first; none when the folder does not exist. */
export const migrationNames = (dir) =>
  existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort()
    : [];

/**
 * Brings the database to the state of the migrations and grants the studio's role its part of it.
 *
 * @param config - what `new pg.Client()` takes, for the owner of the tables
 * @param appMayLogin - see `grantAppRole`
 * @returns the names of the migrations it applied
 * @throws when the database has a migration that `dir` lacks (a newer version made it), or one was
 *   changed after it had been applied; the database is then as it was
 */
export async function deploy(
  config,
  { dir = path.resolve("prisma/migrations"), appMayLogin = false } = {},
) {
  const client = new pg.Client(config);
  const applied = [];
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(${PRISMA_LOCK_KEY})`);
    await client.query(TABLE);
    const { rows } = await client.query(
      "select migration_name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null",
    );
    const done = new Map(rows.map((row) => [row.migration_name, row.checksum]));
    const names = migrationNames(dir);
    for (const name of done.keys()) {
      if (names.includes(name)) continue;
      throw new Error(
        `a newer version of the studio made this database (it has migration ${name}, which this version lacks): start that version, or choose another STUDIO_DATA_DIR or DATABASE_URL`,
      );
    }
    for (const name of names) {
      const sql = readFileSync(path.join(dir, name, "migration.sql"), "utf8");
      const checksum = createHash("sha256").update(sql).digest("hex");
      if (done.has(name)) {
        if (done.get(name) === checksum) continue;
        throw new Error(`migration ${name} was changed after it had been applied`);
      }
      await client.query("begin");
      try {
        await client.query(sql);
        await client.query(
          "insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count) values ($1, $2, $3, now(), 1)",
          [randomUUID(), checksum, name],
        );
        await client.query("commit");
      } catch (error) {
        await client.query("rollback");
        throw new Error(`migration ${name}: ${error.message}`, { cause: error });
      }
      applied.push(name);
    }
    await grantAppRole(client, { mayLogin: appMayLogin });
    return applied;
  } finally {
    await client.end();
  }
}
