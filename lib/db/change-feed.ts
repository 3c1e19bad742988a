import pg from "pg";
import type { Clock } from "#lib/core/clock.ts";
import { inTime, within } from "#lib/core/in-time.ts";
import type { Logger } from "#lib/core/log.ts";
import { type Change, type ChangeFeed, changeOfText, changesChannel } from "#lib/db/changes.ts";

const PING_EVERY_MS = 250;
/** What was heard up to an answered ping counts this long from the ping's start (BRK-11: one second). */
const CURRENT_FOR_MS = 900;
/** Nobody waits longer for the feed to be current. */
const WAIT_LIMIT_MS = 2_000;
/** A connection that does not answer this long is given up. */
const ANSWER_LIMIT_MS = 1_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 1_000;

/** Those who came since the last ping began: the next one answers them all. */
type Round = { promise: Promise<boolean>; settle(error?: Error): void };

/**
 * The real feed: one connection that listens, made when somebody first asks. PostgreSQL sends what it has
 * to tell before it answers the next statement, so an answered ping proves that all was heard which was
 * committed before the ping began. A process that was paused, or whose connection hangs, is by the
 * monotonic clock not current; after a new connection everybody hears "all" before anything counts again.
 *
 * @param deps.databaseUrl - straight to PostgreSQL, or through a pool of sessions: one of transactions
 *   passes no notifications on
 * @param deps.clock - the machine's own: it measures the connection
 * @see https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-ASYNC
 */
export function createChangeFeed(deps: {
  databaseUrl: string;
  clock: Clock;
  log: Logger;
}): ChangeFeed {
  const { clock, log } = deps;
  const listeners = new Set<(change: Change | "all") => void>();
  let running: Promise<void> | null = null;
  let isStopped = false;
  let heardUpToMs = Number.NEGATIVE_INFINITY;
  let rounds: Round[] = [];
  /** The round that one may still join. */
  let open: Round | null = null;
  let wakePing = () => {};
  let wakeRetry = () => {};

  const tell = (change: Change | "all") => {
    for (const listener of listeners) {
      try {
        listener(change);
      } catch (error) {
        log.error("a change was not taken in", { error });
      }
    }
  };

  const pause = (ms: number, giveWake: (wake: () => void) => void) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      giveWake(() => {
        clearTimeout(timer);
        resolve();
      });
    });

  /** One connection, until it is lost or the feed stops. */
  async function listen(onListening: () => void): Promise<void> {
    const client = new pg.Client({
      connectionString: deps.databaseUrl,
      connectionTimeoutMillis: WAIT_LIMIT_MS,
      application_name: "studio-changes",
      keepAlive: true,
    });
    client.on("error", () => wakePing());
    client.on("end", () => wakePing());
    client.on("notification", ({ payload }) => tell(changeOfText(payload ?? "")));
    const answered = (statement: string) =>
      within(ANSWER_LIMIT_MS, "the database does not answer", client.query(statement));
    try {
      await client.connect();
      await answered(`listen ${changesChannel}`);
      tell("all");
      onListening();
      while (!isStopped) {
        const served = rounds;
        rounds = [];
        open = null;
        const beganMs = clock.monotonicMs();
        try {
          await answered("select 1");
        } catch (error) {
          rounds.unshift(...served); // the next connection answers them, if they still wait
          throw error;
        }
        heardUpToMs = beganMs;
        for (const round of served) round.settle();
        if (rounds.length === 0) {
          await pause(PING_EVERY_MS, (wake) => {
            wakePing = wake;
          });
        }
      }
    } finally {
      heardUpToMs = Number.NEGATIVE_INFINITY;
      client.removeAllListeners("notification");
      await client.end().catch(() => {});
    }
  }

  async function run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!isStopped) {
      try {
        await listen(() => {
          if (retryMs !== FIRST_RETRY_MS) log.info("changes of other instances are heard again");
          retryMs = FIRST_RETRY_MS;
        });
      } catch (error) {
        if (isStopped) return;
        if (retryMs === FIRST_RETRY_MS)
          log.warn("changes of other instances are not heard", { error });
        // However many ask meanwhile.
        await pause(retryMs, (wake) => {
          wakeRetry = wake;
        });
        retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
      }
    }
  }

  function newRound(): Round {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    promise.catch(() => {});
    const limit = inTime(WAIT_LIMIT_MS, "the database does not tell what changed");
    limit.promise.catch((error: Error) => round.settle(error));
    const round: Round = {
      promise,
      settle(error) {
        limit.clear();
        rounds = rounds.filter((each) => each !== round);
        if (open === round) open = null;
        if (error) reject(error);
        else resolve(true);
      },
    };
    return round;
  }

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    isCurrent: () => clock.monotonicMs() - heardUpToMs < CURRENT_FOR_MS,
    current() {
      if (isStopped) return Promise.reject(new Error("the studio is stopping"));
      if (!open) {
        open = newRound();
        rounds.push(open);
      }
      const { promise } = open;
      if (running) wakePing();
      else running = run();
      return promise;
    },
    async stop() {
      isStopped = true;
      heardUpToMs = Number.NEGATIVE_INFINITY;
      for (const round of rounds) round.settle(new Error("the studio is stopping"));
      wakePing();
      wakeRetry();
      await running;
    },
  };
}
