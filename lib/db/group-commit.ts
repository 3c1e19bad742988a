import { createHash } from "node:crypto";
import type { Pool, PoolClient } from "pg";
import type { Sql } from "#lib/db/sql.ts";

/** Writes many small things in few transactions. */
export type GroupCommit<Item, Result> = {
  /**
   * Resolves once the transaction that holds the item is committed, with what `write` made of it.
   * Whatever came while the last transaction ran goes into the next: a lone item waits for nobody.
   *
   * @throws whatever the database said; the item is then not stored
   */
  add(item: Item): Promise<Result>;
  /** Resolves when nothing is waiting any more. */
  idle(): Promise<void>;
};

export type GroupCommitOptions<Item, Result> = {
  pool: Pool;
  /** @returns a result for each item, in their order */
  write(sql: Sql, items: readonly Item[]): Promise<readonly Result[]>;
  /**
   * Tried first: one statement, a transaction of its own.
   *
   * @returns null where it wrote nothing: then `write` does it
   */
  writeAtOnce?(sql: Sql, items: readonly Item[]): Promise<readonly Result[] | null>;
  maxItems?: number;
  /** Told how many items a transaction takes, before it begins. */
  onGroup?(items: number): void;
};

type Waiting<Item, Result> = {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
};

const defaultMaxItems = 250;

/** Integrity and data faults are an item's own: the others of its group are stored without it. */
const isOfOneItem = (error: unknown) =>
  /^(?:22|23|P0)/.test(String((error as { code?: unknown } | null)?.code ?? ""));

/** Nothing of it was stored, and it works when it is done again: a deadlock, or a lost race. */
const mayBeRepeated = (error: unknown) =>
  ["40P01", "40001"].includes(String((error as { code?: unknown } | null)?.code ?? ""));
const mostTries = 3;

export function createGroupCommit<Item, Result>(
  options: GroupCommitOptions<Item, Result>,
): GroupCommit<Item, Result> {
  const { pool, write, writeAtOnce, maxItems = defaultMaxItems, onGroup } = options;
  const atOnce = statementsOf(pool);
  let waiting: Waiting<Item, Result>[] = [];
  let running: Promise<void> | null = null;

  async function commit(group: readonly Waiting<Item, Result>[], tries = 1): Promise<void> {
    onGroup?.(group.length);
    try {
      const items = group.map(({ item }) => item);
      const quick = tries === 1 ? await writeAtOnce?.(atOnce, items) : null;
      const results = quick ?? (await inOneTransaction(pool, (sql) => write(sql, items)));
      if (results.length !== group.length)
        throw new Error("a group gave another number of results");
      for (const [at, { resolve }] of group.entries()) resolve(results[at] as Result);
    } catch (error) {
      if (tries < mostTries && mayBeRepeated(error)) await commit(group, tries + 1);
      else if (group.length > 1 && isOfOneItem(error)) {
        for (const one of group) await commit([one]);
      } else {
        for (const { reject } of group) reject(error);
      }
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, maxItems);
      waiting = waiting.slice(maxItems);
      await commit(group);
    }
    running = null;
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        running ??= drain();
      }),
    async idle() {
      while (running) await running;
    },
  };
}

async function inOneTransaction<T>(pool: Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    // Its failure is the first statement's too: nobody waits for the answer alone.
    client.query("begin").catch(() => {});
    const { sql, commit } = sqlOfClient(client);
    const result = await work(sql);
    await commit();
    client.release();
    return result;
  } catch (error) {
    // A connection on which the end cannot be said is not used again.
    await client.query("rollback").then(
      () => client.release(),
      (failure: Error) => client.release(failure),
    );
    throw error;
  }
}

/**
 * Each connection parses and plans a statement once: texts are the program's own, and few. A name comes
 * from its text alone: Next gives each entry its own copy of this module, and all share the connections.
 */
const statementNames = new Map<string, string>();

function nameOf(text: string): string {
  const known = statementNames.get(text);
  if (known !== undefined) return known;
  const name = `studio_${createHash("sha256").update(text).digest("base64url")}`;
  statementNames.set(text, name);
  return name;
}

/** Statements that are a transaction each. */
const statementsOf = (pool: Pool): Sql => ({
  query: async (text, values) =>
    (await pool.query({ name: nameOf(text), text, values: values as unknown[] })).rows,
});

/** The transaction of a connection, and its end, which `finish` may have brought already. */
function sqlOfClient(client: PoolClient): { sql: Sql; commit(): Promise<void> } {
  let isOver = false;
  const run = async (text: string, values: readonly unknown[]) => {
    if (isOver) throw new Error("a statement came after its transaction's last one");
    const statement = { name: nameOf(text), text, values: values as unknown[] };
    return (await client.query(statement)).rows;
  };
  async function commit(): Promise<void> {
    if (isOver) return;
    isOver = true;
    // Where a statement failed, PostgreSQL answers "commit" with its opposite, and calls that no error.
    const { command } = await client.query("commit");
    if (command !== "COMMIT") throw new Error("the transaction was not committed");
  }
  return {
    commit,
    sql: {
      query: run,
      async finish(text, values) {
        const last = run(text, values);
        const committed = commit();
        committed.catch(() => {}); // the last statement's own failure says more
        await last;
        await committed;
      },
    },
  };
}
