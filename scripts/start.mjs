// Runs the studio with all it needs: PostgreSQL, migrations, the demo's simulator, the server.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { loadEnv } from "../lib/core/env.ts";
import { urlOfAppRole } from "./app-role.mjs";
import { deploy } from "./deploy.mjs";
import { deployQueue } from "./deploy-queue.mjs";
import { isSameAndAlive, processIdentity, start as startPostgres } from "./postgres.mjs";
import { root } from "./step.mjs";

const STOP_LIMIT_MS = 29_000;
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

/**
 * Serves until a signal or the server's own end.
 *
 * @param mode - `production` serves the build, `development` compiles on demand
 * @returns the exit code
 */
export async function startStudio(mode) {
  const env = loadEnv({ ...process.env, NODE_ENV: mode });
  mkdirSync(env.dataDir, { recursive: true, mode: 0o700 });
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stopping.abort());

  const postgres = env.databaseUrl === null ? await startPostgres(env.dataDir) : null;
  const children = [];
  try {
    const databaseUrl = await deployFor(env, postgres);
    const demo = env.demoUrl === null ? null : demoOf(env);
    const childEnv = {
      ...process.env,
      NODE_ENV: mode,
      NODE_NO_WARNINGS: "1",
      DATABASE_URL: databaseUrl,
      STUDIO_URL: env.studioUrl,
      STUDIO_DATA_DIR: env.dataDir,
      PORT: String(env.port),
      ...(demo === null ? { DEMO: "off" } : { DEMO_URL: demo.url }),
    };
    if (stopping.signal.aborted) return 0;
    if (demo !== null && !demo.isRunning)
      children.push(startDemo(env, demo, childEnv, stopping.signal));
    const server = launch("server.ts", childEnv);
    children.push(server);
    const code = await Promise.race([
      server.ended,
      new Promise((resolve) => {
        if (stopping.signal.aborted) resolve(0);
        stopping.signal.addEventListener("abort", () => resolve(0));
      }),
    ]);
    return code;
  } finally {
    stopping.abort();
    await Promise.all(children.map((child) => child.stop()));
    rmDemoNote(env);
    await postgres?.stop();
  }
}

/**
 * Brings the database up to date as its owner.
 * @returns the address at which the studio works, in a role that owns nothing
 */
async function deployFor(env, postgres) {
  const ownerUrl = postgres?.url ?? env.databaseUrl.reveal();
  // First the queue: the studio's role is granted what is there.
  await deployQueue({ connectionString: ownerUrl });
  await deploy({ connectionString: ownerUrl }, { appMayLogin: postgres !== null });
  return postgres?.appUrl ?? urlOfAppRole(ownerUrl);
}

/** Left alone, V8 lets garbage grow with the machine's memory: an export then holds a gigabyte. */
const HEAP_MB = 512;

/**
 * A program of ours as a process of its own, which ends with this one.
 *
 * @param {"inherit" | number} output - where what it prints goes: here, or to an open file
 * @returns {import("node:child_process").ChildProcess}
 */
export function spawnProgram(file, env, output = "inherit") {
  const preload = new URL("./plain-node.mjs", import.meta.url).href;
  const isHeapSet = env.NODE_OPTIONS?.includes("max-old-space-size");
  const heap = isHeapSet ? [] : [`--max-old-space-size=${HEAP_MB}`];
  return spawn(process.execPath, [...heap, "--import", preload, path.join(root, file)], {
    cwd: root,
    env,
    stdio: ["ignore", output, output, "ipc"],
  });
}

function launch(file, env) {
  const child = spawnProgram(file, env);
  const ended = new Promise((resolve) => {
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
  return {
    pid: child.pid,
    ended,
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

const noteFile = (env) => path.join(env.dataDir, "demo.json");

/** The demo of this data folder: one of another studio process that runs, or ours to start. */
function demoOf(env) {
  const url = new URL(env.demoUrl);
  const isOurs = LOOPBACK.test(url.hostname) && url.port !== "";
  const ours = {
    url: url.origin,
    port: isOurs ? url.port : String(env.port + 100),
    isRunning: false,
  };
  try {
    const note = JSON.parse(readFileSync(noteFile(env), "utf8"));
    if (isSameAndAlive(note.process)) return { url: note.url, port: note.port, isRunning: true };
  } catch {
    // No note, or one cut short: there is no demo to share.
  }
  return ours;
}

function startDemo(env, demo, childEnv, stopping) {
  const child = launch("lib/simulator/demo.ts", {
    ...childEnv,
    DATABASE_URL: "",
    DEMO_PORT: demo.port,
    DEMO_STATE_FILE: path.join(env.dataDir, "demo-state.json"),
  });
  const note = { process: processIdentity(child.pid), url: demo.url, port: demo.port };
  writeFileSync(noteFile(env), JSON.stringify(note));
  void child.ended.then((code) => {
    if (stopping.aborted) return;
    console.error(
      `The demo org and tenant stopped (exit code ${code}); the studio goes on without them. Is port ${demo.port} in use? DEMO_URL chooses another, DEMO=off none.`,
    );
  });
  return child;
}

function rmDemoNote(env) {
  const file = noteFile(env);
  if (!existsSync(file)) return;
  try {
    const note = JSON.parse(readFileSync(file, "utf8"));
    if (!isSameAndAlive(note.process)) rmSync(file, { force: true });
  } catch {
    rmSync(file, { force: true });
  }
}
