import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { spawnProgram } from "#scripts/start.mjs";
import { call } from "./http.ts";

/** One studio process of the production build, to be killed, paused and started again. */
export type Instance = {
  readonly name: string;
  readonly port: number;
  readonly dataDir: string;
  readonly kills: number[];
  readonly pauses: { fromMs: number; toMs: number }[];
  /** What the process is doing, as far as we did it. */
  readonly state: "up" | "down" | "paused";
  /** Starts the process and waits until it says that it is ready. */
  start(): Promise<void>;
  /** Ends it as nothing can be prepared for. */
  kill(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Asks it to stop. @returns its exit code */
  stop(): Promise<number | null>;
  log(): string;
};

/** On a machine with other work a start may take several tries, as whoever supervises it would make. */
const readyLimitMs = 300_000;

export function makeInstance(given: {
  name: string;
  port: number;
  folder: string;
  env: Readonly<Record<string, string>>;
}): Instance {
  const { name, port } = given;
  const dataDir = path.join(given.folder, name);
  const logFile = path.join(given.folder, `${name}.log`);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const kills: number[] = [];
  const pauses: { fromMs: number; toMs: number }[] = [];
  let child: ChildProcess | null = null as ChildProcess | null;
  let wasKilled = false;
  let pausedAtMs: number | null = null;
  const env = {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "",
    TMPDIR: process.env.TMPDIR ?? "/tmp",
    NODE_ENV: "production",
    NODE_NO_WARNINGS: "1",
    NEXT_TELEMETRY_DISABLED: "1",
    PORT: String(port),
    STUDIO_DATA_DIR: dataDir,
    ...given.env,
  };

  const spawn = () => {
    const output = openSync(logFile, "a");
    const started = spawnProgram("server.ts", env, output);
    closeSync(output);
    return started;
  };
  const signal = async (how: NodeJS.Signals) => {
    if (!child) return null;
    const leaving = child;
    const isRunning = leaving.exitCode === null && leaving.signalCode === null;
    const exit = isRunning ? once(leaving, "exit") : Promise.resolve([leaving.exitCode]);
    leaving.kill(how);
    const [code] = await exit;
    child = null;
    return code as number | null;
  };
  return {
    name,
    port,
    dataDir,
    kills,
    pauses,
    get state() {
      return child === null ? "down" : pausedAtMs === null ? "up" : "paused";
    },
    async start() {
      wasKilled = false;
      const began = Date.now();
      while (!wasKilled && Date.now() - began < readyLimitMs) {
        if (!child) child = spawn();
        const started = child;
        const { status } = await call(port, { path: "/api/health/ready", timeoutMs: 2_000 });
        if (status === 200) return;
        // As whoever runs it does: what does not start, for a database that is away, is started again.
        if (child === started && started.exitCode !== null) child = null;
        await wait(25);
      }
      if (!wasKilled) throw new Error(`${name} does not start:\n${this.log().slice(-3000)}`);
    },
    async kill() {
      wasKilled = true;
      this.resume();
      const ended = signal("SIGKILL");
      kills.push(Date.now());
      await ended;
    },
    pause() {
      if (!child || pausedAtMs !== null) return;
      pausedAtMs = Date.now();
      pauses.push({ fromMs: pausedAtMs, toMs: Number.POSITIVE_INFINITY });
      child.kill("SIGSTOP");
    },
    resume() {
      if (pausedAtMs === null) return;
      pausedAtMs = null;
      child?.kill("SIGCONT");
      const last = pauses.at(-1);
      if (last) last.toMs = Date.now();
    },
    async stop() {
      this.resume();
      return signal("SIGTERM");
    },
    log: () => readFileSync(logFile, "utf8"),
  };
}
