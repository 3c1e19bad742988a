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
import { takeStock } from "./stock.ts";

export type PlanChaosOptions = Omit<PlanLoadOptions, "agents"> &
  Omit<ScheduleOptions, "seed"> & {
    minutes: number;
    accountsEach: number;
    /** How long access tokens live. */
    tokenSeconds: number;
    hasSharedStore: boolean;
    /** Goes on, on a machine with other work, until so much has happened. */
    least: { steps: number; takenOver: number };
    /** Waits until every step is settled whose instance is gone: minutes. */
    waitsForSettled: boolean;
  };

const endsWithinMs = 20_000;
const mostTimesLonger = 5;

type PlanWorldOptions = { accountsEach: number; tokenSeconds: number; hasSharedStore: boolean };

/** A studio of two instances, whose plans are kept as they are committed. */
export const startPlanWorld = (seed: string, options: PlanWorldOptions) =>
  startWorld({ ...options, seed, hasSharedSpool: true, prepare: keepPlans });

/** Breaks a studio that applies plans for so long, lets it heal, and holds what happened against the rules. */
export async function runPlanChaos(options: PlanChaosOptions): Promise<{
  summary: Readonly<Record<string, string | number>>;
  damage: ReadonlyMap<string, number>;
  fates: ReadonlyMap<string, number>;
  refusals: ReadonlyMap<string, number>;
  violations: Violation[];
}> {
  const world = await startPlanWorld(options.seed, options);
  try {
    const ledger = newPlanLedger();
    const breakage = newBreakage();
    const stock = await takeStock(world);
    const agents = [
      await makePlanAgent(world, { door: "rest", mode: "build" }),
      await makePlanAgent(world, { door: "mcp", mode: "build" }),
      await makePlanAgent(world, { door: "mcp", mode: "plan" }),
    ];
    const listeners = world.instances.map((instance) => listenTo(world, instance));
    const load = startPlanLoad(world, ledger, stock, { ...options, agents });
    const schedule = startPlanSchedule(world, breakage, options);
    const endsAtMs = Date.now() + options.minutes * 60_000;
    const latestMs = Date.now() + options.minutes * 60_000 * mostTimesLonger;
    while (Date.now() < endsAtMs || (Date.now() < latestMs && !(await isEnough(world, options)))) {
      await wait(1_000);
    }
    await Promise.all([schedule.stop(), load.stop()]);
    const { history, violations } = await settlePlans(
      world,
      { ledger, breakage, listeners },
      options,
    );
    return {
      summary: summarize(options, history, violations),
      damage: breakage.damage,
      fates: ledger.fates,
      refusals: ledger.refusals,
      violations,
    };
  } finally {
    await world.close();
  }
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

export async function makePlanAgent(
  world: World,
  { door, mode }: Pick<PlanAgent, "door" | "mode">,
): Promise<PlanAgent> {
  const [{ port }] = world.instances;
  const made = await world.person.ask(port, {
    method: "POST",
    path: "/api/agents",
    json: {
      name: `${mode} by ${door}`,
      mode,
      connections: world.seats.map(({ connectionId }) => ({ connectionId })),
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
  world: World,
  of: { ledger: PlanLedger; breakage: Breakage; listeners: readonly Listener[] },
  { waitsForSettled }: { waitsForSettled: boolean },
): Promise<{ history: PlanHistory; violations: Violation[] }> {
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
  for (const listener of of.listeners) await listener.stop();
  const violations: Violation[] = [];
  for (const instance of world.instances) {
    const code = await instance.stop();
    if (code !== 0)
      violations.push({ rule: "a stop is orderly", what: `${instance.name}: ${code}` });
  }
  const history = await collect(world, of, inbox, endedAtMs);
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
  world: World,
  {
    ledger,
    breakage,
    listeners,
  }: { ledger: PlanLedger; breakage: Breakage; listeners: readonly Listener[] },
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

function summarize(
  { seed, minutes }: PlanChaosOptions,
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
    "writes without an answer": history.writes.filter(({ answer }) => answer === "lost").length,
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
