// Integrations with 10,000 connections of 200 people: the server's answer beside that of an empty list
// in the same run, page and JSON, and how soon a real browser can use the page.
import { chromium } from "@playwright/test";
import { createDatabase } from "#lib/db/client.ts";
import { requireChromium } from "#scripts/chromium.mjs";
import { start } from "#scripts/postgres.mjs";
import { fillConnections } from "./many-connections.ts";
import { percentile, report, request, round, signIn, startBenchStudio } from "./studio.ts";

const connections = 10_000;
const people = 200;
const warmUps = 30;
const samples = 120;
/** The list's own answers beside an empty list's. */
const limitRatio = 5;
/** A search looks at every row, the map at every grant: they have a time of their own. */
const limitP95Ms = 300;
/** From asking for the page until its rows are there and its search takes letters. */
const limitUsableMs = 2_000;

const paths = {
  page: "/integrations",
  json: "/api/connections",
  search: "/api/connections?q=company+77",
  map: "/integrations/map",
};

const studio = await startBenchStudio({ env: { DEMO: "off" } });
const server = await start(studio.dataDir);
const db = createDatabase(server.url);
const browser = await chromium.launch({
  executablePath: requireChromium(),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
try {
  const cookie = await signIn(studio);
  const timesOf = async (path: string) => {
    const times: number[] = [];
    for (let sample = -warmUps; sample < samples; sample += 1) {
      const began = performance.now();
      const { status } = await request(`${studio.url}${path}`, { headers: { cookie } });
      if (status !== 200) throw new Error(`${path} answered ${status}`);
      if (sample >= 0) times.push(performance.now() - began);
    }
    return times;
  };
  const empty = new Map<string, number[]>();
  for (const [name, path] of Object.entries(paths)) empty.set(name, await timesOf(path));

  const [owner] = await db.membership.findMany({ where: { role: "owner" } });
  if (!owner) throw new Error("the studio has no owner");
  await fillConnections(db, { connections, people, teamId: owner.teamId, userId: owner.userId });

  for (const [name, path] of Object.entries(paths)) {
    const bare = empty.get(name) ?? [];
    const full = await timesOf(path);
    const ratio = percentile(full, 95) / percentile(bare, 95);
    const isList = name === "page" || name === "json";
    report({
      workload: `Integrations, ${connections} connections of ${people} people: ${name}`,
      p50Ms: round(percentile(full, 50)),
      p95Ms: round(percentile(full, 95)),
      emptyP95Ms: round(percentile(bare, 95)),
      ratioToEmpty: round(ratio),
      limit: isList ? `p95 under ${limitRatio} × an empty list's` : `p95 under ${limitP95Ms} ms`,
      isKept: isList ? ratio < limitRatio : percentile(full, 95) < limitP95Ms,
    });
  }

  const context = await browser.newContext({ extraHTTPHeaders: { cookie } });
  const page = await context.newPage();
  const usable: number[] = [];
  for (let visit = 0; visit < 5; visit += 1) {
    const began = performance.now();
    await page.goto(`${studio.url}/integrations`, { waitUntil: "commit" });
    await page.getByRole("table", { name: "Connections" }).waitFor();
    await page.getByRole("searchbox", { name: "Search connections" }).fill("company 77");
    await page.waitForURL(/q=company/);
    usable.push(performance.now() - began);
  }
  report({
    workload: "Integrations, 10,000 connections: from asking for the page to a search that took",
    p50Ms: round(percentile(usable, 50)),
    worstMs: round(Math.max(...usable)),
    limit: `under ${limitUsableMs} ms`,
    isKept: Math.max(...usable) < limitUsableMs,
  });
} finally {
  await browser.close();
  await db.$disconnect();
  await server.stop();
  await studio.stop();
  process.exit();
}
