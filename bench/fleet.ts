// Studio servers of the production build on one PostgreSQL, with the simulator as provider: everything
// `npm start` does, without its wrappers, so that there can be two servers and a steered provider.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { deploy } from "#scripts/deploy.mjs";
import { deployQueue } from "#scripts/deploy-queue.mjs";
import { start as startPostgres } from "#scripts/postgres.mjs";
import { request } from "./studio.ts";

const root = path.resolve(import.meta.dirname, "..");
/** `BENCH_PORT` chooses others, for two runs on one machine. */
const firstPort = Number(process.env.BENCH_PORT ?? 3740);
const demoPort = firstPort + 90;
const readyLimitMs = 60_000;
const stopLimitMs = 15_000;
const heapMb = 512;

export type Fleet = {
  /** One origin a server. */
  urls: readonly string[];
  /** Process ids of the servers. */
  pids: readonly number[];
  databaseUrl: string;
  /** As the tables' owner. */
  ownerUrl: string;
  keys: { vault: Buffer; root: Buffer };
  demoUrl: string;
  /** Steers the simulator; answers its JSON. */
  control(method: string, route: string, body?: unknown): Promise<unknown>;
  stop(): Promise<void>;
};

/** Starts `servers` studio servers, each when the one before answers. */
export async function startFleet(
  options: { servers?: number; env?: Record<string, string> } = {},
): Promise<Fleet> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "studio-bench-"));
  const keys = { vault: randomBytes(32), root: randomBytes(32) };
  const postgres = await startPostgres(dataDir);
  await deployQueue({ connectionString: postgres.url });
  await deploy({ connectionString: postgres.url }, { appMayLogin: true });
  const urls = Array.from(
    { length: options.servers ?? 1 },
    (_, at) => `http://localhost:${firstPort + at}`,
  );
  const demoUrl = `http://localhost:${demoPort}`;
  const demo = launch("lib/simulator/demo.ts", {
    DEMO_PORT: String(demoPort),
    STUDIO_URL: urls[0] ?? "",
    SIMULATOR_CONTROL: "1",
  });
  const servers: ReturnType<typeof launch>[] = [];
  for (const [at, url] of urls.entries()) {
    servers.push(
      launch("server.ts", {
        DATABASE_URL: postgres.appUrl,
        STUDIO_DATA_DIR: path.join(dataDir, `server-${at}`),
        STUDIO_URL: url,
        PORT: new URL(url).port,
        DEMO_URL: demoUrl,
        VAULT_KEYS: `bench:${keys.vault.toString("base64")}`,
        SESSION_SECRET: keys.root.toString("base64"),
        STUDIO_OWNER_EMAIL: "owner@bench.example",
        STUDIO_OWNER_PASSWORD: "lantern harbour bench forty-two",
        LOG_LEVEL: "error",
        // One agent here asks for what a thousand would.
        LIMITS_FACTOR: "1000000",
        ...options.env,
      }),
    );
    await untilReady(url, servers);
  }
  return {
    urls,
    pids: servers.map(({ pid }) => pid),
    databaseUrl: postgres.appUrl,
    ownerUrl: postgres.url,
    keys,
    demoUrl,
    async control(method, route, body) {
      const answer = await request(`${demoUrl}/__control/${route}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.status >= 400) throw new Error(`control ${route}: ${answer.body}`);
      return JSON.parse(answer.body);
    },
    async stop() {
      await Promise.all([...servers, demo].map((one) => one.stop()));
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function launch(file: string, env: Record<string, string>) {
  const preload = new URL("../scripts/plain-node.mjs", import.meta.url).href;
  const child = spawn(
    process.execPath,
    [`--max-old-space-size=${heapMb}`, "--import", preload, path.join(root, file)],
    {
      cwd: root,
      env: {
        NODE_ENV: "production",
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        NODE_NO_WARNINGS: "1",
        ...env,
      },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    pid: child.pid ?? 0,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), stopLimitMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

async function untilReady(url: string, servers: readonly { hasEnded(): boolean }[]): Promise<void> {
  const began = performance.now();
  for (;;) {
    const isReady = await request(`${url}/api/health/ready`).then(
      ({ status }) => status === 200,
      () => false,
    );
    const hasEnded = servers.some((one) => one.hasEnded());
    if (isReady && !hasEnded) return;
    if (hasEnded || performance.now() - began > readyLimitMs) {
      throw new Error(`${url} did not start`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
