import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const root = import.meta.dirname;
const shared = {
  root,
  resolve: { alias: { "server-only": `${root}/lib/testing/empty.ts` } },
};
const rules = {
  setupFiles: ["lib/testing/setup.ts"],
  restoreMocks: true,
  unstubEnvs: true,
  unstubGlobals: true,
  // Ends what hangs. On a machine that does ten things at once, ten thousand runs take their time.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  expect: { poll: { timeout: 20_000 } },
};
const skipped = ["**/node_modules/**", ".next/**", ".cache/**", ".data/**", "e2e/**"];

export default defineConfig({
  ...shared,
  test: {
    pool: "forks",
    maxWorkers: 2,
    passWithNoTests: false,
    allowOnly: false,
    projects: [
      {
        ...shared,
        test: {
          ...rules,
          name: "unit",
          // Nothing here keeps anything between files: starting a process for each cost more than its tests.
          isolate: false,
          include: ["**/*.test.ts"],
          exclude: [...skipped, "**/*.db.test.ts"],
        },
      },
      {
        ...shared,
        test: {
          ...rules,
          name: "db",
          include: ["**/*.db.test.ts"],
          exclude: skipped,
          globalSetup: ["lib/testing/global-setup.ts"],
        },
      },
      {
        ...shared,
        plugins: [react()],
        test: {
          ...rules,
          name: "components",
          setupFiles: [...rules.setupFiles, "lib/testing/setup-components.ts"],
          environment: "jsdom",
          include: ["**/*.test.tsx"],
          exclude: skipped,
        },
      },
    ],
  },
});
