// A Redis server for the tests of the shared store: found, or Debian's installed; never the system's own.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const START_LIMIT_MS = 20_000;
const DATABASES = 4096;
/** Debian asks it before a package starts its service. */
const SERVICE_POLICY = "/usr/sbin/policy-rc.d";

const onPath = (program) =>
  (process.env.PATH ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, program))
    .find((file) => existsSync(file));

export const findRedis = () =>
  [process.env.REDIS_SERVER, onPath("redis-server"), onPath("valkey-server")].find(
    (file) => file && existsSync(file),
  );

/** Finds redis-server or valkey-server, or installs Debian's when we are root and there is none. */
export function requireRedis() {
  const found = findRedis();
  if (found) return found;
  if (process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("installing redis-server (apt-get install redis-server)");
    withoutServices(() => {
      const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
      const options = { env, stdio: ["ignore", "ignore", "inherit"] };
      spawnSync("apt-get", ["update", "-qq"], options);
      spawnSync(
        "apt-get",
        ["install", "-y", "-qq", "--no-install-recommends", "redis-server"],
        options,
      );
    });
  }
  const installed = findRedis();
  if (installed) return installed;
  throw new Error(
    "no redis-server or valkey-server: install one (Debian: apt-get install redis-server) or set REDIS_SERVER to its program",
  );
}

/** Lets packages be installed without starting what they serve; a policy that is there already stays. */
function withoutServices(work) {
  if (existsSync(SERVICE_POLICY)) return work();
  writeFileSync(SERVICE_POLICY, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    work();
  } finally {
    rmSync(SERVICE_POLICY, { force: true });
  }
}

const accepts = (socketFile) =>
  new Promise((resolve) => {
    const socket = net.connect(socketFile);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });

/**
 * Starts a server on a Unix socket in a temporary folder; nothing it holds is written to disk.
 *
 * @param args - more of its settings, such as `["--requirepass", "…"]`
 * @param dir - a folder to be made, in place of one of its own; `stop()` removes either
 * @returns `url` of database 0, `dir` its working folder, and `stop()`
 */
export async function startRedis(
  args = [],
  dir = mkdtempSync(path.join(os.tmpdir(), "studio-redis-")),
) {
  const program = requireRedis();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const socketFile = path.join(dir, "socket");
  const child = spawn(
    program,
    [
      ...["--port", "0", "--unixsocket", socketFile, "--unixsocketperm", "700"],
      ...["--save", "", "--appendonly", "no", "--dir", dir, "--databases", String(DATABASES)],
      ...args,
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (part) => (output += part));
  const ended = new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", () => resolve(output.slice(-2000)));
  });
  let failure;
  void ended.then((reason) => (failure = reason));
  for (const began = performance.now(); !(await accepts(socketFile)); ) {
    if (failure !== undefined || performance.now() - began > START_LIMIT_MS) {
      child.kill("SIGKILL");
      rmSync(dir, { recursive: true, force: true });
      throw new Error(`redis-server does not start:\n${failure ?? output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    /** @type {number} */
    pid: child.pid ?? 0,
    url: `unix://${socketFile}`,
    dir,
    async stop() {
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 2_000);
      await ended;
      clearTimeout(timer);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
