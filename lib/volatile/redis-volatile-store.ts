import { createHmac } from "node:crypto";
import { createClient, ErrorReply, RESP_TYPES } from "redis";
import { SettingsError } from "#lib/core/env.ts";
import { within } from "#lib/core/in-time.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { Total, VolatileStore } from "#lib/volatile/volatile-store.ts";

const SETTING = "REDIS_URL";
/** Whoever asks the store goes on without it after this. */
const ANSWER_LIMIT_MS = 100;
const CONNECT_LIMIT_MS = 2_000;
/** So many answers missing in a row, and the connection is given up. */
const MISSES_UNTIL_LOST = 3;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5_000;
const COUNTS_AT_ONCE = 500;
const NAME_CHARS = 22; // 132 bits
const MAX_QUEUED = 10_000;

// A value is `rank:bytes`; the rank is compared in the store, so that what comes late replaces nothing.
const putScript = `
local held = redis.call('GET', KEYS[1])
local rank = held and tonumber(string.match(held, '^(%d+):'))
if rank and rank > tonumber(ARGV[1]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1] .. ':' .. ARGV[2], 'PX', ARGV[3])
return 1`;
const deleteBelowScript = `
local held = redis.call('GET', KEYS[1])
local rank = held and tonumber(string.match(held, '^(%d+):'))
if rank and rank >= tonumber(ARGV[1]) then return 0 end
return redis.call('DEL', KEYS[1])`;
const addScript = `
local answers = {}
for i, key in ipairs(KEYS) do
  local total = redis.call('INCRBY', key, ARGV[2 * i - 1])
  local left = redis.call('PTTL', key)
  if left < 0 then
    left = tonumber(ARGV[2 * i])
    redis.call('PEXPIRE', key, left)
  end
  answers[2 * i - 1] = total
  answers[2 * i] = left
end
return answers`;

type Options = {
  url: Secret;
  /** Makes names that tell nothing. */
  namingKey: Secret;
  log: Logger;
  /** PEM, beside the machine's own; for tests. */
  ca?: string;
  answerLimitMs?: number;
};
type Client = ReturnType<typeof newClient>;

/**
 * The shared store, on a Redis or Valkey server. While it is away or slow everybody goes on without it, it
 * is said once, and the connection is made anew. Each connection is checked before it is used.
 *
 * @throws {SettingsError} the server keeps its data on disk (VA-9), or refuses this user; names REDIS_URL,
 *   never its value. A server that is not there yet is no reason.
 */
export async function openRedisVolatileStore(options: Options): Promise<VolatileStore> {
  const { log, answerLimitMs = ANSWER_LIMIT_MS } = options;
  let client: Client | null = null;
  let misses = 0;
  let isAway = false;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;
  let hasWarnedOfConfig = false;
  const namingKey = options.namingKey.revealBytes();
  const keyOf = (name: string) =>
    `studio:${createHmac("sha256", namingKey).update(name).digest("base64url").slice(0, NAME_CHARS)}`;

  async function connect(): Promise<void> {
    const made = newClient(options);
    made.on("error", (error) => lose(made, error));
    try {
      await within(CONNECT_LIMIT_MS, "the shared store does not answer", made.connect());
      const check = await within(
        CONNECT_LIMIT_MS,
        "the shared store does not answer",
        checked(made),
      );
      if (check === "unknown" && !hasWarnedOfConfig) {
        hasWarnedOfConfig = true;
        log.warn(
          "whether the shared store keeps data on disk cannot be asked: make sure that it does not",
          {
            setting: SETTING,
          },
        );
      }
    } catch (error) {
      made.destroy();
      throw error;
    }
    if (isClosed) return made.destroy();
    client = made;
    misses = 0;
    if (isAway) log.info("the shared store is back");
    isAway = false;
  }

  function lose(lost: Client, error: unknown): void {
    if (client !== lost) return;
    client = null;
    lost.destroy();
    sayAway(error);
    reconnect(FIRST_RETRY_MS);
  }

  function sayAway(error: unknown): void {
    if (isAway || isClosed) return;
    isAway = true;
    log.warn("the shared store is away: this instance goes on by itself", {
      setting: SETTING,
      error,
    });
  }

  function reconnect(afterMs: number): void {
    if (isClosed) return;
    retry = setTimeout(() => {
      connect().catch(() => reconnect(Math.min(afterMs * 2, LONGEST_RETRY_MS)));
    }, afterMs);
    retry.unref();
  }

  /** @returns what `work` gives in time, else `otherwise` */
  async function attempt<T>(work: (client: Client) => Promise<T>, otherwise: T): Promise<T> {
    const used = client;
    if (!used) return otherwise;
    try {
      const result = await within(answerLimitMs, "the shared store is slow", work(used));
      misses = 0;
      return result;
    } catch (error) {
      // An error that the server answers, such as a full memory, is no reason for another connection.
      if (error instanceof ErrorReply) sayAway(error);
      else if (client === used && ++misses >= MISSES_UNTIL_LOST) lose(used, error);
      return otherwise;
    }
  }

  await connect().catch((error: unknown) => {
    if (error instanceof SettingsError) throw error;
    if (error instanceof ErrorReply && /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH)/.test(error.message)) {
      const rule = "names a server that refuses this user: check user name and password";
      throw new SettingsError([{ name: SETTING, rule }]);
    }
    sayAway(error);
    reconnect(FIRST_RETRY_MS);
  });

  return {
    isShared: true,
    get: (name) =>
      attempt(async (client) => {
        const key = keyOf(name);
        const [value, remainingMs] = await Promise.all([
          client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer }).get(key),
          client.pTTL(key),
        ]);
        const split = value?.indexOf(0x3a) ?? -1;
        if (!value || split < 1 || remainingMs < 1) return null;
        const rank = Number(value.toString("latin1", 0, split));
        return { bytes: value.subarray(split + 1), rank, remainingMs };
      }, null),
    put: (name, { bytes, rank }, lifetimeMs) =>
      attempt(async (client) => {
        if (lifetimeMs < 1) return false;
        const kept = await client.eval(putScript, {
          keys: [keyOf(name)],
          arguments: [String(rank), Buffer.from(bytes), String(Math.floor(lifetimeMs))],
        });
        return kept === 1;
      }, false),
    delete: (name, belowRank) =>
      attempt(async (client) => {
        if (belowRank === undefined) await client.del(keyOf(name));
        else {
          await client.eval(deleteBelowScript, {
            keys: [keyOf(name)],
            arguments: [String(belowRank)],
          });
        }
      }, undefined),
    add: (counts) =>
      attempt(async (client) => {
        const chunks = Array.from({ length: Math.ceil(counts.length / COUNTS_AT_ONCE) }, (_, i) =>
          counts.slice(i * COUNTS_AT_ONCE, (i + 1) * COUNTS_AT_ONCE),
        );
        const answers = await Promise.all(
          chunks.map((some) =>
            client.eval(addScript, {
              keys: some.map(({ name }) => keyOf(name)),
              arguments: some.flatMap(({ by, windowMs }) => [
                String(by),
                String(Math.ceil(windowMs)),
              ]),
            }),
          ),
        );
        return answers.flatMap(totalsOf);
      }, null),
    async close() {
      isClosed = true;
      clearTimeout(retry);
      const open = client;
      client = null;
      namingKey.fill(0);
      if (!open) return;
      await within(ANSWER_LIMIT_MS, "the shared store is slow", open.close()).catch(() =>
        open.destroy(),
      );
    },
  };
}

function newClient({ url, ca }: Options) {
  return createClient({
    url: url.reveal(),
    RESP: 2,
    socket: {
      connectTimeout: CONNECT_LIMIT_MS,
      reconnectStrategy: false,
      ...(ca === undefined ? {} : { tls: true as const, ca }),
    },
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_QUEUED,
  });
}

/**
 * @returns "unknown" where this user may not ask for settings
 * @throws {SettingsError} what is kept here would be written to disk
 */
async function checked(client: Client): Promise<"volatile" | "unknown"> {
  await client.ping(); // an error of the user's rights, before one of the settings' alone
  try {
    const { save } = await client.configGet("save");
    const { appendonly } = await client.configGet("appendonly");
    if ((save ?? "") === "" && (appendonly ?? "no") === "no") return "volatile";
  } catch (error) {
    if (error instanceof ErrorReply) return "unknown";
    throw error;
  }
  throw new SettingsError([
    {
      name: SETTING,
      rule: 'names a server that keeps its data on disk; start it with --save "" --appendonly no, or name one that does',
    },
  ]);
}

function totalsOf(answer: unknown): Total[] {
  const numbers = answer as number[];
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    total: numbers[2 * i] ?? 0,
    remainingMs: numbers[2 * i + 1] ?? 0,
  }));
}
