import { LRUCache } from "lru-cache";
import { judgeNetwork, type NetworkState } from "#lib/agents/network-habits.ts";
import { networksOfKey, ownNetworks, setNetwork } from "#lib/agents/network-repository.ts";
import { announceAgent, lockAgent, pauseAgentRow } from "#lib/agents/repository.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { type HotPool, sqlOfPool } from "#lib/db/hot-pool.ts";

export type AgentNetworksDeps = { db: Database; hotPool: HotPool; clock: Clock; random: Random };
type Caller = Pick<AgentPrincipal, "agentId" | "keyId" | "ownerId" | "teamId">;

/**
 * Where keys are used from (BRK-13). A key that comes from a network where it never was, once it has had a
 * day to show where it belongs, stops its agent before anything is done, or is told to its owner, as they
 * chose.
 */
export type AgentNetworks = {
  /**
   * From memory for a network that is the key's; else it is looked up, and noted, first.
   *
   * @returns false: refuse the request, the agent is paused
   * @throws {Error} the database does not answer: refuse
   */
  admit(caller: Caller, network: string): boolean | Promise<boolean>;
};

const MAX_KEYS = 20_000;

export function createAgentNetworks(deps: AgentNetworksDeps): AgentNetworks {
  /** By key, where it may be used from: such a network stays one. */
  const own = new LRUCache<string, Set<string>>({ max: MAX_KEYS });
  const looking = new Map<string, Promise<boolean>>();

  async function look(caller: Caller, network: string): Promise<boolean> {
    const { keyId } = caller;
    const known = new Set(await ownNetworks(sqlOfPool(deps.hotPool), keyId));
    if (!known.has(network)) {
      if ((await meet(deps, caller, network)) === "held") return false;
      known.add(network);
    }
    own.set(keyId, known);
    return true;
  }

  return {
    admit(caller, network) {
      if (own.get(caller.keyId)?.has(network)) return true;
      // A thousand first calls at once are looked at once.
      const key = `${caller.keyId} ${network}`;
      const under = looking.get(key);
      if (under) return under;
      const begun = look(caller, network).finally(() => looking.delete(key));
      looking.set(key, begun);
      return begun;
    },
  };
}

/** A key on a network that it has not been seen on: judged under the agent's lock, with all it brings. */
function meet(deps: AgentNetworksDeps, caller: Caller, network: string): Promise<NetworkState> {
  const { agentId, keyId, ownerId, teamId } = caller;
  return inTransaction(deps.db, async (tx) => {
    const agent = await lockAgent(tx, caller, agentId);
    // Deleted meanwhile: nothing of it counts any more.
    if (agent === null) return "held";
    const now = deps.clock.now();
    const seen = await networksOfKey(tx, keyId);
    const before = seen.find((each) => each.network === network);
    const state = judgeNetwork(network, seen, { now, pauses: agent.pausesOnNewNetwork });
    if (before?.state !== state) await setNetwork(tx, keyId, { network, state, firstSeenAt: now });
    if (state === "known" || before?.state === state) return state;
    const isPause = state === "held";
    if (isPause) await pauseAgentRow(tx, agentId, { reason: "new_network", now });
    await recordEvent(tx, deps, {
      action: isPause ? "agent.paused" : "agent.new_network",
      principal: null,
      teamId,
      onBehalfOf: ownerId,
      target: { kind: "agent", id: agentId },
      result: "success",
      detail: { name: agent.name, ...(isPause ? { reason: "new_network" } : {}), keyId, network },
    });
    await announceAgent(tx, agentId);
    return state;
  });
}
