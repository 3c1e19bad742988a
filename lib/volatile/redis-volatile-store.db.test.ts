import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { SettingsError } from "#lib/core/env.ts";
import { createLogger } from "#lib/core/log.ts";
import { Secret } from "#lib/core/secret.ts";
import { makeCertificates } from "#lib/simulator/kit/tls.ts";
import { testRedis } from "#lib/testing/redis.ts";
import { openRedisVolatileStore } from "#lib/volatile/redis-volatile-store.ts";
import { describeVolatileStoreContract } from "#lib/volatile/volatile-store.contract.ts";
import { startRedis } from "#scripts/redis.mjs";

const redis = await testRedis();
const patientMs = 10_000;
const minuteMs = 60_000;

/** A store with names of its own, and what it logs. */
async function openStore(url: Secret, options: { answerLimitMs?: number; ca?: string } = {}) {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", destination: { write: (line) => lines.push(line) } });
  const namingKey = new Secret(randomBytes(32));
  const store = await openRedisVolatileStore({ url, namingKey, log, ...options });
  onTestFinished(() => store.close());
  return { store, lines, events: () => lines.map((line) => JSON.parse(line).event as string) };
}

async function ownRedis(args: string[] = []) {
  const server = await startRedis(args);
  onTestFinished(() => server.stop());
  return server;
}

const one = { bytes: new TextEncoder().encode("one"), rank: 1 };

describeVolatileStoreContract("Redis", async () => ({
  store: (await openStore(redis.url, { answerLimitMs: patientMs })).store,
  passMs: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
}));

test("[VA-9] names tell nothing, and nothing stays without an end", async () => {
  const { store } = await openStore(redis.url, { answerLimitMs: patientMs });
  await store.put("access-token:4f1c", one, minuteMs);
  await store.add([{ name: "agent-key:77aa", by: 1, windowMs: minuteMs }]);
  const written = (await redis.dump()).map((part) => part.toString("latin1")).join("\n");
  expect(written).toContain("studio:");
  expect(written).not.toMatch(/access|agent|4f1c|77aa/);
  expect(await redis.withoutExpiry()).toEqual([]);
});

describe("a server that is not fit", () => {
  test.each([
    ["snapshots", ["--save", "3600 1"]],
    ["an append-only file", ["--appendonly", "yes"]],
  ])("[VA-9] one with %s stops the start; the message names the setting alone", async (_, args) => {
    const server = await ownRedis(args);
    const refusal = await openStore(new Secret(server.url)).then(
      () => null,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(SettingsError);
    expect(String(refusal)).toMatch(/REDIS_URL names a server that keeps its data on disk/);
    expect(String(refusal)).not.toContain(server.url);
  });

  test("[VA-4] one that refuses the user stops the start; the password is not told", async () => {
    const { url } = await ownRedis(["--requirepass", "right-password"]);
    const wrong = new Secret(url.replace("unix://", "unix://:hunter2@"));
    for (const refused of [wrong, new Secret(url)]) {
      const { error, lines } = await openStore(refused).then(
        () => ({ error: null, lines: [] }),
        (error: unknown) => ({ error, lines: [] }),
      );
      expect(error).toBeInstanceOf(SettingsError);
      expect(String(error)).toMatch(/REDIS_URL .*refuses this user/);
      expect(String(error) + lines.join()).not.toContain("hunter2");
    }
  });

  test("[VA-9] where its settings cannot be asked, a warning says what to make sure of", async () => {
    const { url } = await ownRedis(["--user", "app", "on", ">pass", "~*", "+@all", "-config"]);
    const { store, events } = await openStore(
      new Secret(url.replace("unix://", "unix://app:pass@")),
    );
    expect(await store.put("a", one, minuteMs)).toBe(true);
    expect(events()).toEqual([expect.stringContaining("make sure")]);
  });
});

describe("a server that is away", () => {
  test("one that hangs costs a tenth of a second, and soon nothing; it is said once, and it comes back", async () => {
    const server = await ownRedis();
    const { store, events } = await openStore(new Secret(server.url));
    await expect.poll(() => store.put("a", one, minuteMs)).toBe(true);
    const before = events().length;
    process.kill(server.pid, "SIGSTOP");
    const beganMs = performance.now();
    const answers = [];
    for (let i = 0; i < 1_000; i++) answers.push(await store.get("a"));
    expect(performance.now() - beganMs).toBeLessThan(5_000); // a thousand waits would be 100 seconds
    expect(new Set(answers)).toEqual(new Set([null]));
    expect(await store.put("b", one, minuteMs)).toBe(false);
    expect(await store.add([{ name: "c", by: 1, windowMs: minuteMs }])).toBeNull();
    await store.delete("a");
    const away = "the shared store is away: this instance goes on by itself";
    expect(events().slice(before)).toEqual([away]);
    process.kill(server.pid, "SIGCONT");
    await expect.poll(() => store.get("a"), { timeout: 15_000 }).not.toBeNull();
    expect(events().slice(before, before + 2)).toEqual([away, "the shared store is back"]);
  });

  test("one that is not there at the start is used once it is", async () => {
    const place = await ownRedis();
    await place.stop();
    const { store, events } = await openStore(new Secret(place.url));
    expect(await store.get("a")).toBeNull();
    expect(events()).toEqual(["the shared store is away: this instance goes on by itself"]);
    const again = await startRedis([], place.dir);
    onTestFinished(() => again.stop());
    await expect.poll(() => store.put("a", one, minuteMs), { timeout: 15_000 }).toBe(true);
  });

  test("a full memory is no reason for another connection", async () => {
    const server = await ownRedis(["--maxmemory", "1", "--maxmemory-policy", "noeviction"]);
    const { store, events } = await openStore(new Secret(server.url), { answerLimitMs: patientMs });
    for (let i = 0; i < 10; i++) expect(await store.put("a", one, minuteMs)).toBe(false);
    expect(await store.get("a")).toBeNull();
    expect(events()).toHaveLength(1);
  });
});

test("the rights that the operators' guide names are enough, and let ask for the settings", async () => {
  const guide = readFileSync("docs/operating.md", "utf8");
  const rights = /^ACL SETUSER (studio .*)$/m.exec(guide)?.[1]?.split(" ") ?? [];
  const { url } = await ownRedis(["--user", ...rights]);
  const login = new Secret(url.replace("unix://", "unix://studio:PASSWORD@"));
  const { store, events } = await openStore(login, { answerLimitMs: patientMs });
  // Connected when the machine gets to it; a store that is away for a moment says nothing of rights.
  await expect.poll(() => store.put("a", one, minuteMs), { timeout: 15_000 }).toBe(true);
  await store.delete("a", 1);
  expect(await store.get("a")).toMatchObject({ rank: 1 });
  await store.delete("a");
  expect(await store.get("a")).toBeNull();
  expect(await store.add([{ name: "c", by: 2, windowMs: minuteMs }])).toMatchObject([{ total: 2 }]);
  expect(events().filter((event) => event.includes("cannot be asked"))).toEqual([]);
});

test("rediss:// is TLS, with the server's name checked", async () => {
  const server = await ownRedis();
  const { caPem, certPem, keyPem } = await makeCertificates(["localhost"]);
  const front = createServer({ cert: certPem, key: keyPem }, (socket) => {
    const inner = connect(server.url.slice("unix://".length));
    socket.pipe(inner).pipe(socket);
    for (const each of [socket, inner]) each.on("error", () => inner.destroy());
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void front.close());
  const address = front.address();
  const port = typeof address === "object" ? address?.port : 0;
  const options = { ca: caPem, answerLimitMs: patientMs };
  const { store } = await openStore(new Secret(`rediss://localhost:${port}`), options);
  expect(await store.put("a", one, minuteMs)).toBe(true);
  const stranger = await openStore(new Secret(`rediss://localhost:${port}`));
  expect(await stranger.store.put("a", one, minuteMs)).toBe(false);
});
