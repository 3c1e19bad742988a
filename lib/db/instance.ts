import pg from "pg";
import type { Sql } from "#lib/db/sql.ts";

/**
 * This process, as the others see it: a number whose lock its own session on the database holds. The
 * session of a killed process ends with it, and the lock is gone at once; a paused process keeps it.
 */
export type Instance = {
  /**
   * Its number, once its lock is held.
   *
   * @throws {Error} the database does not answer
   */
  number(): Promise<number>;
  stop(): Promise<void>;
};

/** First half of the advisory locks' key; the second is the instance's number. */
const lockSpace = 1_297_306_963;
const retryMs = 200;
const heartbeatMs = 500;
const answerMs = 1_000;

/** The numbers of all instances whose sessions hold their locks, as `number`. */
export const heldInstances = `
  select objid::bigint as number from pg_locks
  where locktype = 'advisory' and granted and objsubid = 2 and classid = ${lockSpace}
    and database = (select oid from pg_database where datname = current_database())`;

/** Is its process there, running or paused? False for a moment too while it comes back to a lost database. */
export async function isAlive(sql: Sql, number: number): Promise<boolean> {
  const held = `select exists (select 1 from (${heldInstances}) held where number = $1) as alive`;
  const [row] = await sql.query(held, [number]);
  return row?.alive === true;
}

/**
 * Joins when first asked for its number. From then on the lock is taken again as soon as its session is
 * lost, so that nobody takes a living process for dead for longer than a moment.
 *
 * @param url - as for `createDatabase`
 */
export function createInstance(url: string): Instance {
  let isStopped = false;
  let number: number | null = null;
  let held: pg.Client | null = null;
  /** A slow server is no lost one: until there is another session, the old ones keep the lock. */
  const doubted = new Set<pg.Client>();
  let joining: Promise<number> | null = null;
  let heartbeat: NodeJS.Timeout | undefined;
  /** Owes an answer: a connection is asked one thing at a time. */
  let asked: pg.Client | null = null;

  async function join(): Promise<number> {
    const client = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: answerMs,
      query_timeout: answerMs,
      keepAlive: true,
      application_name: "studio-instance",
    });
    client.on("error", () => lost(client));
    client.on("end", () => lost(client));
    try {
      await client.connect();
      number ??= await register(client);
      // Shared: an earlier session of ours that the server has not given up yet does not hold us up.
      await client.query("select pg_advisory_lock_shared($1, $2)", [lockSpace, number]);
    } catch (error) {
      client.end().catch(() => {});
      throw error;
    }
    if (isStopped) {
      await client.end();
      throw new Error("this instance has stopped");
    }
    held = client;
    endDoubted();
    heartbeat = setInterval(() => beat(client), heartbeatMs).unref();
    return number;
  }

  /** A server that went without a word is noticed by its silence. */
  function beat(client: pg.Client): void {
    if (asked === client) return;
    asked = client;
    const noteAnswer = () => {
      if (asked === client) asked = null;
    };
    client
      .query("select 1")
      .catch(() => lost(client))
      .finally(noteAnswer);
  }

  function lost(client: pg.Client): void {
    if (held !== client) return;
    held = null;
    clearInterval(heartbeat);
    doubted.add(client);
    rejoin();
  }

  function endDoubted(): void {
    for (const client of doubted) client.end().catch(() => {});
    doubted.clear();
  }

  function rejoin(): void {
    if (isStopped) return;
    joined().catch(() => setTimeout(rejoin, retryMs).unref());
  }

  function joined(): Promise<number> {
    if (held && number !== null) return Promise.resolve(number);
    joining ??= join().finally(() => {
      joining = null;
    });
    return joining;
  }

  return {
    number: joined,
    async stop() {
      isStopped = true;
      clearInterval(heartbeat);
      await joining?.catch(() => {});
      const client = held;
      held = null;
      endDoubted();
      await client?.end();
    },
  };
}

/** In a database that was set back numbers come again: one that a living process has is left to it. */
async function register(client: pg.Client): Promise<number> {
  const insert = "insert into instances (started_at) values (now()) returning id";
  const query: Sql["query"] = async (text, values) => (await client.query(text, [...values])).rows;
  for (;;) {
    const number = Number((await client.query(insert)).rows[0].id);
    if (!(await isAlive({ query }, number))) return number;
  }
}

/** Forgets instances that began before then, whose lock nobody holds, and that left no refresh behind. */
export async function forgetEndedInstances(sql: Sql, before: Date): Promise<void> {
  await sql.query(
    `delete from instances i where started_at < $1::timestamptz
       and not exists (select 1 from (${heldInstances}) held where number = i.id)
       and not exists (select 1 from refreshes r where r.holder = i.id)`,
    [before.toISOString()],
  );
}
