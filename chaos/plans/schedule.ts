import { setTimeout as wait } from "node:timers/promises";
import { seededRandom } from "#lib/simulator/kit/random.ts";
import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import type { Instance } from "../instance.ts";
import { arrivesWithinMs, type Damage, type ScheduleOptions } from "../schedule.ts";
import type { World } from "../world.ts";
import type { WriteTrouble } from "./writes.ts";

/** The stages of a step at which a calamity strikes its instance. */
const planStages = [
  "before the intent",
  "intent written, nothing sent",
  "sent, not worked on",
  "worked on, not answered",
  "answered, not stored",
] as const;
export type PlanStage = (typeof planStages)[number];

/** What happens to an instance, or to everybody. */
const planCalamities = [
  "process killed",
  "process paused",
  "process paused and taken for dead",
  "connections ended",
  "cut off from the database",
  "database stopped",
] as const;
export type PlanCalamity = (typeof planCalamities)[number];

/** When an instance was not itself, and what was broken how often. */
export type Breakage = {
  readonly damage: Damage;
  readonly troubles: { instance: string; fromMs: number; toMs: number }[];
  /** Starts under way. */
  readonly starting: Set<Promise<void>>;
};
export const newBreakage = (): Breakage => ({
  damage: new Map(),
  troubles: [],
  starting: new Set(),
});

export type PlanSchedule = {
  /** Stops breaking things and puts everything back in order. */
  stop(): Promise<void>;
};

const reachLimitMs = 4_000;
/** Who was away is itself again after this: it has its lock, its changes and its pages back. */
const recoversWithinMs = 3_000;

/** Breaks things one after the other, as the seed says, while writes have troubles of their own. */
export function startPlanSchedule(
  world: World,
  breakage: Breakage,
  options: ScheduleOptions,
): PlanSchedule {
  const stopping = new AbortController();
  const { signal } = stopping;
  const rest = (ms: number) => wait(ms, undefined, { signal }).catch(() => {});
  const count = (name: string) => breakage.damage.set(name, (breakage.damage.get(name) ?? 0) + 1);

  async function calamity(random: SeededRandom): Promise<void> {
    const turns = { what: 0, stage: 0 };
    while (!signal.aborted) {
      await rest(random.int(options.everyMs / 4, options.everyMs));
      if (signal.aborted) return;
      const what = planCalamities[turns.what++ % planCalamities.length] ?? "process killed";
      const forMs = random.int(300, options.longestMs);
      if (random.int(0, 9) < 3) {
        count(what);
        const struck = named(world, breakage, random.pick(world.instances).name);
        if (struck) await strikePlan(world, breakage, what, struck, forMs);
        continue;
      }
      const stage = planStages[turns.stage++ % planStages.length] ?? "before the intent";
      if (await strikePlanAtStage(world, breakage, { stage, what, forMs, random })) {
        count(`${what}: ${stage}`);
      }
    }
  }

  async function troubles(random: SeededRandom): Promise<void> {
    while (!signal.aborted) {
      await rest(random.int(200, options.everyMs));
      if (random.int(0, 5) === 0) {
        world.providers.endSessions(random.pick(world.seats).account.name);
        count("sessions ended at the provider");
        continue;
      }
      const trouble = anyTrouble(random);
      const set = world.providers.writes.trouble(trouble);
      count(`provider: ${nameOf(trouble)}`);
      if (trouble.kind !== "hold") continue;
      const how = random.int(0, 2) === 0 ? "drop" : "go";
      const heldMs = random.int(100, options.longestMs);
      void set.reached.then(() => wait(heldMs)).then(() => set.release(how));
    }
  }

  const working = [
    calamity(seededRandom(`${options.seed}:plan calamities`)),
    troubles(seededRandom(`${options.seed}:plan troubles`)),
  ];
  return {
    async stop() {
      stopping.abort();
      await Promise.all(working);
      world.providers.calm();
      await Promise.all(breakage.starting);
    },
  };
}

function anyTrouble(random: SeededRandom): WriteTrouble {
  const choices: (() => WriteTrouble)[] = [
    () => ({ kind: "slow", ms: random.int(200, 3_000) }),
    () => ({ kind: "hold", stage: random.pick(["before-work", "after-work"] as const) }),
    () => ({ kind: "cut", stage: random.pick(["after-work", "mid-body"] as const) }),
    () => ({ kind: "answer", ...random.pick(refusals) }),
  ];
  return random.pick(choices)();
}

const refusals = [
  { status: 429, contentType: "text/html", body: "Too many requests" },
  { status: 400, contentType: "application/json", body: "[]" },
] as const;

const nameOf = (trouble: WriteTrouble): string => {
  if (trouble.kind === "hold" || trouble.kind === "cut") return `${trouble.kind} ${trouble.stage}`;
  return trouble.kind === "answer" ? `answers ${trouble.status}` : trouble.kind;
};

/** One calamity, and the way back from it; noted for as long as somebody feels it. */
async function strikePlan(
  world: World,
  breakage: Breakage,
  what: PlanCalamity,
  struck: Instance,
  forMs: number,
): Promise<void> {
  const { database, instances } = world;
  const isEverybodys = what === "database stopped" || what === "connections ended";
  const felt = (isEverybodys ? instances : [struck]).map(({ name }) => {
    const trouble = { instance: name, fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY };
    breakage.troubles.push(trouble);
    return trouble;
  });
  const itself = () => {
    for (const trouble of felt) trouble.toMs = Date.now() + recoversWithinMs;
  };
  switch (what) {
    case "process killed":
      await struck.kill();
      // The other goes on alone, and may be struck too, while this one starts.
      breakage.starting.add(
        wait(Math.min(forMs, 1_000))
          .then(() => struck.start())
          .then(itself),
      );
      return;
    case "process paused":
      struck.pause();
      await wait(forMs);
      struck.resume();
      break;
    case "process paused and taken for dead": {
      struck.pause();
      await endLocksOf(world, struck);
      await wait(Math.max(forMs, takenForDeadMs));
      struck.resume();
      break;
    }
    case "connections ended":
      await database.endConnections();
      break;
    case "cut off from the database": {
      const way = world.ways.get(struck.name)?.database;
      way?.cut(true);
      await wait(Math.max(forMs, takenForDeadMs));
      way?.cut(false);
      break;
    }
    case "database stopped":
      await database.stop(forMs % 2 === 0 ? "fast" : "immediate");
      await wait(forMs);
      await database.start();
  }
  itself();
}

/** An instance whose lock is away for so long is taken for dead by the other. */
const takenForDeadMs = 4_500;

/** As when the server gave its session up. */
async function endLocksOf({ database }: World, { name }: Instance): Promise<void> {
  await database.query(
    `select pg_terminate_backend(l.pid) from pg_locks l join chaos.instances i on i.number = l.objid
     where l.locktype = 'advisory' and l.objsubid = 2 and i.name = $1`,
    [name],
  );
}

/**
 * Waits for a step to come to a stage and strikes the instance that carries it out.
 *
 * @returns false where none came to it in time
 */
async function strikePlanAtStage(
  world: World,
  breakage: Breakage,
  at: { stage: PlanStage; what: PlanCalamity; forMs: number; random: SeededRandom },
): Promise<boolean> {
  switch (at.stage) {
    case "before the intent":
      return strikeBeforeIntent(world, breakage, at);
    case "intent written, nothing sent":
      return strikeOnTheWay(world, breakage, at);
    default:
      return strikeAtProvider(world, breakage, { ...at, stage: at.stage });
  }
}

type Blow = { what: PlanCalamity; forMs: number };

/** An instance that is up and ready. */
const named = (
  { instances }: World,
  { troubles }: Breakage,
  name: string | undefined,
): Instance | undefined =>
  instances.find(
    (one) =>
      one.name === name &&
      one.state === "up" &&
      !troubles.some(
        ({ instance, toMs }) => instance === name && toMs === Number.POSITIVE_INFINITY,
      ),
  );

/** A step that is to be sent next, held so that its intent cannot be written. */
async function strikeBeforeIntent(
  world: World,
  breakage: Breakage,
  { what, forMs }: Blow,
): Promise<boolean> {
  const client = await world.database.connect();
  try {
    await client.query("begin");
    for (const began = Date.now(); Date.now() - began < reachLimitMs; await wait(20)) {
      const { rows } = await client.query<{ name: string }>(
        `select i.name from plans p join chaos.instances i on i.number = p.holder,
           lateral (select 1 from plan_steps s where s.plan_id = p.id and s.version = p.version
                      and s.state = 'pending'
                    order by s.position limit 1 for update skip locked) step
         where p.state = 'applying' limit 1`,
      );
      const struck = named(world, breakage, rows[0]?.name);
      if (!struck) continue;
      // It comes to the lock, or it does not: then the step before it is what it is struck at.
      await wait(arrivesWithinMs);
      const blow = strikePlan(world, breakage, what, struck, forMs);
      await wait(what === "process killed" ? 20 : forMs / 2);
      await client.query("rollback").catch(() => {});
      await blow;
      return true;
    }
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

/** What leaves the instances arrives nowhere: the intent stands, and no provider knows of it. */
async function strikeOnTheWay(
  world: World,
  breakage: Breakage,
  { what, forMs }: Blow,
): Promise<boolean> {
  const stall = (isStalled: boolean) => {
    for (const { providers } of world.ways.values()) providers.stall(isStalled);
  };
  const sent = new Set(world.providers.writes.all.map(({ mark }) => mark));
  stall(true);
  try {
    for (const began = Date.now(); Date.now() - began < reachLimitMs; await wait(20)) {
      const rows = await world.database.query<{ name: string; mark: string }>(
        `select i.name, substring(s.content::jsonb->'request'->>'body' from 'mark-[0-9]+-[0-9]+-end')
           as mark
         from plans p join chaos.instances i on i.number = p.holder
         join plan_steps s on s.plan_id = p.id and s.version = p.version
         where p.state = 'applying' and s.state = 'sending'`,
      );
      const row = rows.find(({ mark }) => !sent.has(mark));
      const struck = named(world, breakage, row?.name);
      if (!struck) continue;
      const blow = strikePlan(world, breakage, what, struck, forMs);
      if (what === "process killed") await wait(50);
      stall(false);
      await blow;
      return true;
    }
    return false;
  } finally {
    stall(false);
  }
}

async function strikeAtProvider(
  world: World,
  breakage: Breakage,
  { stage, what, forMs, random }: Blow & { stage: PlanStage; random: SeededRandom },
): Promise<boolean> {
  const { writes } = world.providers;
  const held = writes.trouble({
    kind: "hold",
    stage: stage === "sent, not worked on" ? "before-work" : "after-work",
  });
  const write = await Promise.race([held.reached, wait(reachLimitMs).then(() => null)]);
  const struck = named(world, breakage, write?.instance);
  if (!write || !struck) {
    held.forget();
    return false;
  }
  if (stage === "answered, not stored") {
    const client = await world.database.connect();
    try {
      await client.query("begin");
      await client.query(
        `select 1 from plans where id in (
           select plan_id from plan_steps where state = 'sending' and content like '%' || $1 || '%')
         for update`,
        [write.mark],
      );
      held.release();
      for (const began = Date.now(); write.endedAtMs === null && Date.now() - began < 1_000; ) {
        await wait(5);
      }
      await wait(arrivesWithinMs);
      const blow = strikePlan(world, breakage, what, struck, forMs);
      await wait(what === "process killed" ? 20 : forMs / 2);
      await client.query("rollback").catch(() => {});
      await blow;
    } finally {
      await client.end().catch(() => {});
    }
    return true;
  }
  const blow = strikePlan(world, breakage, what, struck, forMs);
  const isDropped = what === "process killed" && random.int(0, 2) > 0;
  await wait(what === "process killed" ? 20 : forMs / 2);
  held.release(isDropped ? "drop" : "go");
  await blow;
  return true;
}
