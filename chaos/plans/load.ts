import { setTimeout as wait } from "node:timers/promises";
import type { PlanJson } from "#lib/plans/schema.ts";
import { seededRandom } from "#lib/simulator/kit/random.ts";
import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import { makeKey } from "../agents.ts";
import type { Instance } from "../instance.ts";
import { owner } from "../person.ts";
import type { Seat, World } from "../world.ts";
import {
  clientOf,
  noteRefusal,
  type PlanAgent,
  type PlanClient,
  type Refusals,
  toldByRest,
} from "./clients.ts";
import { type Deed, markOf, type Wait } from "./history.ts";
import type { Stock } from "./stock.ts";

export type PlanLedger = {
  readonly deeds: Deed[];
  readonly waits: Wait[];
  /** How often a fate was chosen, by name. */
  readonly fates: Map<string, number>;
  readonly refusals: Refusals;
};
export const newPlanLedger = (): PlanLedger => ({
  deeds: [],
  waits: [],
  fates: new Map(),
  refusals: new Map(),
});

export type PlanLoad = {
  /** Resolves when everybody has come to an end of what they were doing. */
  stop(): Promise<void>;
};

export type PlanLoadOptions = {
  seed: string;
  agents: PlanAgent[];
  /** Plans that an agent has on the way at a time. */
  atOnce: number;
  /** Between two plans, at most. */
  pauseMs: number;
  mostSteps: number;
};

/** Longer than whoever waits may be kept from hearing (`check.ts`). */
const waitSeconds = 15;
const proposeTries = 40;
const againAfterMs = 250;
/** A session counts as just proven for a quarter of an hour. */
const confirmEveryMs = 5 * 60_000;

/** Who decides what becomes of a plan once it is proposed. */
const fates = {
  "applied by its owner": 7,
  "applied by its agent": 4,
  "cancelled under way": 3,
  "rejected or taken back": 2,
  "its key revoked": 1,
  "its agent switched off": 1,
  "its grant ended": 1,
} as const;
type Fate = keyof typeof fates;

/** Agents that propose plans and wait for them, and the person who decides about each, on both instances. */
export function startPlanLoad(
  world: World,
  ledger: PlanLedger,
  stock: Stock,
  options: PlanLoadOptions,
): PlanLoad {
  const stopping = new AbortController();
  const { signal } = stopping;
  const rest = (ms: number) => wait(ms, undefined, { signal }).catch(() => {});
  const agents = [...options.agents];
  let made = 0;

  async function proposer(at: number, random: SeededRandom): Promise<void> {
    const agentNow = () => agents[at] as PlanAgent;
    const client = clientOf(world, agentNow, ledger.refusals);
    while (!signal.aborted) {
      made += 1;
      const plan = made;
      const seat = random.pick(world.seats);
      const steps = random.int(1, options.mostSteps);
      const operations = Array.from({ length: steps }, (_, n) =>
        stock.operation(seat, markOf(plan, n + 1), random),
      );
      const planId = await propose(client, random, {
        title: `Plan ${plan}`,
        clientKey: `plan-${plan}`,
        operations,
      });
      if (planId === null) continue;
      const fate = pick(random, agentNow());
      ledger.fates.set(fate, (ledger.fates.get(fate) ?? 0) + 1);
      await Promise.all([
        decide(fate, { planId, seat, at, client, random }),
        follow(client, agentNow().door, planId, random),
      ]);
      await rest(random.int(1, options.pauseMs));
    }
  }

  /** Asked again under the same key until somebody answers: it is one plan all the same. */
  async function propose(
    client: PlanClient,
    random: SeededRandom,
    input: Record<string, unknown>,
  ): Promise<string | null> {
    for (let tries = 0; tries < proposeTries && !signal.aborted; tries += 1) {
      const at = random.pick(world.instances);
      const fromMs = Date.now();
      const told = await client.propose(at, input);
      if (told) {
        const { planId } = told;
        ledger.deeds.push({
          did: "propose",
          planId,
          fromMs,
          atMs: Date.now(),
          instance: at.name,
        });
        return planId;
      }
      await rest(againAfterMs);
    }
    return null;
  }

  /** Waits on both instances in turn until the plan has ended. */
  async function follow(
    client: PlanClient,
    door: Wait["door"],
    planId: string,
    random: SeededRandom,
  ): Promise<void> {
    for (let failed = 0; !signal.aborted && failed < proposeTries; ) {
      const at = random.pick(world.instances);
      const sentAtMs = Date.now();
      const told = await client.wait(at, planId, waitSeconds);
      const answeredAtMs = Date.now();
      const state = told?.state ?? null;
      ledger.waits.push({ planId, instance: at.name, door, sentAtMs, answeredAtMs, state });
      if (state !== null && !openStates.has(state)) return;
      if (state === null) failed += 1;
      await rest(state === null ? againAfterMs : 20);
    }
  }

  type About = {
    planId: string;
    seat: Seat;
    at: number;
    client: PlanClient;
    random: SeededRandom;
  };

  async function decide(fate: Fate, about: About): Promise<void> {
    const { planId, random, client, at, seat } = about;
    await rest(random.int(0, 300));
    if (fate === "rejected or taken back") {
      if (random.int(0, 1) === 0) {
        await deed("cancel", planId, random, (instance) => client.cancel(instance, planId));
      } else await click("reject", planId, random);
      return;
    }
    const apply = fate !== "applied by its agent";
    // As people do: once more, and on whichever instance the next click comes to.
    await Promise.all([approve(planId, apply, random), approve(planId, apply, random)]);
    if (apply) void Promise.all([click("apply", planId, random), click("apply", planId, random)]);
    else await until(() => deed("apply", planId, random, (at) => client.apply(at, planId)));
    await rest(random.int(0, 1_500));
    switch (fate) {
      case "cancelled under way":
        await click("cancel", planId, random);
        return;
      case "its key revoked":
        return endKey(at, random);
      case "its agent switched off":
        return switchOff(at, random);
      case "its grant ended":
        return endGrant(seat, random);
      default:
        return settle(planId, random);
    }
  }

  /** What the studio could not find out, the person who looks at the provider says. */
  async function settle(planId: string, random: SeededRandom): Promise<void> {
    const [row] = await world.database
      .query<{ position: number; mark: string }>(
        `select position, substring(content::jsonb->'request'->>'body' from 'mark-[0-9]+-[0-9]+-end')
           as mark from plan_steps where plan_id = $1 and state = 'unknown' limit 1`,
        [planId],
      )
      .catch(() => []);
    if (!row) return;
    const happened = world.providers.writes.all.some(
      ({ mark, status }) => mark === row.mark && status !== null && status < 300,
    );
    await world.person.ask(random.pick(world.instances).port, {
      method: "POST",
      path: `/api/plans/${planId}/steps/${row.position}/resolve`,
      json: { outcome: happened ? "applied" : "failed", goOn: true },
    });
  }

  async function approve(planId: string, apply: boolean, random: SeededRandom): Promise<void> {
    for (let tries = 0; tries < proposeTries && !signal.aborted; tries += 1) {
      const at = random.pick(world.instances);
      const shown = await world.person.ask(at.port, { path: `/api/plans/${planId}` });
      if (shown.status === 200) {
        const { hash, state, asks } = JSON.parse(shown.body) as PlanJson;
        if (state !== "proposed") return;
        const fromMs = Date.now();
        const answer = await world.person.ask(at.port, {
          method: "POST",
          path: `/api/plans/${planId}/approve`,
          json: {
            hash,
            apply,
            typedNames: Object.fromEntries(
              asks.typedNames.map(({ connectionId, name }) => [connectionId, name]),
            ),
          },
        });
        if (answer.status !== 200) noteRefusal(ledger.refusals, "approve", answer);
        else {
          const of = { planId, hash, fromMs, atMs: Date.now(), instance: at.name };
          ledger.deeds.push({ did: "approve", ...of });
          return;
        }
      }
      await rest(againAfterMs);
    }
  }

  const click = (did: "apply" | "cancel" | "reject", planId: string, random: SeededRandom) =>
    deed(did, planId, random, async ({ port }) => {
      const path = `/api/plans/${planId}/${did}`;
      const json = did === "reject" ? { json: {} } : {};
      const answer = await world.person.ask(port, { method: "POST", path, ...json });
      const told = toldByRest(answer);
      if (!told) noteRefusal(ledger.refusals, did, answer);
      return told;
    });

  async function until(work: () => Promise<boolean>): Promise<void> {
    for (let tries = 0; tries < proposeTries && !signal.aborted; tries += 1) {
      if (await work()) return;
      await rest(againAfterMs);
    }
  }

  async function deed(
    did: "apply" | "cancel" | "reject",
    planId: string,
    random: SeededRandom,
    work: (at: Instance) => Promise<unknown>,
  ): Promise<boolean> {
    const at = random.pick(world.instances);
    const fromMs = Date.now();
    if ((await work(at)) === null) return false;
    ledger.deeds.push({ did, planId, fromMs, atMs: Date.now(), instance: at.name });
    return true;
  }

  async function endKey(at: number, random: SeededRandom): Promise<void> {
    const agent = agents[at];
    const instance = random.pick(world.instances);
    if (!agent) return;
    const next = await makeKey(world, agent.agentId, instance.port);
    if (!next) return;
    const fromMs = Date.now();
    const path = `/api/agents/${agent.agentId}/keys/${agent.keyId}`;
    const { status } = await world.person.ask(instance.port, { method: "DELETE", path });
    agents[at] = { ...agent, ...next };
    if (status < 200 || status > 299) return;
    const { name } = instance;
    const of = { id: agent.keyId, fromMs, atMs: Date.now(), instance: name, untilMs: null };
    ledger.deeds.push({ did: "end key", ...of });
  }

  async function switchOff(at: number, random: SeededRandom): Promise<void> {
    const agent = agents[at];
    if (!agent) return;
    const instance = random.pick(world.instances);
    const path = `/api/agents/${agent.agentId}`;
    const switched = async (port: number, isDisabled: boolean) =>
      (await world.person.ask(port, { method: "PATCH", path, json: { isDisabled } })).status;
    const fromMs = Date.now();
    const isOff = (await switched(instance.port, true)) === 200;
    const atMs = Date.now();
    await rest(random.int(500, 4_000));
    const untilMs = Date.now();
    for (let tries = 0; tries < proposeTries; tries += 1) {
      if ((await switched(random.pick(world.instances).port, false)) === 200) break;
      await wait(againAfterMs);
    }
    if (!isOff) return;
    const of = { id: agent.agentId, fromMs, atMs, instance: instance.name, untilMs };
    ledger.deeds.push({ did: "end agent", ...of });
  }

  async function endGrant(seat: Seat, random: SeededRandom): Promise<void> {
    const instance = random.pick(world.instances);
    const fromMs = Date.now();
    const path = `/api/grants/${seat.grantId}`;
    const { status } = await world.person.ask(instance.port, { method: "DELETE", path });
    const atMs = Date.now();
    await rest(random.int(500, 4_000));
    const untilMs = Date.now();
    for (let tries = 0; tries < proposeTries; tries += 1) {
      const ports = {
        begin: random.pick(world.instances).port,
        end: random.pick(world.instances).port,
      };
      const { connectionId, account } = seat;
      const grant = await world.person.connect(ports, connectionId, account).catch(() => null);
      if (grant) break;
      await wait(againAfterMs);
    }
    if (status !== 200) return;
    const of = { connectionId: seat.connectionId, fromMs, atMs, untilMs };
    ledger.deeds.push({ did: "end grant", ...of, instance: instance.name });
  }

  async function prove(): Promise<void> {
    while (!signal.aborted) {
      await rest(confirmEveryMs);
      const [{ port }] = world.instances;
      const json = { password: owner.password };
      await world.person.ask(port, { method: "POST", path: "/api/password/confirm", json });
    }
  }

  const working = agents.flatMap((_, at) =>
    Array.from({ length: options.atOnce }, (__, n) =>
      proposer(at, seededRandom(`${options.seed}:proposer:${at}:${n}`)),
    ),
  );
  working.push(prove());
  return {
    async stop() {
      stopping.abort();
      await Promise.all(working);
    },
  };
}

const openStates: ReadonlySet<string> = new Set(["proposed", "approved", "applying"]);

function pick(random: SeededRandom, { mode }: PlanAgent): Fate {
  const names = (Object.keys(fates) as Fate[]).filter(
    (fate) => mode === "build" || fate !== "applied by its agent",
  );
  let left = random.int(
    1,
    names.reduce((sum, name) => sum + fates[name], 0),
  );
  for (const name of names) {
    left -= fates[name];
    if (left <= 0) return name;
  }
  return "applied by its owner";
}
