import { Pool } from "pg";
import type { Sql } from "#lib/db/sql.ts";

/** Plain connections beside Prisma's: a hot statement costs a fifth there. Repositories only (TEN-1). */
export type HotPool = Pool;

const POOL_SIZE = 4;
const CONNECT_TIMEOUT_MS = 2_000;
const STATEMENT_TIMEOUT_MS = 10_000;

/** Connects at the first use. @param url - as for `createDatabase` */
export function createHotPool(url: string): HotPool {
  const pool = new Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
    // What is asked for at once goes out at once: a way to the database and back costs more than a
    // statement. In a transaction, whatever comes behind a failed one fails too.
    pipeline: true,
    application_name: "studio-hot",
  });
  pool.on("error", () => {}); // an idle connection that ends is replaced when one is needed
  return pool;
}

/** Single statements, each a transaction of its own, on whichever connection is free. */
export const sqlOfPool = (pool: HotPool): Sql => ({
  query: async (text, values) => (await pool.query(text, [...values])).rows,
});
