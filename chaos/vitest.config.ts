import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The short fault suite: real processes of the production build, one file after the other. */
export default defineConfig({
  root,
  resolve: { alias: { "server-only": `${root}lib/testing/empty.ts` } },
  test: {
    name: "faults",
    include: ["chaos/**/*.fault.ts"],
    setupFiles: ["lib/testing/setup.ts"],
    pool: "forks",
    fileParallelism: false,
    passWithNoTests: false,
    allowOnly: false,
    testTimeout: 180_000,
    hookTimeout: 120_000,
  },
});
