import type { AgentPrincipal, Principal } from "#lib/core/principal.ts";
import type { GivenAgent } from "#lib/testing/agents.ts";

/** The principal that an agent's key makes, without asking. */
export const agentPrincipalOf = (
  { teamId, userId: ownerId }: Principal,
  { agentId, keyId }: GivenAgent,
  { mode = "plan", connectionIds }: { mode?: "plan" | "build"; connectionIds: readonly string[] },
): AgentPrincipal => ({
  ...{ kind: "agent", agentId, keyId, teamId, ownerId, mode },
  budget: { callsPerDay: null, rowsPerDay: null, sendsPerDay: null },
  asksForConnections: true,
  connections: new Map(connectionIds.map((id) => [id, { directWritesUntil: null }])),
});
