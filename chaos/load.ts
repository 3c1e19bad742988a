import { setTimeout as wait } from "node:timers/promises";
import { seededRandom } from "#lib/simulator/kit/random.ts";
import type { SeededRandom } from "#lib/simulator/kit/types.ts";
import { type AgentKey, type Ledger, lease, makeKey, proxiedRead, revokeKey } from "./agents.ts";
import { isRaw, type Seat, type World } from "./world.ts";

/** Everybody at work: agents that ask all the time, and the person who connects and ends things. */
export type Load = {
  /** Resolves when everybody has come to an end of what they were doing. */
  stop(): Promise<void>;
};

export type LoadOptions = {
  seed: string;
  keys: AgentKey[];
  /** Between two calls of an agent, at most. */
  pauseMs: number;
  /** Between two things that the person does, at most; null: no person. */
  personEveryMs: number | null;
};

export function startLoad(world: World, ledger: Ledger, options: LoadOptions): Load {
  const stopping = new AbortController();
  const { signal } = stopping;
  const rest = (ms: number) => wait(ms, undefined, { signal }).catch(() => {});
  const keys = [...options.keys];

  async function agent(at: number, random: SeededRandom): Promise<void> {
    while (!signal.aborted) {
      const key = keys[at];
      if (key) {
        const seat = random.pick(world.seats);
        const instance = random.pick(world.instances);
        const ask = { instance, key, seat };
        if (random.int(0, 9) < 4) await proxiedRead(world, ledger, ask);
        else await lease(world, ledger, { ...ask, raw: isRaw(seat) });
      }
      await rest(random.int(1, options.pauseMs));
    }
  }

  async function person(random: SeededRandom, everyMs: number): Promise<void> {
    while (!signal.aborted) {
      await rest(random.int(everyMs / 2, everyMs));
      const { port } = random.pick(world.instances);
      const deed = random.int(0, 9);
      if (deed < 3) {
        const at = random.int(0, keys.length - 1);
        const key = keys[at];
        if (!key) continue;
        const next = await makeKey(world, key.agentId, port);
        if (next && (await revokeKey(world, ledger, key, port))) keys[at] = next;
      } else if (deed < 6) {
        const seat = random.pick(world.seats);
        await disconnect(world, ledger, seat, port);
        await rest(random.int(0, 2_000));
        await connectAgain(world, seat, random);
      } else {
        // In the place of one that was lost or ended, else over one that stands.
        const gone = await seatsWithout(world);
        await connectAgain(world, random.pick(gone.length > 0 ? gone : world.seats), random);
      }
    }
  }

  const working = keys.map((_, at) => agent(at, seededRandom(`${options.seed}:agent:${at}`)));
  if (options.personEveryMs !== null) {
    working.push(person(seededRandom(`${options.seed}:person`), options.personEveryMs));
  }
  return {
    async stop() {
      stopping.abort();
      await Promise.all(working);
    },
  };
}

/** Ends a grant; noted where the studio confirmed it. */
export async function disconnect(
  world: World,
  ledger: Ledger,
  { grantId }: Seat,
  port: number,
): Promise<boolean> {
  const { status } = await world.person.ask(port, {
    method: "DELETE",
    path: `/api/grants/${grantId}`,
  });
  if (status === 200) ledger.ends.push({ what: "grant", id: grantId, answeredAtMs: Date.now() });
  return status === 200;
}

/** Seats whose grants serve nobody; none where the database is away. */
async function seatsWithout({ database, seats }: World): Promise<Seat[]> {
  try {
    const rows = await database.query<{ id: string }>(
      "select id from grants where state <> 'active'",
    );
    const gone = new Set(rows.map(({ id }) => id));
    return seats.filter(({ grantId }) => gone.has(grantId));
  } catch {
    return [];
  }
}

async function connectAgain(world: World, seat: Seat, random: SeededRandom): Promise<void> {
  const [begin, end] = [random.pick(world.instances), random.pick(world.instances)];
  try {
    const ports = { begin: begin.port, end: end.port };
    await world.person.connect(ports, seat.connectionId, seat.account);
  } catch {
    // The sign-in ended on a page of the provider: somebody broke something on the way.
  }
}
