import { createClient } from "redis";
import { afterAll, inject } from "vitest";
import { Secret } from "#lib/core/secret.ts";

export type TestRedis = {
  url: Secret;
  /** Where the server would write, if it did. */
  dir: string;
  /** Everything in this database as the server holds it: names and values, one after the other. */
  dump(): Promise<Buffer[]>;
  /** Names of what would stay for good. */
  withoutExpiry(): Promise<string[]>;
};

/** An empty database of the run's Redis server; call it once, at the top of a `*.db.test.ts`. */
export async function testRedis(): Promise<TestRedis> {
  const server = inject("redis");
  const counter = await createClient({ url: server.url }).connect();
  // Database 0 hands out the others.
  const database = await counter.incr("databases");
  await counter.close();
  const url = `${server.url}?db=${database}`;
  const client = await createClient({ url, RESP: 2 }).connect();
  afterAll(async () => {
    await client.flushDb();
    await client.close();
  });
  return {
    url: new Secret(url),
    dir: server.dir,
    async dump() {
      const found: Buffer[] = [];
      for await (const keys of client.scanIterator()) {
        for (const key of keys) {
          found.push(Buffer.from(key), Buffer.from((await client.dump(key)) ?? "", "latin1"));
        }
      }
      return found;
    },
    async withoutExpiry() {
      const lasting: string[] = [];
      for await (const keys of client.scanIterator()) {
        for (const key of keys) if ((await client.pTTL(key)) === -1) lasting.push(key);
      }
      return lasting;
    },
  };
}
