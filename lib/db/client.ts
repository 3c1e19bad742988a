import { PrismaPg } from "@prisma/adapter-pg";
import { type Prisma, PrismaClient } from "#prisma/generated/client.ts";

/** The whole client: for `lib/db`, `lib/deps.ts` and the rooms' repositories. */
export type Database = PrismaClient;
/** A client inside a transaction. */
export type Transaction = Prisma.TransactionClient;
/** What a repository asks for: works inside a transaction and outside of one. */
export type DatabaseOrTransaction = Database | Transaction;

const POOL_SIZE = 10;
const CONNECT_TIMEOUT_MS = 5_000;
const TRANSACTION_WAIT_MS = 5_000;
const TRANSACTION_LIMIT_MS = 15_000;

/**
 * A client with a pool of its own; connects at the first query.
 * Explicit `undefined` in a filter or in data is an error, never "no filter" (TEN-6).
 *
 * @param url - `postgresql://…`; `?host=` with a folder means a Unix socket
 */
export function createDatabase(url: string, { poolSize = POOL_SIZE } = {}): Database {
  const adapter = new PrismaPg({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  return new PrismaClient({
    adapter,
    errorFormat: "minimal",
    transactionOptions: { maxWait: TRANSACTION_WAIT_MS, timeout: TRANSACTION_LIMIT_MS },
  });
}

const shared = globalThis as typeof globalThis & {
  studioDatabase?: { readonly url: string; readonly database: Database };
};

/**
 * The process's one client for `url`. Next gives each entry its own copy of this module, so the
 * client lives on `globalThis`.
 */
export function sharedDatabase(url: string): Database {
  const held = shared.studioDatabase;
  if (held?.url === url) return held.database;
  const database = createDatabase(url);
  shared.studioDatabase = { url, database };
  return database;
}

/**
 * Runs `work` in one transaction: all of it is stored or none. Joins the transaction when `db` is
 * already one, so use cases can call each other.
 */
export async function inTransaction<T>(
  db: DatabaseOrTransaction,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return "$transaction" in db && typeof db.$transaction === "function"
    ? db.$transaction(work)
    : work(db);
}
