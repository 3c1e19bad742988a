import { setTimeout as wait } from "node:timers/promises";
import { createChainKey } from "#lib/audit/chain.ts";
import { verifyTrail } from "#lib/audit/verify-trail.ts";
import { createDatabase } from "#lib/db/client.ts";
import { loadKeys } from "#lib/vault/keys.ts";
import { makeKey } from "../agents.ts";
import type { Violation } from "../check-history.ts";
import type { ScheduleOptions } from "../schedule.ts";
import { startWorld, type World } from "../world.ts";
import { checkPlans, settlesWithinMs } from "./check.ts";
import type { PlanAgent } from "./clients.ts";
import { type Listener, listenTo } from "./ears.ts";
import type { PlanHistory } from "./history.ts";
import { keepPlans, keptPlans } from "./keep-versions.ts";
import { newPlanLedger, type PlanLedger, type PlanLoadOptions, startPlanLoad } from "./load.ts";
import { type Breakage, newBreakage, startPlanSchedule } from "./schedule.ts";
import { type Stock, takeStock } from "./stock.ts";

export type PlanChaosOptions = Omit<PlanLoadOptions, "agents"> &
  Omit<ScheduleOptions, "seed"> & {
    minutes: number;
    /** Goes on, on a machine with other work, until so much has happened. */
    least: { steps: number; takenOver: number };
    /** Waits until every step is settled whose instance is gone: minutes. */
    waitsForSettled: boolean;
  };

const endsWithinMs = 20_000;
const mostTimesLonger = 5;

type PlanWorldOptions = { accountsEach: number; tokenSeconds: number; hasSharedStore: boolean };

/** A studio of two instances with all that is known of its plans. */
export type PlanRun = {
  readonly world: World;
  readonly ledger: PlanLedger;
  readonly breakage: Breakage;
  readonly stock: Stock;
  /** A page that is open on each instance. */
  readonly listeners: readonly Listener[];
};

/** Whose plans are kept as they are committed. */
export async function openPlanRun(seed: string, options: PlanWorldOptions): Promise<PlanRun> {
  const world = await startWorld({
    ...options,
    seed,
    hasSharedSpool: true,
    prepare: keepPlans,
  });
  try {
    const stock = await takeStock(world);
    const listeners = world.instances.map((instance) => listenTo(world, instance));
    return { world, ledger: newPlanLedger(), breakage: newBreakage(), stock, listeners };
  } catch (error) {
    await world.close();
    throw error;
  }
}

/** Breaks a studio that applies plans for so long, lets it heal, and holds what happened against the rules. */
export async function runPlanChaos(options: PlanChaosOptions & PlanWorldOptions) {
  const run = await openPlanRun(options.seed, options);
  try {
    await breakPlans(run, options);
    const { history, violations } = await settlePlans(run, options);
    return {
      summary: summarize(options, history, violations),
      damage: run.breakage.damage,
      refusals: run.ledger.refusals,
      violations,
    };
  } finally {
    await run.world.close();
  }
}

/** Agents at work and everything breaking, for so long. */
export async function breakPlans(run: PlanRun, options: PlanChaosOptions): Promise<void> {
  const { world, ledger, breakage, stock } = run;
  const agents = [
    await makePlanAgent(world, { door: "rest", mode: "build" }),
    await makePlanAgent(world, { door: "mcp", mode: "build" }),
    await makePlanAgent(world, { door: "mcp", mode: "plan" }),
  ];
  const load = startPlanLoad(world, ledger, stock, { ...options, agents });
  const schedule = startPlanSchedule(world, breakage, options);
  const lastsMs = options.minutes * 60_000;
  const began = Date.now();
  while (
    Date.now() - began < lastsMs ||
    (Date.now() - began < lastsMs * mostTimesLonger && !(await isEnough(world, options)))
  ) {
    await wait(1_000);
  }
  await Promise.all([schedule.stop(), load.stop()]);
}

async function isEnough({ database }: World, { least }: PlanChaosOptions): Promise<boolean> {
  const [row] = await database
    .query<{ steps: number; taken: number }>(
      `select (select count(*) from chaos.steps where state = 'sending')::int as steps,
         (select count(distinct plan_id) from chaos.plans where fence > 1)::int as taken`,
    )
    .catch(() => []);
  return (row?.steps ?? 0) >= least.steps && (row?.taken ?? 0) >= least.takenOver;
}

/** An agent with a key that may use every connection of the run, or none. */
export async function makePlanAgent(
  world: World,
  { door, mode, isBare = false }: Pick<PlanAgent, "door" | "mode"> & { isBare?: boolean },
): Promise<PlanAgent> {
  const [{ port }] = world.instances;
  const made = await world.person.ask(port, {
    method: "POST",
    path: "/api/agents",
    json: {
      name: `${mode} by ${door}`,
      mode,
      connections: isBare ? [] : world.seats.map(({ connectionId }) => ({ connectionId })),
    },
  });
  if (made.status !== 201) throw new Error(`an agent: ${made.status} ${made.body}`);
  const { id } = JSON.parse(made.body) as { id: string };
  const key = await makeKey(world, id, port);
  if (!key) throw new Error("an agent got no key");
  return { ...key, door, mode };
}

/** Lets everything come to its end, stops the studio in good order, and judges what happened. */
export async function settlePlans(
  run: PlanRun,
  { waitsForSettled }: Pick<PlanChaosOptions, "waitsForSettled">,
): Promise<{ history: PlanHistory; violations: Violation[] }> {
  const { world, listeners } = run;
  world.providers.calm();
  const limitMs = waitsForSettled ? settlesWithinMs : endsWithinMs;
  for (const began = Date.now(); Date.now() - began < limitMs; await wait(250)) {
    const [row] = await world.database.query<{ left: number }>(
      `select count(*)::int as left from plans p where state = 'applying' and ($1 or not exists (
         select 1 from plan_steps s
         where s.plan_id = p.id and s.version = p.version and s.state = 'sending'))`,
      [waitsForSettled],
    );
    if (row?.left === 0) break;
  }
  const endedAtMs = Date.now();
  const inbox = await Promise.all(world.instances.map((instance) => inboxOf(world, instance)));
  for (const listener of listeners) await listener.stop();
  const violations: Violation[] = [];
  for (const instance of world.instances) {
    const code = await instance.stop();
    if (code !== 0)
      violations.push({ rule: "a stop is orderly", what: `${instance.name}: ${code}` });
  }
  const history = await collect(run, inbox, endedAtMs);
  return { history, violations: [...checkPlans(history), ...violations] };
}

async function inboxOf(world: World, { name, port }: World["instances"][number]) {
  const { body } = await world.person.ask(port, { path: "/api/inbox" });
  const [row] = await world.database.query<{ is: number }>(
    "select count(*)::int as is from plans where state = 'proposed' and expires_at > now()",
  );
  const { plans } = JSON.parse(body || "{}") as { plans?: number };
  return { instance: name, told: plans ?? -1, is: row?.is ?? 0 };
}

async function collect(
  { world, ledger, breakage, listeners }: PlanRun,
  inbox: PlanHistory["inbox"],
  endedAtMs: number,
): Promise<PlanHistory> {
  const { database, providers, instances } = world;
  const owners = await database.query<{
    planId: string;
    agentId: string | null;
    keyId: string | null;
    connectionIds: string[];
  }>(
    `select id as "planId", agent_id as "agentId", key_id as "keyId",
       connection_ids as "connectionIds" from plans`,
  );
  return {
    ...(await keptPlans(database)),
    writes: providers.writes.all,
    owners: new Map(owners.map(({ planId, ...of }) => [planId, of])),
    deeds: ledger.deeds,
    waits: ledger.waits,
    ears: listeners.flatMap(({ ears }) => ears),
    kills: instances.flatMap(({ name: instance, kills }) =>
      kills.map((atMs) => ({ instance, atMs })),
    ),
    troubles: breakage.troubles,
    brokenChains: await brokenChains(world),
    inbox,
    endedAtMs,
  };
}

async function brokenChains(world: World): Promise<string[]> {
  const { derivedKeys } = loadKeys({
    env: { VAULT_KEYS: world.keys.vault, SESSION_SECRET: world.keys.session },
    dataDir: world.folder,
  });
  const db = createDatabase(world.database.url, { poolSize: 2 });
  try {
    const chainKey = createChainKey(derivedKeys.auditChain);
    const settings = { dataDir: world.instances[0].dataDir };
    const report = await verifyTrail({ db, chainKey, settings });
    return report.chains.flatMap(({ chainId, firstBad }) => (firstBad ? [`chain ${chainId}`] : []));
  } finally {
    await db.$disconnect();
  }
}

/** What happened, in numbers. */
export function summarize(
  { seed, minutes }: Pick<PlanChaosOptions, "seed" | "minutes">,
  history: PlanHistory,
  violations: readonly Violation[],
): Readonly<Record<string, string | number>> {
  const ends = new Map<string, string>();
  for (const { planId, state, endReason } of history.plans) {
    ends.set(planId, endReason === null ? state : `${state}: ${endReason}`);
  }
  const counted = new Map<string, number>();
  for (const end of ends.values())
    counted.set(`plans ${end}`, (counted.get(`plans ${end}`) ?? 0) + 1);
  const of = (test: (step: PlanHistory["steps"][number]) => boolean) =>
    history.steps.filter(test).length;
  return {
    seed,
    minutes,
    plans: ends.size,
    ...Object.fromEntries([...counted].sort()),
    "writes at the providers": history.writes.length,
    "writes without an answer": history.writes.filter(({ answer }) => answer !== "whole").length,
    "steps begun": of(({ state }) => state === "sending"),
    "steps settled by an answer": of(({ settledBy }) => settledBy === "answer"),
    "steps settled by reading back": of(({ settledBy }) => settledBy === "read-back"),
    "steps settled by a person": of(({ settledBy }) => settledBy === "person"),
    "steps unknown": of(({ state }) => state === "unknown"),
    "plans taken over": new Set(
      history.plans.filter(({ fence }) => fence > 1).map(({ planId }) => planId),
    ).size,
    approvals: history.approvals.length,
    "clicks confirmed": history.deeds.length,
    kills: history.kills.length,
    "calls that waited": history.waits.length,
    "streams of changes": history.ears.length,
    events: history.events.length,
    violations: violations.length,
  };
}
