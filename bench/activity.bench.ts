// A team's trail of 100,000 events: Activity's first page and its JSON over HTTP against the production
// build, beside a bare node:http server in the same run; then an export of all of it, with the server's
// memory watched, and one verification of the whole chain.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import pg from "pg";
import { keepAuditTrail } from "#lib/audit/append-events.ts";
import { createChainKey } from "#lib/audit/chain.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { systemClock } from "#lib/core/clock.ts";
import { systemRandom } from "#lib/core/ids.ts";
import { createDatabase, inTransaction } from "#lib/db/client.ts";
import { loadKeys } from "#lib/vault/keys.ts";
import { start as joinPostgres } from "#scripts/postgres.mjs";
import { percentile, report, request, round, signIn, startBenchStudio } from "./studio.ts";

const root = path.resolve(import.meta.dirname, "..");
const events = 100_000;
const eventsPerTransaction = 1_000;
const warmUps = 20;
const samples = 150;
const limitP95Ms = 200;
const heapLimitMb = 64;
const exportRuns = 6;
const sampleEveryMs = 20;
const MB = 1024 * 1024;

const bare = http.createServer((_request, response) => response.end("ok"));
await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
const bareUrl = `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`;

const studio = await startBenchStudio();
const cookie = await signIn(studio);
const postgres = await joinPostgres(studio.dataDir);
const owner = new pg.Client({ connectionString: postgres.url });
await owner.connect();
const { rows } = await owner.query("select user_id, team_id from memberships");
const { user_id: userId, team_id: teamId } = rows[0];
// Exporting asks for a second factor, which no program can give.
await owner.query(
  `insert into second_factors (id, user_id, kind, name, transports, created_at, confirmed_at)
   values (gen_random_uuid(), $1, 'passkey', 'bench', '{}', now(), now())`,
  [userId],
);
await owner.query("update sessions set second_factor_at = now()");

const db = createDatabase(postgres.appUrl);
const { derivedKeys } = loadKeys({ env: {}, dataDir: studio.dataDir });
keepAuditTrail(db, {
  clock: systemClock,
  chainKey: createChainKey(derivedKeys.auditChain),
});
const began = performance.now();
for (let written = 0; written < events; written += eventsPerTransaction) {
  await inTransaction(db, async (tx) => {
    for (let index = 0; index < eventsPerTransaction; index += 1) {
      await recordEvent(
        tx,
        { clock: systemClock, random: systemRandom },
        {
          action: index % 3 === 0 ? "grant.tested" : "secret.opened",
          principal: { userId, teamId, sessionId: null },
          target: { kind: "grant", id: systemRandom.uuid() },
          result: "success",
          detail: { purpose: "test_call", kind: "refresh_token", number: written + index },
          requestId: systemRandom.uuid(),
        },
      );
    }
  });
}
const writeSeconds = (performance.now() - began) / 1000;
await db.$disconnect();
await owner.query("vacuum analyze audit_events");

async function time(url: string, headers: Record<string, string>): Promise<number> {
  const from = performance.now();
  const answer = await request(url, { headers });
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}`);
  return performance.now() - from;
}

for (const [workload, path] of [
  ["activity, first page of 100,000 events, document", "/activity"],
  ["activity, first page of 100,000 events, JSON", "/api/audit"],
  [
    "activity, one kind, last 7 days, JSON",
    `/api/audit?action=grant.tested&from=${encodeURIComponent(new Date(Date.now() - 7 * 86_400_000).toISOString())}`,
  ],
  ["activity, search through all events, JSON", "/api/audit?q=no-such-words"],
] as const) {
  const count = path.includes("q=") ? 20 : samples;
  const took: number[] = [];
  const base: number[] = [];
  for (let index = 0; index < warmUps + count; index += 1) {
    const tookMs = await time(`${studio.url}${path}`, { cookie });
    const bareMs = await time(bareUrl, {});
    if (index < warmUps) continue;
    took.push(tookMs);
    base.push(bareMs);
  }
  const p95Ms = round(percentile(took, 95));
  const isSearch = path.includes("q=");
  report({
    workload,
    p50Ms: round(percentile(took, 50)),
    p95Ms,
    ...(isSearch ? {} : { limitP95Ms }),
    timesBare: Math.round(percentile(took, 50) / percentile(base, 50)),
    isKept: isSearch || p95Ms < limitP95Ms,
  });
}

const serverPid = studio
  .pids()
  .find((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").endsWith("server.ts\0"));
if (serverPid === undefined) throw new Error("the server's process was not found");
const residentMb = () => {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${serverPid}/status`, "utf8"))?.[1];
  return Number(kb) / 1024;
};

// Each format several times in a row: what an export keeps would stand on top of what the last one kept.
for (const format of ["ndjson", "csv"]) {
  const beforeMb = residentMb();
  const highestMb: number[] = [];
  let [bytes, lines, seconds] = [0, 0, 0];
  for (let run = 0; run < exportRuns; run += 1) {
    let maxMb = residentMb();
    const watch = setInterval(() => (maxMb = Math.max(maxMb, residentMb())), sampleEveryMs);
    const from = performance.now();
    ({ bytes, lines } = await readExport(format));
    seconds = (performance.now() - from) / 1000;
    clearInterval(watch);
    highestMb.push(Math.round(maxMb));
  }
  const bodyMb = Math.round(bytes / MB);
  const half = exportRuns / 2;
  const laterGrowthMb = Math.max(...highestMb.slice(half)) - Math.max(...highestMb.slice(0, half));
  report({
    workload: `export of 100,000 events as ${format}, ${exportRuns} times`,
    lines,
    bodyMb,
    lastSeconds: round(seconds),
    residentBeforeMb: Math.round(beforeMb),
    residentHighestMbByRun: highestMb,
    laterGrowthMb,
    limit: "the later half's highest above the first half's by less than one body",
    isKept: lines >= events && laterGrowthMb < bodyMb,
  });
}

// All of it again by the operator's verb, in a process whose heap may not hold the text.
const capped = spawnSync(
  process.execPath,
  [
    `--max-old-space-size=${heapLimitMb}`,
    ...["--import", path.join(root, "scripts/plain-node.mjs")],
    ...[path.join(root, "scripts/studio.ts"), "audit", "export"],
    ...["--team", teamId, "--format", "ndjson"],
  ],
  {
    cwd: root,
    env: { ...process.env, STUDIO_DATA_DIR: studio.dataDir, DATABASE_URL: "" },
    maxBuffer: 512 * MB,
  },
);
report({
  workload: "export of 100,000 events with a small heap",
  heapLimitMb,
  bodyMb: Math.round(capped.stdout.byteLength / MB),
  isKept: capped.status === 0 && capped.stdout.byteLength > heapLimitMb * MB,
});

const from = performance.now();
const checked = await request(`${studio.url}/api/audit/verify`, {
  method: "POST",
  headers: { cookie, origin: studio.url },
});
const found = JSON.parse(checked.body) as { isIntact: boolean; checked: number };
report({
  workload: "verification of the whole chain",
  checked: found.checked,
  seconds: round((performance.now() - from) / 1000),
  writeSecondsPer100k: round(writeSeconds),
  isKept: found.isIntact && found.checked >= events,
});

await owner.end();
await postgres.stop();
await studio.stop();
process.exit();

/** Reads an export line by line, as a program at its other end would; keeps nothing of it. */
function readExport(format: string): Promise<{ bytes: number; lines: number }> {
  return new Promise((resolve, reject) => {
    const sent = http.get(
      `${studio.url}/api/audit/export?format=${format}`,
      { headers: { cookie } },
      (incoming) => {
        if (incoming.statusCode !== 200) reject(new Error(`export: ${incoming.statusCode}`));
        let [bytes, lines] = [0, 0];
        incoming.on("data", (chunk: Buffer) => (bytes += chunk.byteLength));
        const reader = createInterface({ input: incoming });
        reader.on("line", () => {
          lines += 1;
        });
        reader.once("close", () => resolve({ bytes, lines }));
      },
    );
    sent.once("error", reject);
  });
}
