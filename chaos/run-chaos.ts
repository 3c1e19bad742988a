import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { type AgentKey, type Ledger, lease, makeAgent, newLedger } from "./agents.ts";
import { checkHistory, type Violation } from "./check-history.ts";
import { collectHistory } from "./collect-history.ts";
import type { History } from "./history.ts";
import { startLoad } from "./load.ts";
import { type ScheduleOptions, startSchedule } from "./schedule.ts";
import { startWorld, type World, type WorldOptions } from "./world.ts";

export type ChaosOptions = WorldOptions &
  Omit<ScheduleOptions, "seed"> & {
    minutes: number;
    agents: number;
    /** Between two calls of an agent, at most. */
    pauseMs: number;
    personEveryMs: number | null;
  };

export type Summary = Readonly<Record<string, string | number>>;

const healLimitMs = 90_000;

/** Breaks a studio for so long, lets it heal, and holds what happened against the rules. */
export async function runChaos(options: ChaosOptions): Promise<{
  summary: Summary;
  damage: ReadonlyMap<string, number>;
  refusals: ReadonlyMap<string, number>;
  violations: Violation[];
}> {
  const world = await startWorld(options);
  try {
    const ledger = newLedger();
    const keys: AgentKey[] = [];
    for (let n = 0; n < options.agents; n += 1) keys.push(await makeAgent(world, `Agent ${n}`));
    const load = startLoad(world, ledger, { ...options, keys });
    const schedule = startSchedule(world, options);
    await wait(options.minutes * 60_000);
    await Promise.all([schedule.stop(), load.stop()]);
    const { history, violations } = await settle(world, ledger);
    return {
      summary: summarize(options, history, violations),
      refusals: ledger.refusals,
      damage: schedule.damage,
      violations,
    };
  } finally {
    await world.close();
  }
}

/** Lets everything heal, stops the studio in good order, and judges what happened. */
export async function settle(
  world: World,
  ledger: Ledger,
): Promise<{ history: History; violations: Violation[] }> {
  world.providers.calm();
  const key = await makeAgent(world, "The one who looks afterwards");
  const healed = await Promise.all(
    world.seats.map(async (seat) => {
      let answer = { status: 0, body: "" };
      for (const began = Date.now(); Date.now() - began < healLimitMs; await wait(250)) {
        const [instance] = world.instances;
        answer = await lease(world, ledger, { instance, key, seat });
        if (answer.status === 201 || answer.status === 409) break;
      }
      const detail = `${answer.status} ${answer.body.slice(0, 300)}`;
      return { grantId: seat.grantId, isServed: answer.status === 201, detail };
    }),
  );
  const violations: Violation[] = [];
  for (const instance of world.instances) {
    const code = await instance.stop();
    if (code !== 0)
      violations.push({ rule: "a stop is orderly", what: `${instance.name}: ${code}` });
  }
  for (const file of [...world.spools].flatMap((spool) => readdirSync(spool))) {
    violations.push({ rule: "what was spooled is stored", what: file });
  }
  const history = await collectHistory(world, ledger, healed);
  return { history, violations: [...checkHistory(history), ...violations] };
}

function summarize(options: ChaosOptions, history: History, violations: Violation[]): Summary {
  const served = (what: string) =>
    history.answers.filter((answer) => answer.what === what && answer.isServed).length;
  const asked = (what: string) => history.answers.filter((answer) => answer.what === what).length;
  const lost = history.versions.filter(({ state }) => state === "needs_reconnect");
  return {
    seed: options.seed,
    minutes: options.minutes,
    grants: new Set(history.versions.map(({ grantId }) => grantId)).size,
    "refreshes at the providers": history.presentations.length,
    "tokens rotated": history.presentations.filter(({ work }) => work.did === "rotate").length,
    "versions committed": history.versions.length,
    kills: history.kills.length,
    pauses: history.pauses.length,
    "leases asked": asked("lease"),
    "leases given": served("lease"),
    "calls asked": asked("proxied call"),
    "calls served": served("proxied call"),
    "keys revoked": history.ends.filter(({ what }) => what === "key").length,
    disconnects: history.ends.filter(({ what }) => what === "grant").length,
    "grants lost to an interruption": lost.length,
    events: history.events.length,
    violations: violations.length,
  };
}
