import type { AgentNetworks } from "#lib/agents/agent-networks.ts";
import { ProxyRefusedError } from "#lib/broker/proxy-errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import { limitsOfRequest } from "#lib/limits/limit-table.ts";
import type { Limits } from "#lib/limits/limits.ts";

export type AdmitDeps = { limits: Limits; agentNetworks: AgentNetworks };

/**
 * Lets a proven caller in, whichever door it came to and whatever it asks for. Counts the request against
 * its key and its owner: lists, documents and refusals cost the studio too (BRK-10). And looks where it comes from: a
 * settled key on a new network stops its agent, where its owner wants that (BRK-13).
 *
 * @param network - as `siteOf` names it
 * @returns false: the agent is paused; refused like a key that does not count
 * @throws {ProxyRefusedError} `broker.rate_limited`: they have asked too often
 */
export function admitCaller(
  { limits, agentNetworks }: AdmitDeps,
  agent: AgentPrincipal,
  network: string,
): boolean | Promise<boolean> {
  const turn = limits.take(limitsOfRequest(agent));
  if (turn.allowed) return agentNetworks.admit(agent, network);
  const { retryAfterSeconds } = turn;
  throw new ProxyRefusedError("broker.rate_limited", { retryAfterSeconds });
}
