import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, inject } from "vitest";
import { keepAuditTrail } from "#lib/audit/append-events.ts";
import { createChainKey } from "#lib/audit/chain.ts";
import { systemClock } from "#lib/core/clock.ts";
import { Secret } from "#lib/core/secret.ts";
import { createDatabase, type Database } from "#lib/db/client.ts";
import { APP_ROLE } from "#scripts/app-role.mjs";
import { databaseUrl } from "#scripts/postgres.mjs";

export type TestDatabase = {
  /** As the studio's own role: what it may not do fails here too. */
  readonly db: Database;
  /** Another client of the same database, as another process has one; the caller disconnects it. */
  another(poolSize?: number): Database;
  readonly url: string;
  readonly ownerUrl: string;
  /** The owner's, for what the studio itself may not do, such as spoiling rows. */
  readonly pool: pg.Pool;
};

const testChainKey = createChainKey(new Secret("0123456789abcdef0123456789abcdef"));

/**
 * An empty, migrated PostgreSQL database of this file's own; dropped after its last test.
 * Call it once, at the top of a `*.db.test.ts`.
 */
export async function testDatabase(): Promise<TestDatabase> {
  const server = inject("pg");
  const database = `test_${randomUUID().replaceAll("-", "")}`;
  await administer(server, `create database ${database} template tpl strategy file_copy`);
  const url = databaseUrl({ host: server.host, database, user: APP_ROLE });
  const ownerUrl = databaseUrl({ host: server.host, database });
  const another = (poolSize = 5) => {
    const client = createDatabase(url, { poolSize });
    keepAuditTrail(client, { clock: systemClock, chainKey: testChainKey });
    return client;
  };
  const db = another();
  const pool = new pg.Pool({ ...server, database, max: 3 });
  pool.on("error", () => {}); // a server that ends under a run is told by whoever asks it next
  afterAll(async () => {
    await db.$disconnect();
    await pool.end();
    // Without "force": PostgreSQL waits for sessions that are just ending instead of killing them.
    await administer(server, `drop database ${database}`);
  });
  return { db, another, url, ownerUrl, pool };
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
