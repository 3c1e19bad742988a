import { hintOf } from "#lib/agents/agent-key.ts";
import type { AgentRecord, KeyFacts, KeyRecord } from "#lib/agents/repository.ts";
import type { AgentJson, AgentKeyJson } from "#lib/agents/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import { mayDo } from "#lib/policy/role-matrix.ts";

const iso = (date: Date | null) => date?.toISOString() ?? null;

export function stateOf({ revokedAt, expiresAt }: KeyFacts, now: Date): AgentKeyJson["state"] {
  if (revokedAt !== null) return "revoked";
  return expiresAt !== null && expiresAt <= now ? "ended" : "live";
}

/** Each field that leaves, listed (WEB-8): of a key its beginning, never its hash. */
export function toKeyJson(key: KeyRecord, now: Date): AgentKeyJson {
  return {
    id: key.id,
    name: key.name,
    prefix: hintOf(key.id),
    state: stateOf(key, now),
    createdAt: key.createdAt.toISOString(),
    expiresAt: iso(key.expiresAt),
    lastUsedAt: iso(key.lastUsedAt),
    revokedAt: iso(key.revokedAt),
    networks: key.networks.map(({ network, state, firstSeenAt }) => ({
      network,
      state,
      firstSeenAt: firstSeenAt.toISOString(),
    })),
  };
}

export function toAgentJson(principal: Principal, agent: AgentRecord, now: Date): AgentJson {
  const { ownerId } = agent;
  return {
    id: agent.id,
    name: agent.name,
    mode: agent.mode,
    owner: { id: ownerId, name: agent.ownerName },
    isMine: ownerId === principal.userId,
    connections: agent.connections.map((reach) => ({
      connectionId: reach.connectionId,
      name: reach.name,
      provider: reach.provider,
      environment: reach.environment,
      directWritesUntil: iso(reach.directWritesUntil),
      grantState: reach.grantState,
    })),
    keys: agent.keys.map((key) => toKeyJson(key, now)),
    disabledAt: iso(agent.disabledAt),
    pausedAt: iso(agent.pausedAt),
    pausedReason: agent.pausedReason,
    asksForConnections: agent.asksForConnections,
    pausesOnNewNetwork: agent.pausesOnNewNetwork,
    callsPerDay: agent.callsPerDay,
    rowsPerDay: agent.rowsPerDay,
    sendsPerDay: agent.sendsPerDay,
    createdAt: agent.createdAt.toISOString(),
    lastUsedAt: iso(agent.lastUsedAt),
    canEdit: mayDo(principal, "agent.edit", { ownerId }),
    canEnd: mayDo(principal, "agent.end", { ownerId }),
  };
}
