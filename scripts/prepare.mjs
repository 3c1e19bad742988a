// What comes between the packages and a running studio: Prisma's client and Next's build.
import { spawn } from "node:child_process";
import path from "node:path";
import { hashOf, root, step } from "./step.mjs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];

const isTest = (file) => /\.test\.tsx?$|^lib\/(simulator|testing)\//.test(file);

/**
 * Runs a program of `node_modules/.bin` to its end.
 *
 * @returns its exit code and, with `capture`, what it printed
 */
export function runTool(command, args, { env = {}, capture = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(root, "node_modules/.bin", command), args, {
      cwd: root,
      env: { ...process.env, ...(capture ? { NO_COLOR: "1" } : {}), ...env },
      stdio: capture ? ["ignore", "pipe", "pipe"] : "inherit",
      shell: process.platform === "win32",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (part) => (output += part));
    const forward = (signal) => child.kill(signal);
    for (const signal of SIGNALS) process.on(signal, forward);
    const end = () => {
      for (const signal of SIGNALS) process.off(signal, forward);
    };
    child.once("error", (error) => {
      end();
      reject(error);
    });
    child.once("close", (code) => {
      end();
      resolve({ code: code ?? 1, output });
    });
  });
}

async function must(what, command, args, env) {
  const { code, output } = await runTool(command, args, { env, capture: true });
  if (code !== 0) throw new Error(`${what} failed:\n${output.trim()}`);
}

/** Writes `prisma/generated`. */
export const generate = () =>
  step({
    stamp: "prisma/generated/.inputs",
    inputs: hashOf(["prisma/schema.prisma", "prisma.config.ts", "package-lock.json"]),
    work: () => must("prisma generate", "prisma", ["generate"]),
  });

const BUILD_INPUTS = [
  "app/**/*",
  "components/**/*",
  "docs/**/*",
  "lib/**/*",
  "public/**/*",
  "prisma/schema.prisma",
  "*.{ts,mjs,json}",
];

/** Writes `.next`, the production build. */
export const build = () =>
  step({
    stamp: ".next/.inputs",
    inputs: hashOf(
      BUILD_INPUTS,
      (file) =>
        isTest(file) || /^(server|vitest\.|playwright\.|biome|\.oxlint|next-env)/.test(file),
    ),
    work: async () => {
      console.log("building the studio (about a minute the first time)");
      await must("next build", "next", ["build"], { NODE_ENV: "production" });
    },
  });
