import { setTimeout as wait } from "node:timers/promises";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PlanJson } from "#lib/plans/schema.ts";
import { seededRandom } from "#lib/simulator/kit/random.ts";
import { call } from "../http.ts";
import type { Instance } from "../instance.ts";
import { clientOf, type PlanClient } from "./clients.ts";
import { markIn, markOf, type Write } from "./history.ts";
import {
  breakPlans,
  makePlanAgent,
  openPlanRun,
  type PlanRun,
  settlePlans,
  summarize,
} from "./run.ts";

const storm = { seed: "short", minutes: 0.5 };
/** On a machine with other work a start takes a minute. */
const limitMs = 420_000;
const soonMs = 60_000;
/** From the moment a plan is let go until another instance sends its next step. */
const takenOverWithinMs = 10_000;
const stoppedWithinMs = 30_000;
const answeredWithinMs = 5_000;
let run: PlanRun;

beforeAll(async () => {
  run = await openPlanRun(storm.seed, {
    accountsEach: 2,
    tokenSeconds: 20,
    hasSharedStore: false,
  });
}, limitMs);
afterAll(() => run?.world.close());

/** Until a condition holds; asked every few milliseconds because other processes bring it about. */
async function until(what: string, holds: () => Promise<boolean> | boolean, within = soonMs) {
  for (const began = Date.now(); !(await holds()); await wait(20)) {
    if (Date.now() - began > within) throw new Error(`in ${within} ms not: ${what}`);
  }
}

const writesOf = (plan: number): Write[] =>
  run.world.providers.writes.all.filter(({ mark }) => mark.startsWith(`mark-${plan}-`));

/** A plan of an agent's that its owner lets an instance apply; its first write is held at the provider. */
async function heldPlan(plan: number, client: PlanClient, at: Instance, steps: number) {
  const { world, stock } = run;
  const random = seededRandom(`held ${plan}`);
  const seat = world.seats.find(({ account }) => account.provider === "salesforce");
  if (!seat) throw new Error("nobody sits on an org");
  const told = await client.propose(at, {
    title: `Plan ${plan}`,
    operations: Array.from({ length: steps }, (_, n) =>
      stock.operation(seat, markOf(plan, n + 1), random),
    ),
  });
  const path = `/api/plans/${told?.planId}`;
  const shown = await world.person.ask(at.port, { path });
  const { id, hash, asks } = JSON.parse(shown.body) as PlanJson;
  const typedNames = Object.fromEntries(asks.typedNames.map((of) => [of.connectionId, of.name]));
  const hold = world.providers.writes.trouble({ kind: "hold", stage: "after-work" });
  const approved = await world.person.ask(at.port, {
    method: "POST",
    path: `${path}/approve`,
    json: { hash, typedNames, apply: true },
  });
  expect(approved.status).toBe(200);
  const write = await hold.reached;
  expect(write).toMatchObject({ mark: markOf(plan, 1), instance: at.name });
  return { planId: id, hold, write };
}

async function stateOf(planId: string): Promise<string | undefined> {
  const [row] = await run.world.database.query<{ state: string }>(
    "select state::text as state from plans where id = $1",
    [planId],
  );
  return row?.state;
}

/** From now on until it is itself again, nobody expects anything of it. */
function away({ name }: Instance): () => void {
  const trouble = { instance: name, fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY };
  run.breakage.troubles.push(trouble);
  return () => {
    trouble.toMs = Date.now() + 3_000;
  };
}

test(
  "[OPS-1] [PLN-4] told to stop, an instance is unready first, ends its step, and another goes on with its plans",
  async () => {
    const { world, ledger } = run;
    const [, struck] = world.instances;
    const rest = await makePlanAgent(world, { door: "rest", mode: "plan" });
    const mcp = await makePlanAgent(world, { door: "mcp", mode: "plan" });
    const byRest = clientOf(world, () => rest, ledger.refusals);
    const byMcp = clientOf(world, () => mcp, ledger.refusals);
    const quick = await heldPlan(1_001, byRest, struck, 4);
    const slow = await heldPlan(1_002, byMcp, struck, 2);
    const waits = Promise.all([
      byRest.wait(struck, quick.planId, 25),
      byMcp.wait(struck, slow.planId, 25),
    ]).then(() => Date.now());

    const isItself = away(struck);
    const toldAtMs = Date.now();
    const stopped = struck.stop().then((code) => ({ code, atMs: Date.now() }));
    const ready = async () =>
      (await call(struck.port, { path: "/api/health/ready", timeoutMs: 2_000 })).status;
    await until("it is unready, and answers still", async () => (await ready()) === 503);
    expect(quick.write.endedAtMs).toBeNull();
    // Nobody is kept waiting by a process that ends, and nobody begins anything with it.
    expect((await waits) - toldAtMs).toBeLessThan(answeredWithinMs);
    expect(await byRest.propose(struck, { title: "Too late", operations: [] })).toBeNull();
    expect([...ledger.refusals.keys()]).toContain("rest 503 studio.stopping");

    quick.hold.release();
    await until("its step is stored", async () => {
      const [row] = await world.database.query<{ settled: string }>(
        `select outcome->>'settledBy' as settled from plan_steps
         where plan_id = $1 and position = 1 and state = 'applied'`,
        [quick.planId],
      );
      return row?.settled === "answer";
    });
    const letGoAtMs = Date.now();
    await until("another goes on", () => writesOf(1_001).length > 1);
    expect(Date.now() - letGoAtMs).toBeLessThan(takenOverWithinMs);
    expect(writesOf(1_001)[1]?.instance).toBe(world.instances[0].name);

    // A provider that does not answer keeps nobody from ending.
    const { code, atMs } = await stopped;
    expect(code).toBe(0);
    expect(atMs - toldAtMs).toBeLessThan(stoppedWithinMs);
    slow.hold.release();
    for (const { planId } of [quick, slow]) {
      await until(`${planId} is applied`, async () => (await stateOf(planId)) === "applied");
    }
    const marks = [...writesOf(1_001), ...writesOf(1_002)].map(({ body }) => markIn(body));
    expect([...new Set(marks)]).toEqual(marks);
    expect(marks).toHaveLength(6);
    await struck.start();
    isItself();
  },
  limitMs,
);

test(
  "[MCP-7] a question that waits outlives the instance that asked it, and is answered on the other one",
  async () => {
    const { world } = run;
    const [asked, other] = world.instances;
    const { key } = await makePlanAgent(world, { door: "mcp", mode: "plan", isBare: true });
    const seat = world.seats.find(({ account }) => account.provider === "salesforce");
    const waiting = async (at: Instance) => {
      const { status, body } = await world.person.ask(at.port, { path: "/api/inbox" });
      if (status !== 200) throw new Error(`the inbox of ${at.name} answered ${status} ${body}`);
      return (JSON.parse(body) as { requests: number }).requests;
    };
    const client = new Client(
      { name: "restart", version: "1.0.0" },
      {
        capabilities: { elicitation: { url: {} } },
        versionNegotiation: { mode: { pin: "2026-07-28" } },
      },
    );
    let questions = 0;
    client.setRequestHandler("elicitation/create", async () => {
      questions += 1;
      const isItself = away(asked);
      await asked.kill();
      expect(await waiting(other)).toBe(1);
      const { body } = await world.person.ask(other.port, {
        path: "/api/connection-requests?state=waiting",
      });
      const { items } = JSON.parse(body) as { items: { id: string }[] };
      const answered = await world.person.ask(other.port, {
        method: "POST",
        path: `/api/connection-requests/${items[0]?.id}/answer`,
        json: { connectionId: seat?.connectionId },
      });
      expect(answered.status).toBe(200);
      await asked.start();
      isItself();
      expect([await waiting(asked), await waiting(other)]).toEqual([0, 0]);
      return { action: "accept" };
    });
    try {
      await client.connect(
        new StreamableHTTPClientTransport(new URL(`${world.studioUrl}/api/mcp`), {
          requestInit: { headers: { authorization: `Bearer ${key}` } },
        }),
      );
      const answer = await client.callTool(
        { name: "salesforce_query", arguments: { soql: "SELECT Id FROM Account LIMIT 1" } },
        { timeout: limitMs },
      );
      expect(answer.structuredContent).toMatchObject({
        status: "done",
        connectionId: seat?.connectionId,
      });
      expect(questions).toBe(1);
    } finally {
      await client.close();
    }
  },
  limitMs,
);

test(
  "[PLN-2] [PLN-4] [PLN-5] [PLN-7] [AUD-1] half a minute of everything at once breaks no plan",
  async () => {
    // A run in which nothing happened proves nothing.
    const least = { steps: 12, takenOver: 1 };
    await breakPlans(run, {
      ...storm,
      least,
      atOnce: 3,
      pauseMs: 300,
      mostSteps: 4,
      everyMs: 1_500,
      longestMs: 2_000,
      waitsForSettled: false,
    });
    const { history, violations } = await settlePlans(run, { waitsForSettled: false });
    expect(violations).toEqual([]);
    const summary = summarize(storm, history, violations);
    expect(Number(summary["steps begun"])).toBeGreaterThanOrEqual(least.steps);
    expect(Number(summary["plans taken over"])).toBeGreaterThanOrEqual(least.takenOver);
  },
  limitMs,
);
