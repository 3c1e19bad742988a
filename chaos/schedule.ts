import { setTimeout as wait } from "node:timers/promises";
import { seededRandom } from "#lib/simulator/kit/random.ts";
import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import type { Presentation } from "./history.ts";
import type { Instance } from "./instance.ts";
import type { Trouble } from "./provider.ts";
import type { Seat, World } from "./world.ts";

/** What was broken in a run, by name. */
export type Damage = Map<string, number>;

export type Schedule = {
  readonly damage: Damage;
  /** Stops breaking things and puts everything back in order. */
  stop(): Promise<void>;
};

export type ScheduleOptions = {
  seed: string;
  /** Between two calamities, at most. */
  everyMs: number;
  /** The longest that a process is paused or the database is away. */
  longestMs: number;
};

/** The stages of a refresh at which a calamity strikes (security.md, RF-6). */
export const stages = [
  "intent committed",
  "provider worked",
  "answer received",
  "result committed",
] as const;
export type Stage = (typeof stages)[number];

/** What happens to whoever holds a refresh. */
export const calamities = [
  "process killed",
  "process paused",
  "connections ended",
  "database stopped",
] as const;
export type Calamity = (typeof calamities)[number];

const storeKilled = "shared store killed";

const reachLimitMs = 6_000;
const writtenLimitMs = 3_000;
/** From the provider's socket to the code that reads the answer, on a busy machine. */
export const arrivesWithinMs = 100;

/** Breaks things one after the other, as the seed says, while the providers have troubles of their own. */
export function startSchedule(world: World, options: ScheduleOptions): Schedule {
  const stopping = new AbortController();
  const { signal } = stopping;
  const damage: Damage = new Map();
  const count = (name: string) => damage.set(name, (damage.get(name) ?? 0) + 1);
  const rest = (ms: number) => wait(ms, undefined, { signal }).catch(() => {});

  async function calamity(random: SeededRandom): Promise<void> {
    while (!signal.aborted) {
      await rest(random.int(options.everyMs / 4, options.everyMs));
      if (signal.aborted) return;
      const lasting = { forMs: random.int(300, options.longestMs), random };
      if (world.store && random.int(0, 5) === 0) {
        count(storeKilled);
        await world.store.kill();
        await wait(lasting.forMs);
        await world.store.start();
        continue;
      }
      const what = random.pick(calamities);
      if (random.int(0, 9) < 4) {
        const struck = random.pick(world.instances);
        count(what);
        await strike(world, what, struck, lasting);
        continue;
      }
      const stage = random.pick(stages);
      const { account } = random.pick(await liveSeats(world));
      const isStruck = await strikeAtStage(world, {
        stage,
        what,
        account: account.name,
        ...lasting,
      });
      if (isStruck) count(`${what} at: ${stage}`);
    }
  }

  async function troubles(random: SeededRandom): Promise<void> {
    while (!signal.aborted) {
      await rest(random.int(200, options.everyMs));
      const { account } = random.pick(world.seats);
      if (account.provider === "salesforce" && random.int(0, 4) === 0) {
        world.providers.endSessions(account.name);
        count("sessions ended at the provider");
        continue;
      }
      const trouble = anyTrouble(random);
      const set = world.providers.trouble(account.name, trouble);
      count(`provider: ${nameOf(trouble)}`);
      const heldMs = random.int(100, options.longestMs);
      const how = random.int(0, 1) === 0 ? "go" : "drop";
      if (trouble.kind === "hold")
        void set.reached.then(() => wait(heldMs)).then(() => set.release(how));
    }
  }

  const working = [
    calamity(seededRandom(`${options.seed}:calamities`)),
    troubles(seededRandom(`${options.seed}:troubles`)),
  ];
  return {
    damage,
    async stop() {
      stopping.abort();
      await Promise.all(working);
      world.providers.calm();
      await Promise.all(world.instances.map((instance) => instance.start()));
    },
  };
}

/** Seats whose grants are refreshed when somebody asks. */
async function liveSeats({ database, seats }: World): Promise<readonly Seat[]> {
  const rows = await database.query<{ id: string }>(
    "select id from grants where state = 'active' and (refresh_retry_at is null or refresh_retry_at < now())",
  );
  const live = seats.filter(({ grantId }) => rows.some(({ id }) => id === grantId));
  return live.length > 0 ? live : seats;
}

function anyTrouble(random: SeededRandom): Trouble {
  const choices: (() => Trouble)[] = [
    () => ({ kind: "slow", ms: random.int(200, 4_000) }),
    () => ({ kind: "hold", stage: random.pick(["before-work", "after-work"] as const) }),
    () => ({ kind: "cut", stage: random.pick(["before-work", "after-work", "mid-body"] as const) }),
    // One kind of five: after too many of these nobody asks that host for a while (RF-12).
    () => ({ kind: "answer", ...random.pick(unavailable) }),
    () => ({
      kind: "spoil",
      how: random.pick(["html", "gateway", "flood", "no-access-token", "broken-json"] as const),
    }),
  ];
  return random.pick(choices)();
}

const unavailable = [
  { status: 500, contentType: "application/json", body: "{}" },
  { status: 429, contentType: "text/html", body: "Too many requests" },
  { status: 503, contentType: "text/html", body: "<h1>Maintenance</h1>" },
  { status: 200, contentType: "text/html", body: "<h1>Sign in</h1>" },
] as const;

const nameOf = (trouble: Trouble): string => {
  if (trouble.kind === "hold" || trouble.kind === "cut") return `${trouble.kind} ${trouble.stage}`;
  if (trouble.kind === "answer") return `answers ${trouble.status}`;
  return trouble.kind === "spoil" ? `answer spoilt: ${trouble.how}` : trouble.kind;
};

type Lasting = { forMs: number; random?: SeededRandom };

/** One calamity, and the way back from it. */
export async function strike(
  { database }: World,
  what: Calamity,
  struck: Instance,
  { forMs, random }: Lasting,
): Promise<void> {
  switch (what) {
    case "process killed":
      await struck.kill();
      await wait(Math.min(forMs, 2_000));
      return struck.start();
    case "process paused":
      struck.pause();
      await wait(forMs);
      return struck.resume();
    case "connections ended":
      await database.endConnections();
      return;
    case "database stopped":
      await database.stop(random?.int(0, 1) === 0 ? "fast" : "immediate");
      await wait(forMs);
      return database.start();
  }
}

/**
 * Waits for a refresh of an account to come to a stage and strikes there.
 *
 * @returns false where no refresh came to it in time
 */
async function strikeAtStage(
  world: World,
  at: { stage: Stage; what: Calamity; account: string } & Lasting,
): Promise<boolean> {
  const { providers, database } = world;
  const seat = world.seats.find(({ account }) => account.name === at.account);
  if (!seat) throw new Error(`nobody sits on ${at.account}`);
  const stage = at.stage === "intent committed" ? "before-work" : "after-work";
  const held = providers.trouble(at.account, { kind: "hold", stage });
  const isReached = await Promise.race([
    held.reached.then(() => true),
    wait(reachLimitMs).then(() => false),
  ]);
  if (!isReached) {
    held.release();
    return false;
  }
  const presented = held.met();
  const struck = world.instances.find(({ name }) => name === presented?.instance);
  if (!struck || !presented) {
    held.release();
    return false;
  }
  switch (at.stage) {
    case "intent committed":
    case "provider worked": {
      const blow = strike(world, at.what, struck, at);
      // A request of the dead is not worked on later, and a living one goes on.
      const isKill = at.what === "process killed";
      setTimeout(() => held.release(isKill ? "drop" : "go"), isKill ? 20 : at.forMs / 2);
      await blow;
      return true;
    }
    case "answer received": {
      const release = await database.holdGrant(seat.grantId);
      held.release();
      // What left the provider has arrived, and cannot be written.
      await isAnswered(presented);
      await wait(arrivesWithinMs);
      const blow = strike(world, at.what, struck, at);
      setTimeout(() => void release(), at.forMs / 2);
      await blow;
      return true;
    }
    case "result committed": {
      const before = await versionOf(world, seat.grantId);
      held.release();
      for (const began = Date.now(); Date.now() - began < writtenLimitMs; await wait(1)) {
        if ((await versionOf(world, seat.grantId)) !== before) break;
      }
      await strike(world, at.what, struck, at);
      return true;
    }
  }
}

/** Resolves when a presentation's answer is out. */
export async function isAnswered(presented: Presentation): Promise<void> {
  while (presented.endedAtMs === null) await wait(5);
}

const versionOf = async ({ database }: World, grantId: string): Promise<number> => {
  const [row] = await database.query<{ version: number }>(
    "select token_version as version from grants where id = $1",
    [grantId],
  );
  return row?.version ?? 0;
};
