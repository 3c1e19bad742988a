import { defineConfig } from "@playwright/test";
import { findChromium } from "#scripts/chromium.mjs";

const PORT = 3210;
const studioUrl = `http://localhost:${PORT}`;

export default defineConfig({
  testDir: "e2e",
  outputDir: ".cache/e2e-results",
  workers: 2,
  fullyParallel: false,
  forbidOnly: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["json", { outputFile: ".cache/test/playwright.json" }]],
  use: {
    baseURL: studioUrl,
    browserName: "chromium",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: findChromium() ?? "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: {
    command: "node scripts/e2e-server.mjs",
    url: `${studioUrl}/api/health/ready`,
    env: { PORT: String(PORT), STUDIO_URL: studioUrl, DEMO_URL: `http://localhost:${PORT + 100}` },
    reuseExistingServer: false,
    timeout: 180_000,
    gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
  },
});
