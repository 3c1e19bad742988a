// Background refresh: how many grants a second are refreshed when thousands are due at once, with a provider
// that answers at once and one that takes 150 ms. Production build, strict rotation; the provider is the
// simulator on the same two cores.

import { readFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { PgBoss } from "pg-boss";
import { createDatabase, type Database } from "#lib/db/client.ts";
import { demoMarketingCloud } from "#lib/simulator/marketing-cloud/demo.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { fillGrants } from "./many-grants.ts";
import { report, request, round } from "./studio.ts";

const grants = 10_000;
const queue = "refresh-due";
const limitPerSecond = 1_000;
const providerMs = 150;
const inFlight = 256;
const shareOfAllowed = 0.75;
const roundLimitMs = 60_000;
const ticksPerSecond = 100;

/** User and system time of a process so far, in seconds. */
const cpuSecondsOf = (pid: number) => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
};
const residentMbOf = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

/** Makes every grant due now, has the server told, and waits until each was refreshed or refused. */
async function refreshAll(fleet: Fleet, db: Database, boss: PgBoss) {
  const before = await db.grant.aggregate({ _max: { tokenVersion: true } });
  const version = before._max.tokenVersion ?? 1;
  await db.grant.updateMany({ data: { refreshDueAt: new Date(Date.now() - 1_000) } });
  const [pid] = fleet.pids;
  const cpuBefore = cpuSecondsOf(pid ?? 0);
  const began = new Date();
  await boss.send(queue, null);
  const done = { tokenVersion: { gt: version }, lastRefreshedAt: { gte: began } };
  const endsAt = Date.now() + roundLimitMs;
  while ((await db.grant.count({ where: done })) < grants && Date.now() < endsAt) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const { _count, _min, _max } = await db.grant.aggregate({
    where: done,
    _count: true,
    _min: { lastRefreshedAt: true },
    _max: { lastRefreshedAt: true, tokenVersion: true },
  });
  const seconds = (Number(_max.lastRefreshedAt) - Number(_min.lastRefreshedAt)) / 1000;
  return {
    refreshed: _count,
    // A token presented twice ends its family: the next round finds it refused, or a version too many.
    isOnceEach: _count === grants && _max.tokenVersion === version + 1,
    perSecond: _count / seconds,
    cpuMicroseconds: ((cpuSecondsOf(pid ?? 0) - cpuBefore) / _count) * 1e6,
    residentMb: residentMbOf(pid ?? 0),
  };
}

/** Requests a second of a bare server with as many in flight, from this process. */
async function bareRate(): Promise<number> {
  const bare = http.createServer((_request, response) => response.end("{}"));
  await new Promise<void>((resolve) => bare.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(bare.address() as AddressInfo).port}/`;
  let sent = 0;
  const began = performance.now();
  const one = async () => {
    for (; sent < grants; sent += 1) await request(url, { method: "POST", body: "{}" });
  };
  await Promise.all(Array.from({ length: 32 }, one));
  const perSecond = sent / ((performance.now() - began) / 1000);
  bare.closeAllConnections();
  bare.close();
  return perSecond;
}

const barePerSecond = await bareRate();
const fleet = await startFleet();
const db = createDatabase(fleet.ownerUrl);
const boss = new PgBoss({ connectionString: fleet.ownerUrl, max: 1, migrate: false });
await boss.start();
try {
  await fillGrants(fleet, db, grants);
  await refreshAll(fleet, db, boss); // the first use of everything
  const atOnce = await refreshAll(fleet, db, boss);
  report({
    workload: `background refresh of ${grants} due grants, provider answers at once`,
    perSecond: Math.round(atOnce.perSecond),
    ratioToBare: round(atOnce.perSecond / barePerSecond),
    cpuMicroseconds: Math.round(atOnce.cpuMicroseconds),
    residentMb: Math.round(atOnce.residentMb),
    limit: `${limitPerSecond} a second, none twice`,
    isKept: atOnce.perSecond >= limitPerSecond && atOnce.isOnceEach,
  });
  await fleet.control("POST", "faults", {
    fault: "wire.slow",
    value: { ms: providerMs },
    scope: { host: demoMarketingCloud.authHost, path: "/v2/token" },
  });
  const slow = await refreshAll(fleet, db, boss);
  const allowed = inFlight / (providerMs / 1000);
  report({
    workload: `the same, provider takes ${providerMs} ms`,
    perSecond: Math.round(slow.perSecond),
    ratioToAllowed: round(slow.perSecond / allowed),
    cpuMicroseconds: Math.round(slow.cpuMicroseconds),
    residentMb: Math.round(slow.residentMb),
    limit: `${shareOfAllowed} of what ${inFlight} in flight allow, none twice`,
    isKept: slow.perSecond >= shareOfAllowed * allowed && slow.isOnceEach,
  });
} finally {
  await boss.stop({ graceful: false });
  await db.$disconnect();
  await fleet.stop();
}
process.exit();
