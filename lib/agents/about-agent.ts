import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Change } from "#lib/db/changes.ts";

/** Whether a change is one of whether this agent counts, and of what it may. */
export function isAboutAgent(
  { kind, id }: Change,
  { agentId, ownerId, teamId }: Pick<AgentPrincipal, "agentId" | "ownerId" | "teamId">,
): boolean {
  switch (kind) {
    case "agent":
      return id === agentId;
    case "member":
      return id === ownerId;
    case "team":
      return id === teamId;
    default:
      return false;
  }
}
