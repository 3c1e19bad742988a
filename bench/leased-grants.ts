import { createDatabase } from "#lib/db/client.ts";
import { openCaller } from "./caller.ts";
import { type Fleet, startFleet } from "./fleet.ts";
import type { Sent } from "./load.ts";
import { fillGrants } from "./many-grants.ts";
import { request } from "./studio.ts";

const warmUpConnections = 32;
/** A client that behaves asks ten times a second at most; this one measures how fast it could be. */
const limitsFactor = "1000000";

export type LeasedGrants = {
  fleet: Fleet;
  url: string;
  pid: number;
  sent: Sent;
  /** Of one answer, as it travels. */
  answerBytes: number;
};

/**
 * A studio with so many grants, each with a live access token in its memory: every one was leased once,
 * which refreshed it at the simulator's token endpoint. There is no other way in.
 */
export async function startLeasedGrants(count: number): Promise<LeasedGrants> {
  const fleet = await startFleet({ env: { LIMITS_FACTOR: limitsFactor } });
  const [origin = ""] = fleet.urls;
  const db = createDatabase(fleet.ownerUrl);
  const { agentKey, grants } = await fillGrants(fleet, db, count);
  await db.$disconnect();
  const caller = openCaller(origin, warmUpConnections);
  const left = grants.map(({ connectionId }) => connectionId);
  const leaseAll = async () => {
    for (let id = left.pop(); id !== undefined; id = left.pop()) {
      const status = await caller.lease(agentKey, id);
      if (status !== 201) throw new Error(`a first lease answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: warmUpConnections }, leaseAll));
  await caller.close();
  const url = `${origin}/api/broker/leases`;
  const sent: Sent = {
    headers: { authorization: `Bearer ${agentKey}`, "content-type": "application/json" },
    bodies: grants.map(({ connectionId }) => JSON.stringify({ connectionId })),
  };
  const one = await request(url, {
    method: "POST",
    headers: { ...sent.headers },
    body: sent.bodies[0] ?? "",
  });
  if (one.status !== 201) throw new Error(`a lease answered ${one.status}`);
  return { fleet, url, pid: fleet.pids[0] ?? 0, sent, answerBytes: Buffer.byteLength(one.body) };
}
