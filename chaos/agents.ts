import type { AgentAnswer, End, TokenUse } from "./history.ts";
import { call } from "./http.ts";
import type { Instance } from "./instance.ts";
import { callMark } from "./provider.ts";
import type { Seat, World } from "./world.ts";

export type AgentKey = { agentId: string; keyId: string; key: string };

/** What agents were given in a run, and what was ended under them. */
export type Ledger = {
  readonly answers: AgentAnswer[];
  /** Access tokens that were handed out by leases. */
  readonly leased: TokenUse[];
  readonly ends: End[];
  /** How often a call was not served, by the code of the refusal. */
  readonly refusals: Map<string, number>;
};

export const newLedger = (): Ledger => ({
  answers: [],
  leased: [],
  ends: [],
  refusals: new Map(),
});

const dayMs = 24 * 60 * 60 * 1000;

/** Makes an agent that may use every connection of the run, as far as an owner can allow it, with a key. */
export async function makeAgent(world: World, name: string): Promise<AgentKey> {
  const { port } = world.instances[0];
  const directWritesUntil = new Date(Date.now() + dayMs).toISOString();
  const made = await world.person.ask(port, {
    method: "POST",
    path: "/api/agents",
    json: {
      name,
      mode: "build",
      connections: world.seats.map(({ connectionId }) => ({ connectionId, directWritesUntil })),
    },
  });
  if (made.status !== 201) throw new Error(`${name}: ${made.status} ${made.body}`);
  const { id } = JSON.parse(made.body) as { id: string };
  const key = await makeKey(world, id, port);
  if (!key) throw new Error(`${name} got no key`);
  return key;
}

/** Another key of an agent; null where the instance did not answer. */
export async function makeKey(
  world: World,
  agentId: string,
  port: number,
): Promise<AgentKey | null> {
  const path = `/api/agents/${agentId}/keys`;
  const made = await world.person.ask(port, { method: "POST", path, json: {} });
  if (made.status !== 201) return null;
  const { id, key } = JSON.parse(made.body) as { id: string; key: string };
  return { agentId, keyId: id, key };
}

/** Revokes a key; noted where the studio confirmed it. */
export async function revokeKey(
  world: World,
  ledger: Ledger,
  { agentId, keyId }: AgentKey,
  port: number,
): Promise<boolean> {
  const path = `/api/agents/${agentId}/keys/${keyId}`;
  const { status } = await world.person.ask(port, { method: "DELETE", path });
  const isDone = status >= 200 && status < 300;
  if (isDone) ledger.ends.push({ what: "key", id: keyId, answeredAtMs: Date.now() });
  return isDone;
}

/** Asks for a lease, with the access token itself where `raw` says so. */
export async function lease(
  world: World,
  ledger: Ledger,
  ask: { instance: Instance; key: AgentKey; seat: Seat; raw?: boolean },
): Promise<{ status: number; body: string }> {
  const { instance, key, seat, raw = false } = ask;
  const sentAtMs = Date.now();
  const { status, body } = await call(instance.port, {
    method: "POST",
    path: "/api/broker/leases",
    headers: headersFor(world, key),
    body: JSON.stringify({ connectionId: seat.connectionId, ...(raw ? { raw } : {}) }),
  });
  const isServed = status === 201;
  if (!isServed) noteRefusal(ledger, status, body);
  const given = isServed ? (JSON.parse(body) as { leaseId: string; accessToken?: string }) : null;
  note(ledger, "lease", { ...ask, sentAtMs, isServed, leaseId: given?.leaseId ?? null });
  if (given?.accessToken !== undefined && raw) {
    const { name } = instance;
    ledger.leased.push({
      accessToken: given.accessToken,
      atMs: Date.now(),
      instance: name,
      by: "lease",
    });
  }
  return { status, body };
}

const reads = {
  salesforce: "/services/data/v62.0/limits",
  "marketing-cloud": "/platform/v1/tokenContext",
} as const;

/** Reads something at the provider through the proxy. */
export async function proxiedRead(
  world: World,
  ledger: Ledger,
  ask: { instance: Instance; key: AgentKey; seat: Seat },
): Promise<{ status: number; body: string }> {
  const { instance, key, seat } = ask;
  const sentAtMs = Date.now();
  const { status, body } = await call(instance.port, {
    path: `/api/broker/proxy/${seat.connectionId}/rest${reads[seat.account.provider]}?${callMark}=1`,
    headers: headersFor(world, key),
  });
  if (status !== 200) noteRefusal(ledger, status, body);
  note(ledger, "proxied call", { ...ask, sentAtMs, isServed: status === 200, leaseId: null });
  return { status, body };
}

const headersFor = ({ studioUrl }: World, { key }: AgentKey) => ({
  host: new URL(studioUrl).host,
  authorization: `Bearer ${key}`,
  "content-type": "application/json",
});

function noteRefusal({ refusals }: Ledger, status: number, body: string): void {
  const code = /"code":"([\w.]+)"/.exec(body)?.[1] ?? (status === 0 ? "no answer" : "");
  const name = `${status} ${code}`.trim();
  refusals.set(name, (refusals.get(name) ?? 0) + 1);
}

function note(
  { answers }: Ledger,
  what: AgentAnswer["what"],
  one: {
    instance: Instance;
    key: AgentKey;
    seat: Seat;
    sentAtMs: number;
    isServed: boolean;
    leaseId: string | null;
  },
): void {
  const { instance, key, seat, sentAtMs, isServed, leaseId } = one;
  answers.push({
    what,
    instance: instance.name,
    keyId: key.keyId,
    grantId: seat.grantId,
    sentAtMs,
    isServed,
    leaseId,
  });
}
