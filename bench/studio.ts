import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";

const root = path.resolve(import.meta.dirname, "..");
export const owner = { email: "owner@bench.example", password: "lantern harbour bench forty-two" };
const port = 3710;
const readyLimitMs = 180_000;

export type Answer = { status: number; headers: http.IncomingHttpHeaders; body: string };

/** One request over a kept connection, as a browser on this machine would send it. */
export function request(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const { method = "GET", headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = http.request(url, { method, headers, agent }, (incoming) => {
      text(incoming).then(
        (got) =>
          resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: got }),
        reject,
      );
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
const agent = new http.Agent({ keepAlive: true });

export type BenchStudio = {
  url: string;
  demoUrl: string;
  dataDir: string;
  /** From the start command to the first answer of the readiness address. */
  readySeconds: number;
  /** Every process of the start command, itself included. */
  pids(): number[];
  stop(): Promise<void>;
};

/** `npm start` on a data folder of its own, production build, with an owner made from settings. */
export async function startBenchStudio(
  options: { dataDir?: string; env?: Record<string, string> } = {},
): Promise<BenchStudio> {
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), "studio-bench-"));
  const began = performance.now();
  const child = spawn(process.execPath, [path.join(root, "scripts/run.mjs"), "start"], {
    cwd: root,
    env: {
      ...process.env,
      PORT: String(port),
      STUDIO_DATA_DIR: dataDir,
      STUDIO_OWNER_EMAIL: owner.email,
      STUDIO_OWNER_PASSWORD: owner.password,
      LOG_LEVEL: "error",
      ...options.env,
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const url = `http://localhost:${port}`;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || performance.now() - began > readyLimitMs) {
      throw new Error("the studio did not start");
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url,
    demoUrl: `http://localhost:${port + 100}`,
    dataDir,
    readySeconds: (performance.now() - began) / 1000,
    pids: () => familyOf(child.pid ?? 0),
    async stop() {
      child.kill("SIGTERM");
      await ended;
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const isReady = (url: string) =>
  request(`${url}/api/health/ready`).then(
    ({ status }) => status === 200,
    () => false,
  );

/** Signs the owner in; gives the cookie header of the session. */
export async function signIn({ url }: Pick<BenchStudio, "url">): Promise<string> {
  const csrf = await request(`${url}/api/auth/csrf`);
  const { csrfToken } = JSON.parse(csrf.body) as { csrfToken: string };
  const signedIn = await request(`${url}/api/auth/callback/credentials`, {
    method: "POST",
    headers: {
      origin: url,
      cookie: cookiesOf(csrf),
      "content-type": "application/x-www-form-urlencoded",
    },
    body: new URLSearchParams({ ...owner, csrfToken, json: "true" }).toString(),
  });
  if (signedIn.status !== 200) throw new Error(`sign-in answered ${signedIn.status}`);
  return cookiesOf(signedIn);
}

export const cookiesOf = ({ headers }: Answer) =>
  (headers["set-cookie"] ?? []).map((cookie) => cookie.split(";")[0]).join("; ");

function familyOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  const own = children === "" ? [] : children.split(" ").map(Number);
  return [pid, ...own.flatMap(familyOf)];
}

/** The value below which so many percent of the samples lie. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;
}

export const round = (value: number) => Math.round(value * 100) / 100;

/** One JSON line a workload, with its limit and whether it was kept. */
export function report(line: Record<string, unknown> & { isKept: boolean }): void {
  console.log(JSON.stringify(line));
  if (!line.isKept) process.exitCode = 1;
}
