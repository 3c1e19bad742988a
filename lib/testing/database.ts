import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, inject } from "vitest";
import { createDatabase, type Database } from "#lib/db/client.ts";
import { databaseUrl } from "#scripts/postgres.mjs";

export type TestDatabase = {
  readonly db: Database;
  readonly url: string;
  /** For the queries that Prisma should not be asked, such as a look at the bare rows. */
  readonly pool: pg.Pool;
};

/**
 * An empty, migrated PostgreSQL database of this file's own; dropped after its last test.
 * Call it once, at the top of a `*.db.test.ts`.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = inject("pg");
  const database = `test_${randomUUID().replaceAll("-", "")}`;
  await administer(server, `create database ${database} template tpl strategy file_copy`);
  const url = databaseUrl({ host: server.host, database });
  const db = createDatabase(url, { poolSize: 5 });
  const pool = new pg.Pool({ ...server, database, max: 3 });
  afterAll(async () => {
    await db.$disconnect();
    await pool.end();
    // Without "force": PostgreSQL waits for sessions that are just ending instead of killing them.
    await administer(server, `drop database ${database}`);
  });
  return { db, url, pool };
}

async function administer(server: pg.ClientConfig, sql: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
