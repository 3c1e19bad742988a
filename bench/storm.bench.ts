// Many agents ask for a lease at once whose token has ended: how many calls the provider gets, and how soon
// all have their answer. Production build, strict rotation, a provider that takes 200 ms.
import { createDatabase } from "#lib/db/client.ts";
import { demoMarketingCloud } from "#lib/simulator/marketing-cloud/demo.ts";
import { startRedis } from "#scripts/redis.mjs";
import { openCaller } from "./caller.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import { fillGrants, type ManyGrants } from "./many-grants.ts";
import { percentile, report, round } from "./studio.ts";

const callers = 1_000;
const providerMs = 200;
const stormLimitMs = 1_200;
const manyGrants = 100;
const leasesEach = 50;
/** A token endpoint is waited for so long. */
const timeLimitMs = 15_000;
const graceMs = 500;

type Call = { atMs: number; refreshToken: string; status: number | null };

async function tokenCalls(fleet: Fleet): Promise<Call[]> {
  const log = (await fleet.control("GET", "log")) as {
    path: string;
    atMs: number;
    status: number | null;
    body: string;
  }[];
  return log
    .filter(({ path }) => path === "/v2/token")
    .map(({ atMs, status, body }) => ({
      atMs,
      status,
      refreshToken: JSON.parse(Buffer.from(body, "base64").toString("utf8"))
        .refresh_token as string,
    }));
}

type Outcome = { tookMs: number; times: number[]; statuses: Record<string, number>; calls: Call[] };

/** Asks for all of these leases at once, spread over the servers. */
async function storm(
  fleet: Fleet,
  filled: ManyGrants,
  connectionIds: readonly string[],
): Promise<Outcome> {
  const open = fleet.urls.map((url) => openCaller(url, connectionIds.length / fleet.urls.length));
  await Promise.all(open.map((caller) => caller.warmUp()));
  await fleet.control("DELETE", "log");
  const began = performance.now();
  const answers = await Promise.all(
    connectionIds.map(async (connectionId, at) => {
      const status = await open[at % open.length]?.lease(filled.agentKey, connectionId);
      return { status: status ?? 0, ms: performance.now() - began };
    }),
  );
  const tookMs = performance.now() - began;
  await Promise.all(open.map((caller) => caller.close()));
  const statuses: Record<string, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  return { tookMs, times: answers.map(({ ms }) => ms), statuses, calls: await tokenCalls(fleet) };
}

const figures = ({ tookMs, times, statuses, calls }: Outcome) => ({
  tookMs: round(tookMs),
  p50Ms: round(percentile(times, 50)),
  p99Ms: round(percentile(times, 99)),
  statuses,
  providerCalls: calls.length,
});

const tokenPath = { host: demoMarketingCloud.authHost, path: "/v2/token" };
const slow = (fleet: Fleet) =>
  fleet.control("POST", "faults", {
    fault: "wire.slow",
    value: { ms: providerMs },
    scope: tokenPath,
  });

async function withFleet(
  options: Parameters<typeof startFleet>[0] & { grants: number },
  work: (fleet: Fleet, filled: ManyGrants) => Promise<void>,
): Promise<void> {
  const fleet = await startFleet(options);
  const db = createDatabase(fleet.ownerUrl);
  try {
    await work(fleet, await fillGrants(fleet, db, options.grants));
  } finally {
    await db.$disconnect();
    await fleet.stop();
  }
}

const of = (filled: ManyGrants, at: number, times: number) =>
  Array.from({ length: times }, () => filled.grants[at]?.connectionId ?? "");
const isAllGiven = (outcome: Outcome, count: number) => outcome.statuses["201"] === count;

await withFleet({ grants: manyGrants + 4 }, async (fleet, filled) => {
  await slow(fleet);
  await storm(fleet, filled, of(filled, 0, callers)); // the first use of everything
  const one = await storm(fleet, filled, of(filled, 1, callers));
  report({
    workload: `storm: ${callers} leases of one ended token, provider takes ${providerMs} ms`,
    ...figures(one),
    ratioToProvider: round(one.tookMs / providerMs),
    limit: `1 call, all answered, within ${stormLimitMs} ms`,
    isKept: one.calls.length === 1 && isAllGiven(one, callers) && one.tookMs <= stormLimitMs,
  });

  const many = filled.grants
    .slice(4)
    .flatMap(({ connectionId }) => Array.from({ length: leasesEach }, () => connectionId));
  const hundred = await storm(fleet, filled, many);
  report({
    workload: `storm × ${manyGrants}: ${manyGrants} ended tokens × ${leasesEach} leases`,
    ...figures(hundred),
    limit: `exactly ${manyGrants} calls, all answered`,
    isKept: hundred.calls.length === manyGrants && isAllGiven(hundred, many.length),
  });
});

const failures = [
  { name: "500", fault: "wire.answer", value: { status: 500, body: "{}" } },
  { name: "hangs", fault: "wire.held", value: { stage: "before-work" } },
  {
    name: "invalid_grant",
    fault: "wire.answer",
    value: {
      status: 400,
      body: JSON.stringify({ error: "invalid_grant", error_description: "expired" }),
      contentType: "application/json",
    },
  },
];
await withFleet({ grants: failures.length }, async (fleet, filled) => {
  for (const [at, { name, fault, value }] of failures.entries()) {
    const { id } = (await fleet.control("POST", "faults", { fault, value, scope: tokenPath })) as {
      id: string;
    };
    const failed = await storm(fleet, filled, of(filled, at, callers));
    await fleet.control("DELETE", `faults/${id}`);
    report({
      workload: `storm with a provider that fails: ${name}`,
      ...figures(failed),
      limit: `1 call, all answered within ${timeLimitMs + graceMs} ms`,
      isKept:
        failed.calls.length === 1 &&
        !failed.statuses["0"] &&
        !failed.statuses["201"] &&
        failed.tookMs <= timeLimitMs + graceMs,
    });
  }
});

const redis = await startRedis();
for (const [name, env] of [
  ["shared store", { REDIS_URL: redis.url }],
  ["no shared store", {}],
] as const) {
  await withFleet({ servers: 2, env, grants: 2 }, async (fleet, filled) => {
    await slow(fleet);
    await storm(fleet, filled, of(filled, 0, callers));
    const both = await storm(fleet, filled, of(filled, 1, callers));
    const [calls, isShared] = [both.calls, name === "shared store"];
    const gaps = calls.slice(1).map(({ atMs }, at) => atMs - (calls[at]?.atMs ?? 0));
    const isOnceEach = new Set(calls.map(({ refreshToken }) => refreshToken)).size === calls.length;
    report({
      workload: `storm on two instances, ${name}`,
      ...figures(both),
      limit: isShared ? "1 call" : "never two calls at once, no token twice",
      isKept:
        isAllGiven(both, callers) &&
        isOnceEach &&
        (isShared ? calls.length === 1 : gaps.every((ms) => ms >= providerMs)),
    });
  });
}
await redis.stop();
process.exit();
