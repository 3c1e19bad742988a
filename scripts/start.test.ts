import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeAll, expect, test } from "vitest";
import { start as startPostgres } from "#scripts/postgres.mjs";
import { build, generate } from "#scripts/prepare.mjs";
import { startRedis } from "#scripts/redis.mjs";
import { root } from "#scripts/step.mjs";

const BUILD_LIMIT_MS = 300_000;
const START_LIMIT_MS = 60_000;
const running: ChildProcess[] = [];
const folders: string[] = [];

// The production build; at once when its inputs are those of the last one.
beforeAll(async () => {
  await generate();
  await build();
}, BUILD_LIMIT_MS);

afterEach(async () => {
  await Promise.all(
    running.splice(0).map(async (child) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    }),
  );
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function dataFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "studio-start-"));
  folders.push(folder);
  return folder;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

type Settings = Record<string, string>;

/** `npm start` without npm; resolves when it serves or has ended. */
async function runStart(settings: Settings) {
  const child = spawn(process.execPath, [path.join(root, "scripts/run.mjs"), "start"], {
    cwd: root,
    env: { ...process.env, DATABASE_URL: "", DEMO: "off", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.push(child);
  const exited = once(child, "exit").then(([code]) => code as number | null);
  let output = "";
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (part) => {
        output += part;
        if (output.includes("is ready at")) resolve();
      });
    }
  });
  await Promise.race([ready, exited]);
  return {
    exited,
    output: () => output,
    stop: async () => {
      child.kill("SIGTERM");
      return exited;
    },
  };
}

const status = (port: number, url = "/api/health/ready", method = "GET", headers = {}) =>
  new Promise<number>((resolve, reject) => {
    const req = request({ port, path: url, method, headers, agent: false }, (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    });
    req.once("error", reject);
    req.end();
  });

/** What the server says to bytes that no client would send. */
async function rawAnswer(port: number, bytes: string): Promise<string> {
  const socket = net.connect(port, "localhost");
  socket.end(bytes);
  let answer = "";
  for await (const part of socket) answer += part;
  return answer.split("\r\n", 1)[0] ?? "";
}

test(
  "two studios share a data folder: the first one's end leaves the second serving",
  async () => {
    const folder = dataFolder();
    const [one, two] = [await freePort(), await freePort()];
    const first = await runStart({ PORT: String(one), STUDIO_DATA_DIR: folder });
    const second = await runStart({ PORT: String(two), STUDIO_DATA_DIR: folder });
    expect([await status(one), await status(two)]).toEqual([200, 200]);
    expect(await first.stop()).toBe(0);
    await expect(status(one)).rejects.toThrow();
    expect(await status(two)).toBe(200);
    expect(await second.stop()).toBe(0);
    expect(readdirSync(path.join(folder, "postgres/users"))).toEqual([]);
  },
  START_LIMIT_MS,
);

test(
  "the first start tells where to make the first account, and with which code",
  async () => {
    const port = await freePort();
    const studio = await runStart({ PORT: String(port), STUDIO_DATA_DIR: dataFolder() });
    expect(studio.output()).toContain(`http://localhost:${port}/setup`);
    expect(studio.output()).toMatch(/one-time code: ([0-9A-Z]{4}-){4}[0-9A-Z]{4}/);
  },
  START_LIMIT_MS,
);

test(
  "a port in use is told in a sentence, and nothing is left running",
  async () => {
    const folder = dataFolder();
    const other = net.createServer().listen(0);
    await once(other, "listening");
    const { port } = other.address() as net.AddressInfo;
    const studio = await runStart({ PORT: String(port), STUDIO_DATA_DIR: folder });
    expect(await studio.exited).toBe(1);
    expect(studio.output()).toContain(`Port ${port} is in use by another program`);
    expect(readdirSync(path.join(folder, "postgres/users"))).toEqual([]);
    other.close();
  },
  START_LIMIT_MS,
);

test(
  "a folder made by a newer version is refused with a sentence, before anything listens",
  async () => {
    const folder = dataFolder();
    const port = await freePort();
    const first = await runStart({ PORT: String(port), STUDIO_DATA_DIR: folder });
    await first.stop();
    const server = await startPostgres(folder);
    const client = new pg.Client(server.config);
    await client.connect();
    await client.query(
      "insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('x', 'x', '99990101000000_later', now())",
    );
    await client.end();
    await server.stop();
    const again = await runStart({ PORT: String(port), STUDIO_DATA_DIR: folder });
    expect(await again.exited).toBe(1);
    expect(again.output()).toMatch(/a newer version of the studio made this database/);
    expect(again.output()).not.toContain("is ready at");
    await expect(status(port)).rejects.toThrow();
  },
  START_LIMIT_MS,
);

test(
  "[VA-4] an unusable setting stops the start before anything listens, without its value",
  async () => {
    const port = await freePort();
    const studio = await runStart({
      PORT: String(port),
      STUDIO_DATA_DIR: dataFolder(),
      VAULT_KEYS: "k1:canary",
    });
    expect(await studio.exited).toBe(1);
    expect(studio.output()).toContain("VAULT_KEYS");
    expect(studio.output()).not.toContain("canary");
    await expect(status(port)).rejects.toThrow();
  },
  START_LIMIT_MS,
);

test(
  "[VA-9] a shared store that keeps its data on disk stops the start; one that does not is used and left",
  async () => {
    const port = await freePort();
    const lasting = await startRedis(["--save", "60 1", "--requirepass", "canary"]);
    const volatile = await startRedis();
    try {
      const refused = await runStart({
        PORT: String(port),
        STUDIO_DATA_DIR: dataFolder(),
        REDIS_URL: lasting.url.replace("unix://", "unix://:canary@"),
      });
      expect(await refused.exited).toBe(1);
      expect(refused.output()).toContain("REDIS_URL names a server that keeps its data on disk");
      expect(refused.output()).not.toContain("canary");
      await expect(status(port)).rejects.toThrow();
      const studio = await runStart({
        PORT: String(port),
        STUDIO_DATA_DIR: dataFolder(),
        REDIS_URL: volatile.url,
      });
      expect(studio.output()).toContain("is ready at");
      expect(await studio.stop()).toBe(0);
    } finally {
      await Promise.all([lasting.stop(), volatile.stop()]);
    }
  },
  2 * START_LIMIT_MS,
);

test(
  "[WEB-10] [BRK-12] whatever is not an ordinary request is refused at once",
  async () => {
    const port = await freePort();
    await runStart({ PORT: String(port), STUDIO_DATA_DIR: dataFolder() });
    expect(await status(port, "/", "TRACE")).toBe(405);
    expect(await status(port, "/%ff")).toBe(400);
    expect(await status(port, "/", "POST", { "content-length": "99999999" })).toBe(413);
    expect(await status(port, "/", "POST", { "transfer-encoding": "chunked" })).toBe(411);
    expect(await status(port, `/${"a".repeat(9_000)}`)).toBe(414);
    expect(await status(port, "/", "GET", { "x-long": "a".repeat(20_000) })).toBe(431);
    expect(await status(port, "/_next/image?url=%2Fx.png&w=64&q=75")).toBe(404);
    const raw = [
      "GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "nonsense\r\n\r\n",
    ];
    for (const bytes of raw) expect(await rawAnswer(port, bytes)).toMatch(/^HTTP\/1.1 400 /);
    const connect = "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n";
    expect(await rawAnswer(port, connect)).toMatch(/^HTTP\/1.1 405 /);
    expect(await status(port)).toBe(200);
  },
  START_LIMIT_MS,
);
