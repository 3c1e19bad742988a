// One load on one address: by wrk where it is installed, else by autocannon.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import autocannon from "autocannon";

/** Requests that are sent in turn by chance: the same but for their bodies. */
export type Sent = { headers: Readonly<Record<string, string>>; bodies: readonly string[] };

export type Load = {
  requests: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers beyond 2xx, and connections that broke. */
  errors: number;
};

export const loadTool = spawnSync("wrk", ["--version"]).error ? "autocannon" : "wrk";

/** POSTs to `url` over so many kept connections for so many seconds. */
export const load = (
  url: string,
  sent: Sent,
  connections: number,
  seconds: number,
): Promise<Load> =>
  loadTool === "wrk"
    ? loadByWrk(url, sent, connections, seconds)
    : loadByAutocannon(url, sent, connections, seconds);

async function loadByWrk(
  url: string,
  { headers, bodies }: Sent,
  connections: number,
  seconds: number,
): Promise<Load> {
  const dir = mkdtempSync(path.join(tmpdir(), "studio-load-"));
  const script = path.join(dir, "load.lua");
  const result = path.join(dir, "result.json");
  writeFileSync(path.join(dir, "bodies"), bodies.join("\n"));
  writeFileSync(
    script,
    `local bodies = {}
for line in io.lines(${JSON.stringify(path.join(dir, "bodies"))}) do bodies[#bodies + 1] = line end
math.randomseed(1)
wrk.method = "POST"
${Object.entries(headers)
  .map(([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`)
  .join("\n")}
request = function() return wrk.format(nil, nil, nil, bodies[math.random(#bodies)]) end
done = function(summary, latency)
  local e = summary.errors
  local file = io.open(${JSON.stringify(result)}, "w")
  file:write(string.format('{"requests":%d,"micros":%d,"p50":%d,"p99":%d,"errors":%d}', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99),
    e.connect + e.read + e.write + e.status + e.timeout))
  file:close()
end`,
  );
  const args = ["-t1", `-c${connections}`, `-d${seconds}`, "--timeout", "10", "-s", script, url];
  const child = spawn("wrk", args, { stdio: ["ignore", "ignore", "inherit"] });
  await new Promise((resolve) => child.once("exit", resolve));
  const found = JSON.parse(readFileSync(result, "utf8"));
  rmSync(dir, { recursive: true });
  return {
    requests: found.requests,
    perSecond: (found.requests * 1e6) / found.micros,
    p50Ms: found.p50 / 1000,
    p99Ms: found.p99 / 1000,
    errors: found.errors,
  };
}

async function loadByAutocannon(
  url: string,
  { headers, bodies }: Sent,
  connections: number,
  seconds: number,
): Promise<Load> {
  const found = await autocannon({
    url,
    connections,
    duration: seconds,
    timeout: 10,
    requests: bodies.map((body) => ({ method: "POST" as const, headers: { ...headers }, body })),
  });
  return {
    requests: found.requests.total,
    perSecond: found.requests.total / found.duration,
    p50Ms: found.latency.p50,
    p99Ms: found.latency.p99,
    errors: found.non2xx + found.errors,
  };
}

/** CPU time that a process has used, in microseconds; in steps of 10,000. */
export function cpuMicrosOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Resident memory of a process, in MB. */
export const residentMbOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

/** What a server of this folder says when it listens. */
export type Listening = { port: number; sent?: Sent };

/** A server of this folder in a process of its own. */
export async function startServer(
  file: string,
  args: readonly string[] = [],
): Promise<Listening & { url: string; pid: number; stop(): Promise<void> }> {
  const preload = new URL("../scripts/plain-node.mjs", import.meta.url).href;
  const child = spawn(
    process.execPath,
    ["--import", preload, path.join(import.meta.dirname, file), ...args],
    {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...process.env, NODE_ENV: "production" },
    },
  );
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const listening = await new Promise<Listening>((resolve, reject) => {
    child.once("message", (told) => resolve(told as Listening));
    child.once("exit", () => reject(new Error(`${file} did not start`)));
  });
  return {
    ...listening,
    url: `http://127.0.0.1:${listening.port}/`,
    pid: child.pid ?? 0,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
