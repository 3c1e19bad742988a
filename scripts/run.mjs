// Every task of this project: `node scripts/run.mjs TASK`. Plain JavaScript for Node >= 20 without
// dependencies, because it runs before anything is installed.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const bin = path.join(root, "node_modules/.bin");
const tasks = ["start", "test", "dev", "check", "bench", "chaos", "migration", "studio"];
const [task, ...args] = process.argv.slice(2);
const isHandedOver = process.env.STUDIO_NODE === "1";
process.chdir(root);

function refuse(message) {
  console.error(message);
  process.exit(1);
}

if (!tasks.includes(task)) refuse(`usage: node scripts/run.mjs ${tasks.join(" | ")}`);
if (isHandedOver) {
  // With an IPC channel from the process that handed over: when that is gone, so are we.
  process.channel?.unref();
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  const { tasksByName } = await import("./tasks.mjs");
  process.exitCode = await tasksByName[task](args).catch((error) => {
    console.error(
      `npm ${task === "start" || task === "test" ? task : `run ${task}`}: ${error.message}`,
    );
    return 1;
  });
  process.exit();
}
await install();
await handOver();

/** True when `npm ci` would change nothing: what npm noted as installed is what the lock file wants. */
function isInstalled() {
  const installedFile = path.join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedFile)) return false;
  const packagesOf = (file) => JSON.parse(readFileSync(file, "utf8")).packages;
  const installed = packagesOf(installedFile);
  const wanted = packagesOf(path.join(root, "package-lock.json"));
  return (
    Object.keys(installed).every((name) => name in wanted) &&
    Object.entries(wanted).every(([name, { version, integrity, optional }]) => {
      if (name === "") return true;
      const found = installed[name];
      return found ? found.version === version && found.integrity === integrity : optional;
    })
  );
}

async function install() {
  if (!isInstalled()) {
    console.log("installing packages (about a minute)");
    const npm = process.platform === "win32" ? "npm.cmd" : "npm";
    const code = await run(npm, ["ci", "--loglevel=error"], {
      shell: process.platform === "win32",
    });
    if (code !== 0) refuse("npm ci failed: is the network reachable?");
  }
  for (const name of readdirSync(path.join(root, "node_modules"))) {
    // 67 MB of C headers that nothing here compiles against.
    if (/^node-\w+-\w+$/.test(name)) {
      rmSync(path.join(root, "node_modules", name, "include"), { recursive: true, force: true });
    }
  }
}

async function handOver() {
  const pinned = path.join(bin, process.platform === "win32" ? "node.exe" : "node");
  const [major, minor] = process.versions.node.split(".").map(Number);
  // From 22.18 on Node runs TypeScript without a flag.
  const isRecent = major >= 24 || (major === 22 && minor >= 18);
  if (!existsSync(pinned) && !isRecent) {
    refuse(
      `There is no Node package for ${process.platform}-${process.arch}, and this is Node ${process.versions.node}: install Node 24 (or 22.18 and newer) and run this again.`,
    );
  }
  const node = existsSync(pinned) ? pinned : process.execPath;
  process.exit(
    await run(node, [fileURLToPath(import.meta.url), task, ...args], {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: {
        ...process.env,
        STUDIO_NODE: "1",
        PATH: `${bin}${path.delimiter}${process.env.PATH}`,
        NEXT_TELEMETRY_DISABLED: "1",
        CHECKPOINT_DISABLE: "1",
      },
    }),
  );
}

/** Runs a program to its end, hands signals on, and ends it when our own parent is gone. */
function run(command, commandArgs, options) {
  return new Promise((resolve) => {
    const child = spawn(command, commandArgs, { stdio: "inherit", ...options });
    const forward = (signal) => child.kill(signal);
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, forward);
    // npm's shell passes no SIGTERM on to its child: only the new parent tells that it ended.
    const parent = process.ppid;
    const watch = setInterval(() => process.ppid === parent || child.kill("SIGTERM"), 500);
    const end = (code) => {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, forward);
      resolve(code ?? 1);
    };
    child.once("error", (error) => {
      console.error(error.message);
      end(1);
    });
    child.once("exit", end);
  });
}
