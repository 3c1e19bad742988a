// A read through the proxy beside the same read straight from the provider, a bare node:http server on the
// same Node, measured in turns; then many large bodies at once, with the memory of the server. Production
// build; key check, policy table, limits and both header lists are in every call.
import { fork } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import autocannon from "autocannon";
import { Client, Pool } from "undici";
import { createDatabase } from "#lib/db/client.ts";
import { demoMarketingCloud as demo } from "#lib/simulator/marketing-cloud/demo.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { fillGrants } from "./many-grants.ts";
import { percentile, report, round } from "./studio.ts";

const providerPort = 5_790;
const providerOrigin = `http://localhost:${providerPort}`;
const turns = 3;
const callsATurn = 1_500;
const secondsATurn = 4;
const connections = 32;
const bigBodies = 16;
const bigBytes = 20 * 1024 * 1024;
/** What all readers together take in a second: slower than the provider, so that everything waits. */
const bytesASecond = 60 * 1024 * 1024;
const read = "/platform/v1/tokenContext";
const big = "/data/v1/customobjectdata/key/big/rowset";
const limits = { addsP50Ms: 0.6, addsP99Ms: 6, ofBare: 0.18, growthMb: 100 };

async function startProvider(): Promise<{ pid: number; stop(): void }> {
  const child = fork(path.join(import.meta.dirname, "bare-provider.ts"), [], {
    env: {
      NODE_ENV: "production",
      PROVIDER_PORT: String(providerPort),
      PROVIDER_ORIGIN: providerOrigin,
      REST_HOST: demo.restHost,
      SOAP_HOST: demo.soapHost,
      SCOPES: "offline data_extensions_read",
    },
  });
  await new Promise((resolve) => child.once("message", resolve));
  return { pid: child.pid ?? 0, stop: () => child.kill() };
}

type Place = { origin: string; base: string; headers: Record<string, string> };

/** One call after the other over one connection. */
async function times({ origin, base, headers }: Place, calls: number): Promise<number[]> {
  const client = new Client(origin, { pipelining: 1 });
  const took: number[] = [];
  for (let at = 0; at < calls; at++) {
    const began = performance.now();
    const { statusCode, body } = await client.request({
      method: "GET",
      path: base + read,
      headers,
    });
    await body.dump();
    took.push(performance.now() - began);
    if (statusCode !== 200) throw new Error(`${origin} answered ${statusCode}`);
  }
  await client.close();
  return took;
}

async function perSecond({ origin, base, headers }: Place): Promise<number> {
  const url = origin + base + read;
  const run = await autocannon({ url, headers, connections, duration: secondsATurn });
  if (run.non2xx + run.errors > 0) throw new Error(`${run.non2xx + run.errors} calls failed`);
  return run.requests.average;
}

const residentMb = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
const cpuMs = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

/** Calls a second, and the processor time that the process spends on one. */
async function withCpu(place: Place, pid: number): Promise<{ rate: number; cpuUs: number }> {
  const before = cpuMs(pid);
  const rate = await perSecond(place);
  return { rate, cpuUs: ((cpuMs(pid) - before) * 1000) / (rate * secondsATurn) };
}

/** Reads large bodies at once, slower than they could come; gives the most memory the server held. */
async function readBig({ origin, base, headers }: Place, pid: number, bodies: number) {
  const pool = new Pool(origin, { connections: bodies, pipelining: 1 });
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, residentMb(pid));
  }, 20);
  const began = performance.now();
  let taken = 0;
  await Promise.all(
    Array.from({ length: bodies }, async () => {
      const { body } = await pool.request({ method: "GET", path: base + big, headers });
      let bytes = 0;
      for await (const piece of body) {
        bytes += (piece as Buffer).byteLength;
        taken += (piece as Buffer).byteLength;
        const aheadMs = (taken / bytesASecond) * 1000 - (performance.now() - began);
        if (aheadMs > 5) await new Promise((resolve) => setTimeout(resolve, aheadMs));
      }
      if (bytes !== bigBytes) throw new Error(`a body of ${bytes} bytes came through`);
    }),
  );
  clearInterval(watch);
  await pool.close();
  return { most, seconds: (performance.now() - began) / 1000 };
}

async function measure(fleet: Fleet, bare: Place, ours: Place): Promise<void> {
  const [pid = 0] = fleet.pids;
  for (const place of [bare, ours]) {
    await times(place, callsATurn);
    await perSecond(place);
  }
  const direct: number[] = [];
  const proxied: number[] = [];
  const rates: { bare: number; ours: number; bareCpuUs: number; cpuUs: number }[] = [];
  for (let turn = 0; turn < turns; turn++) {
    direct.push(...(await times(bare, callsATurn)));
    proxied.push(...(await times(ours, callsATurn)));
    const one = await withCpu(bare, provider.pid);
    const other = await withCpu(ours, pid);
    rates.push({ bare: one.rate, bareCpuUs: one.cpuUs, ours: other.rate, cpuUs: other.cpuUs });
  }
  const adds = (percent: number) => percentile(proxied, percent) - percentile(direct, percent);
  report({
    workload: "proxy, GET of 1 KB, one connection",
    calls: proxied.length,
    p50Ms: round(percentile(proxied, 50)),
    p99Ms: round(percentile(proxied, 99)),
    directP50Ms: round(percentile(direct, 50)),
    directP99Ms: round(percentile(direct, 99)),
    addsP50Ms: round(adds(50)),
    addsP99Ms: round(adds(99)),
    limit: `adds at most ${limits.addsP50Ms} ms p50, ${limits.addsP99Ms} ms p99`,
    isKept: adds(50) <= limits.addsP50Ms && adds(99) <= limits.addsP99Ms,
  });
  const mean = (of: (one: (typeof rates)[number]) => number) =>
    rates.reduce((sum, one) => sum + of(one), 0) / rates.length;
  const ratio = mean((one) => one.ours) / mean((one) => one.bare);
  report({
    workload: `proxy, GET of 1 KB, ${connections} connections`,
    perSecond: Math.round(mean((one) => one.ours)),
    barePerSecond: Math.round(mean((one) => one.bare)),
    ofBare: round(ratio),
    cpuUsACall: Math.round(mean((one) => one.cpuUs)),
    bareCpuUsACall: Math.round(mean((one) => one.bareCpuUs)),
    memoryMb: Math.round(residentMb(pid)),
    limit: `at least ${limits.ofBare} of bare node:http`,
    isKept: ratio >= limits.ofBare,
  });
  await readBig(ours, pid, 1);
  const before = residentMb(pid);
  const { most, seconds } = await readBig(ours, pid, bigBodies);
  report({
    workload: `proxy, ${bigBodies} bodies of 20 MB at once, read slowly`,
    seconds: round(seconds),
    beforeMb: Math.round(before),
    mostMb: Math.round(most),
    growsMb: Math.round(most - before),
    limit: `grows by at most ${limits.growthMb} MB`,
    isKept: most - before <= limits.growthMb,
  });
}

const provider = await startProvider();
// The demo that fills the database is the simulator; while it is measured, the bare provider plays it.
const fleet = await startFleet({ env: { DEMO_URL: providerOrigin, LIMITS_FACTOR: "100000" } });
try {
  const db = createDatabase(fleet.ownerUrl);
  const { agentKey, grants } = await fillGrants(fleet, db, 1);
  await db.$disconnect();
  const [grant] = grants;
  await measure(
    fleet,
    { origin: providerOrigin, base: `/${demo.restHost}`, headers: {} },
    {
      origin: fleet.urls[0] ?? "",
      base: `/api/broker/proxy/${grant?.connectionId}/rest`,
      headers: { authorization: `Bearer ${agentKey}` },
    },
  );
} finally {
  await fleet.stop();
  provider.stop();
  process.exit();
}
