// The tasks of run.mjs, once packages and the pinned Node are there.
import { globSync } from "node:fs";
import path from "node:path";
import { build, generate, runTool } from "./prepare.mjs";
import { root } from "./step.mjs";

const node = async (file, args = [], env = {}) => {
  const preload = path.join(root, "scripts/plain-node.mjs");
  const { code } = await runTool("node", ["--import", preload, path.join(root, file), ...args], {
    env,
  });
  return code;
};

export const tasksByName = {
  async start() {
    await generate();
    await build();
    const { startStudio } = await import("./start.mjs");
    return startStudio("production");
  },
  async dev() {
    await generate();
    const { startStudio } = await import("./start.mjs");
    return startStudio("development");
  },
  async test() {
    const { runChecks } = await import("./test.mjs");
    return runChecks("all");
  },
  async check() {
    const { runChecks } = await import("./test.mjs");
    return runChecks("quick");
  },
  async bench(args) {
    await generate();
    await build();
    for (const file of globSync("bench/*.bench.ts", { cwd: root }).sort()) {
      // `npm run bench plan`: only those of that name.
      if (args.length > 0 && !args.some((name) => file.endsWith(`/${name}.bench.ts`))) continue;
      const code = await node(file);
      if (code !== 0) return code;
    }
    return 0;
  },
  async chaos(args) {
    await generate();
    await build();
    return node("chaos/main.ts", args);
  },
  async migration(args) {
    return node("scripts/migrations.mjs", args);
  },
  async studio(args) {
    await generate();
    return node("scripts/studio.ts", args);
  },
};
