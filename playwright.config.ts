import { defineConfig } from "@playwright/test";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { findChromium } from "#scripts/chromium.mjs";
import {
  demoUrl,
  issuerPort,
  issuerUrl,
  oidcClient,
  providersTlsPort,
  salesforceSecret,
  studioPort,
  studioUrl,
} from "./e2e/support/studio.ts";

/** No journey leaves this machine: the providers' names lead to the simulator, or nowhere. */
const providerHosts = [
  "MAP mcnowhere.auth.marketingcloudapis.com ~NOTFOUND",
  `MAP *.salesforce.com:443 127.0.0.1:${providersTlsPort}`,
  `MAP *.marketingcloudapis.com:443 127.0.0.1:${providersTlsPort}`,
].join(",");

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
    viewport: { width: 1440, height: 900 },
    locale: "en-US",
    timezoneId: "UTC",
    colorScheme: "light",
    trace: "retain-on-failure",
    actionTimeout: 15_000,
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
        `--host-resolver-rules=${providerHosts}`,
      ],
    },
  },
  // One studio for all: it is set up first, the README's picture is taken when all else is done, and
  // whatever ran, its log is read at the end.
  projects: [
    { name: "set-up", testMatch: "first-owner.setup.ts", teardown: "log" },
    { name: "log", testMatch: "log.teardown.ts" },
    {
      name: "journeys",
      testMatch: "*.spec.ts",
      testIgnore: "picture.spec.ts",
      dependencies: ["set-up"],
      use: { storageState: ".cache/e2e/owner.json" },
    },
    {
      name: "picture",
      testMatch: "picture.spec.ts",
      dependencies: ["journeys"],
      use: { storageState: ".cache/e2e/owner.json" },
    },
  ],
  webServer: [
    {
      command: "node e2e/support/identity-provider.mjs",
      url: `${issuerUrl}/.well-known/openid-configuration`,
      env: { PORT: String(issuerPort), STUDIO_URL: studioUrl, ...oidcClient },
      reuseExistingServer: false,
      gracefulShutdown: { signal: "SIGTERM", timeout: 5_000 },
    },
    {
      command: "node scripts/e2e-server.mjs",
      url: `${studioUrl}/api/health/ready`,
      env: {
        PORT: String(studioPort),
        STUDIO_URL: studioUrl,
        DEMO_URL: demoUrl,
        SIMULATOR_TLS_PORT: String(providersTlsPort),
        OIDC_ISSUER: issuerUrl,
        OIDC_NAME: "Example SSO",
        ...oidcClient,
        AUTH_SALESFORCE_ID: demoSalesforce.signInClientId,
        AUTH_SALESFORCE_SECRET: salesforceSecret,
        AUTH_SALESFORCE_ISSUER: `${demoUrl}/${demoSalesforce.loginHost}`,
      },
      reuseExistingServer: false,
      // A build on a busy machine is part of it.
      timeout: 360_000,
      gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
    },
  ],
});
