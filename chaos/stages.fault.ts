import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AgentKey, lease, makeAgent, newLedger } from "./agents.ts";
import { settle } from "./run-chaos.ts";
import {
  arrivesWithinMs,
  type Calamity,
  isAnswered,
  type Stage,
  stages,
  strike,
} from "./schedule.ts";
import { isRaw, type Seat, startWorld, type World } from "./world.ts";

const ledger = newLedger();
const refreshLimitMs = 30_000;
const backWithinMs = 30_000;
const outageMs = 3_000;
/** Five seconds, and as much again for a machine that has other things to do. */
const othersGoOnWithinMs = 10_000;
let world: World;
let key: AgentKey;

beforeAll(async () => {
  world = await startWorld({
    seed: "stages",
    accountsEach: stages.length,
    tokenSeconds: 8,
    hasSharedStore: false,
    hasSharedSpool: true,
  });
  key = await makeAgent(world, "Stages");
});
afterAll(() => world.close());

const seatAt = (provider: Seat["account"]["provider"], stage: Stage): Seat => {
  const seat = world.seats.filter(({ account }) => account.provider === provider)[
    stages.indexOf(stage)
  ];
  if (!seat) throw new Error(`no account of ${provider} for ${stage}`);
  return seat;
};

const allSeats = () =>
  stages.flatMap((stage) =>
    (["salesforce", "marketing-cloud"] as const).map((provider) => ({
      stage,
      seat: seatAt(provider, stage),
    })),
  );

const ask = (seat: Seat, instance = world.instances[0]) =>
  lease(world, ledger, { instance, key, seat, raw: isRaw(seat) });

/** Until a condition holds; asked every few milliseconds because other processes bring it about. */
async function until(what: string, holds: () => Promise<boolean> | boolean, limitMs: number) {
  for (const began = Date.now(); !(await holds()); await wait(20)) {
    if (Date.now() - began > limitMs) throw new Error(`in ${limitMs} ms not: ${what}`);
  }
}

/**
 * Brings one refresh of each provider to each stage, all at once, and strikes the first instance.
 *
 * @returns what each grant answers the other instance in the end, and how long after the blow
 */
async function strikeEverywhere(
  what: Calamity,
): Promise<{ answers: Record<string, string>; afterMs: Record<string, number> }> {
  const [struck] = world.instances;
  const held = allSeats().map(({ stage, seat }) => ({
    stage,
    seat,
    hold: world.providers.trouble(seat.account.name, {
      kind: "hold",
      stage: stage === "intent committed" ? "before-work" : "after-work",
    }),
  }));
  // Whoever asks is kept waiting until the provider answers, so nobody waits for them here.
  await Promise.all(
    held.map(({ stage, seat, hold }) =>
      until(
        `${seat.account.name}: ${stage}`,
        () => {
          if (!hold.met()) void ask(seat);
          return hold.met() !== undefined || wait(250).then(() => hold.met() !== undefined);
        },
        refreshLimitMs,
      ),
    ),
  );
  const at = (stage: Stage) => held.filter((one) => one.stage === stage);
  const rows = await Promise.all(
    at("answer received").map(async ({ seat, hold }) => {
      const release = await world.database.holdGrant(seat.grantId);
      hold.release();
      const presented = hold.met();
      if (presented) await isAnswered(presented);
      await wait(arrivesWithinMs);
      return release;
    }),
  );
  const before = new Map((await world.database.versions()).map((one) => [one.grantId, one]));
  for (const { hold } of at("result committed")) hold.release();
  await Promise.all(
    at("result committed").map(({ seat }) =>
      until(
        `${seat.account.name} is committed`,
        async () => {
          const latest = (await world.database.versions()).findLast(
            ({ grantId }) => grantId === seat.grantId,
          );
          return latest?.tokenVersion !== before.get(seat.grantId)?.tokenVersion;
        },
        refreshLimitMs,
      ),
    ),
  );
  const struckAtMs = Date.now();
  const blow = strike(world, what, struck, { forMs: outageMs });
  const isKilled = what === "process killed";
  await wait(isKilled ? 20 : outageMs / 2);
  // A dead process's request is not worked on afterwards.
  for (const { hold } of held) hold.release(isKilled ? "drop" : "go");
  for (const release of rows) await release();
  const [found] = await Promise.all([outcomes(), blow]);
  return {
    answers: Object.fromEntries(found.map(([name, answer]) => [name, answer])),
    afterMs: Object.fromEntries(found.map(([name, , atMs]) => [name, atMs - struckAtMs])),
  };
}

/** What each grant answers once it answers for good, served or lost, and when. */
async function outcomes(): Promise<(readonly [name: string, answer: string, atMs: number])[]> {
  const [, other] = world.instances;
  return Promise.all(
    allSeats().map(async ({ stage, seat }) => {
      let status = 0;
      for (const began = Date.now(); Date.now() - began < backWithinMs; await wait(100)) {
        ({ status } = await ask(seat, other));
        if (status === 201 || status === 409) break;
      }
      const words: Record<number, string> = { 201: "serves", 409: "lost" };
      const name = `${seat.account.provider}, ${stage}`;
      return [name, words[status] ?? `${status}`, Date.now()] as const;
    }),
  );
}

const everywhere = (byStage: Record<Stage, string>) =>
  Object.fromEntries(
    allSeats().map(({ stage, seat }) => [`${seat.account.provider}, ${stage}`, byStage[stage]]),
  );

describe("a refresh of each provider at every stage", () => {
  test("[RF-5] the database goes away: nothing that was answered is lost", async () => {
    const { answers } = await strikeEverywhere("database stopped");
    expect(answers).toEqual(everywhere(allServe));
  });

  test("[RF-1] the holder's connections to the database end: nothing is lost, nothing asked twice", async () => {
    const { answers } = await strikeEverywhere("connections ended");
    expect(answers).toEqual(everywhere(allServe));
  });

  test("[RF-6] the holder is paused: nobody presents its token meanwhile, and it goes on", async () => {
    const { answers } = await strikeEverywhere("process paused");
    expect(answers).toEqual(everywhere(allServe));
  });

  test("[RF-5] [RF-6] the holder is killed: others go on, and only what was never told is lost, after one try", async () => {
    const { answers, afterMs } = await strikeEverywhere("process killed");
    expect(answers).toEqual(everywhere({ ...allServe, "provider worked": "lost" }));
    expect(Math.max(...Object.values(afterMs))).toBeLessThan(othersGoOnWithinMs);
  });

  test("[RF-3] [RF-6] [AUD-1] and the whole history keeps the rules", async () => {
    const { violations } = await settle(world, ledger);
    expect(violations).toEqual([]);
  });
});

const allServe: Record<Stage, string> = {
  "intent committed": "serves",
  "provider worked": "serves",
  "answer received": "serves",
  "result committed": "serves",
};
