// Every list of agents' work after a year of it, each page of it and each JSON beside the same of an empty
// team; and what PostgreSQL does for them: no list may look at rows by the thousand to show fifty.
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { createDatabase } from "#lib/db/client.ts";
import { start } from "#scripts/postgres.mjs";
import { fillConnections } from "./many-connections.ts";
import { type FilledPlans, fillPlans } from "./many-plans.ts";
import { percentile, report, request, round, signIn, startBenchStudio } from "./studio.ts";

const size = { plans: 10_000, steps: 2_000, calls: 100_000, requests: 1_000, agents: 500 };
const connections = 500;
const people = 50;
const warmUps = 10;
const samples = 60;
const limitP95Ms = 200;
/** Rows of a table that a list may look at and throw away. */
const limitRows = 2_500;

type Paths = Readonly<Record<string, string>>;

/** What can be asked of an empty team too. */
const lists: Paths = {
  "plans, page": "/plans",
  "plans to decide": "/api/plans?view=to-decide",
  "plans, all": "/api/plans",
  "plans, open": "/api/plans?view=open",
  "plans, ended": "/api/plans?view=ended&limit=200",
  "plans, searched": "/api/plans?q=region+77",
  "inbox counts": "/api/inbox",
  "agents, page": "/agents",
  agents: "/api/agents",
  "agents, searched": "/api/agents?q=agent+77",
  "requests, page": "/agents/requests",
  requests: "/api/connection-requests",
  "requests that wait": "/api/connection-requests?state=waiting",
};

const within = ({ longPlanId, busyAgentId, middle }: FilledPlans): Paths => ({
  "plans, from the middle": `/api/plans?cursor=${middle.plan}`,
  "plans of one agent": `/api/plans?agent=${busyAgentId}`,
  "a plan of 2,000 steps, page": `/plans/${longPlanId}`,
  "its steps": `/api/plans/${longPlanId}/steps`,
  "its steps, from the middle": `/api/plans/${longPlanId}/steps?cursor=1000&limit=200`,
  "agents, from the middle": `/api/agents?cursor=${middle.agent}`,
  "an agent, page": `/agents/${busyAgentId}`,
  "calls of a busy agent": `/api/agents/${busyAgentId}/calls`,
  "the same, from the middle": `/api/agents/${busyAgentId}/calls?cursor=50000&limit=200`,
  "requests, from the middle": `/api/connection-requests?cursor=${middle.request}`,
});

const studio = await startBenchStudio({ env: { DEMO: "off" } });
const server = await start(studio.dataDir);
const db = createDatabase(server.url);
try {
  const cookie = await signIn(studio);
  const ask = async (where: string) => {
    const { status, body } = await request(`${studio.url}${where}`, { headers: { cookie } });
    if (status !== 200) throw new Error(`${where} answered ${status} ${body.slice(0, 300)}`);
  };
  const timesOf = async (where: string) => {
    const times: number[] = [];
    for (let sample = -warmUps; sample < samples; sample += 1) {
      const began = performance.now();
      await ask(where);
      if (sample >= 0) times.push(performance.now() - began);
    }
    return times;
  };
  const empty = new Map<string, number[]>();
  for (const [name, where] of Object.entries(lists)) empty.set(name, await timesOf(where));

  const [owner] = await db.membership.findMany({ where: { role: "owner" } });
  if (!owner) throw new Error("the studio has no owner");
  const { teamId, userId } = owner;
  const { userIds } = await fillConnections(db, { connections, people, teamId, userId });
  const filled = await fillPlans(db, { ...size, teamId, userIds });

  const all = { ...lists, ...within(filled) };
  for (const [name, where] of Object.entries(all)) {
    const full = await timesOf(where);
    const bare = empty.get(name);
    report({
      workload: `long lists: ${name}`,
      p50Ms: round(percentile(full, 50)),
      p95Ms: round(percentile(full, 95)),
      ...(bare ? { ratioToEmpty: round(percentile(full, 50) / percentile(bare, 50)) } : {}),
      limit: `p95 under ${limitP95Ms} ms`,
      isKept: percentile(full, 95) < limitP95Ms,
    });
  }

  const read = await rowsReadBy(all, ask);
  for (const [name, { rows, node }] of read) {
    report({
      workload: `long lists: ${name}: rows looked at in vain`,
      rows,
      node,
      limit: `at most ${limitRows}`,
      isKept: rows <= limitRows,
    });
  }
} finally {
  await db.$disconnect();
  await server.stop();
  await studio.stop();
}

type PlanNode = {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Rows Removed by Filter"?: number;
  "Actual Loops"?: number;
  Plans?: PlanNode[];
};

/** As PostgreSQL explains every statement of the studio, one list after the other. */
async function rowsReadBy(
  paths: Paths,
  ask: (where: string) => Promise<void>,
): Promise<Map<string, { rows: number; node: string }>> {
  const logFile = path.join(studio.dataDir, "postgres/server.log");
  const settings = {
    session_preload_libraries: "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
  };
  for (const [name, value] of Object.entries(settings)) {
    await db.$executeRawUnsafe(`alter role studio_app set ${name} = '${value}'`);
  }
  await db.$executeRawUnsafe(
    "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'studio_app'",
  );
  const found = new Map<string, { rows: number; node: string }>();
  for (const [name, where] of Object.entries(paths)) {
    for (let tries = 0; tries < 20; tries += 1) {
      try {
        await ask(where);
        break;
      } catch (error) {
        if (tries === 19) throw error;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
    const from = statSync(logFile).size;
    await ask(where);
    const text = readFileSync(logFile).subarray(from).toString("utf8");
    let worst = { rows: 0, node: "" };
    for (const [, json] of text.matchAll(/plan:\n(\t?\{[\s\S]*?\n\t?\})\n/g)) {
      const { Plan } = JSON.parse(json ?? "{}") as { Plan: PlanNode };
      for (const node of nodesOf(Plan)) {
        const rows = (node["Rows Removed by Filter"] ?? 0) * (node["Actual Loops"] ?? 1);
        const { "Relation Name": table, "Index Name": index } = node;
        if (rows > worst.rows && table) {
          worst = { rows, node: [node["Node Type"], table, index].filter(Boolean).join(" ") };
        }
      }
    }
    found.set(name, worst);
  }
  return found;
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
