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

/** Writes what a transaction collected, as its last statements. */
export type CommitWriter = (tx: Transaction, entries: readonly unknown[]) => Promise<void>;
type Collected = { writer: CommitWriter | undefined; entries: unknown[]; isClosed: boolean };

// Next gives each entry its own copy of this module; a transaction begun in one is joined in another.
const shared = globalThis as typeof globalThis & {
  studioDatabase?: { readonly url: string; readonly database: Database };
  studioTransactions?: {
    readonly writers: WeakMap<Database, CommitWriter>;
    readonly running: WeakMap<Transaction, Collected>;
  };
};
shared.studioTransactions ??= { writers: new WeakMap(), running: new WeakMap() };
const { writers, running } = shared.studioTransactions;

/** The process's one client for `url`. */
export function sharedDatabase(url: string): Database {
  const held = shared.studioDatabase;
  if (held?.url === url) return held.database;
  const database = createDatabase(url);
  shared.studioDatabase = { url, database };
  return database;
}

/**
 * Runs `work` in one transaction: all of it is stored or none. Joins the transaction when `db` is
 * already one, so use cases can call each other. What was collected on the way is written last, just
 * before the commit: if it cannot be written, nothing is stored.
 */
export async function inTransaction<T>(
  db: DatabaseOrTransaction,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  if (!isDatabase(db)) return work(db);
  const writer = writers.get(db);
  return db.$transaction(async (tx) => {
    const collected: Collected = { writer, entries: [], isClosed: false };
    running.set(tx, collected);
    try {
      const result = await work(tx);
      collected.isClosed = true;
      if (writer && collected.entries.length > 0) await writer(tx, collected.entries);
      return result;
    } finally {
      collected.isClosed = true;
    }
  });
}

/** Names what writes the entries that transactions of this client collect; one a client. */
export function writeBeforeCommit(db: Database, writer: CommitWriter): void {
  writers.set(db, writer);
}

/**
 * Keeps an entry until just before the commit of this transaction.
 *
 * @throws {Error} `tx` was not made by `inTransaction`, is over, or its client has no writer: an
 *   entry is never lost in silence
 */
export function collectUntilCommit(tx: DatabaseOrTransaction, entry: unknown): void {
  const collected = isDatabase(tx) ? undefined : running.get(tx);
  if (!collected) throw new Error("an entry was collected outside of inTransaction");
  if (collected.isClosed) throw new Error("an entry was collected after its transaction ended");
  if (!collected.writer) throw new Error("nobody writes the entries of this database client");
  collected.entries.push(entry);
}

// A transaction's client has `$transaction` too, for savepoints.
const isDatabase = (db: DatabaseOrTransaction): db is Database => "$connect" in db;
