// Script that a first visit to Integrations loads in a real browser with an empty cache: bodies as
// they travel, compressed. With the server's own time for the page.
import { chromium } from "@playwright/test";
import { requireChromium } from "#scripts/chromium.mjs";
import { percentile, report, request, round, signIn, startBenchStudio } from "./studio.ts";

const limitKilobytes = 200;
const samples = 40;
const settleMs = 2_000;

const studio = await startBenchStudio();
const browser = await chromium.launch({
  executablePath: requireChromium(),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const session = await signIn(studio);
  // More than the demo: the page is the list, not the first day's.
  const made = await request(`${studio.url}/api/connections`, {
    method: "POST",
    headers: { origin: studio.url, cookie: session, "content-type": "application/json" },
    body: JSON.stringify({
      provider: "salesforce",
      method: "custom-app",
      name: "Bench",
      environment: "sandbox",
      clientId: "3MVG9bench",
    }),
  });
  if (made.status !== 201) throw new Error(`making a connection answered ${made.status}`);
  const context = await browser.newContext({ extraHTTPHeaders: { cookie: session } });
  const page = await context.newPage();
  const network = await context.newCDPSession(page);
  const scripts = new Map<string, string>();
  const sizes = new Map<string, number>();
  network.on("Network.responseReceived", ({ requestId, type, response }) => {
    if (type === "Script") scripts.set(requestId, response.url);
  });
  network.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
    const url = scripts.get(requestId);
    if (url !== undefined) sizes.set(url, (sizes.get(url) ?? 0) + encodedDataLength);
  });
  await network.send("Network.enable");
  await page.goto(`${studio.url}/integrations`, { waitUntil: "networkidle" });
  await page.getByRole("table", { name: "Connections" }).waitFor();
  await page.waitForTimeout(settleMs);

  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const times: number[] = [];
  for (let i = 0; i < samples; i += 1) {
    const began = performance.now();
    await request(`${studio.url}/integrations`, { headers: { cookie: session } });
    times.push(performance.now() - began);
  }
  report({
    workload: "first load of Integrations",
    scripts: scripts.size,
    compressedKilobytes: round(bytes / 1000),
    serverP50Ms: round(percentile(times, 50)),
    serverP95Ms: round(percentile(times, 95)),
    limit: `script under ${limitKilobytes} kB compressed`,
    isKept: scripts.size > 0 && bytes < limitKilobytes * 1000,
  });
} finally {
  await browser.close();
  await studio.stop();
  process.exit();
}
