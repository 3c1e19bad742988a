import { isAboutAgent } from "#lib/agents/about-agent.ts";
import { authenticateCaller, type CallerDeps } from "#lib/broker/authenticate-caller.ts";
import { LEASE_TOKEN_PREFIX } from "#lib/broker/lease-token.ts";
import { findUsableGrant, type UsableGrantDeps } from "#lib/broker/usable-grant.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Change } from "#lib/db/changes.ts";

/** What somebody uses just now, and how they are found again. */
type Use = {
  agent: AgentPrincipal;
  /** Null for a call that is not about one. */
  connectionId: string | null;
  isByLease: boolean;
  /** Whoever it is as everything stands now; null where they do not count any more. */
  findAgent(): Promise<AgentPrincipal | null>;
};

/**
 * Looks after a use that is under way (BRK-11): with each change that could be about it, whoever makes it
 * is looked for anew. While the database does not answer nobody can say, and new calls are refused; one
 * under way goes on until the feed is heard again, and never longer than a call may.
 *
 * @param onEnded - called once: key, lease, agent, owner or grant do not count any more
 * @returns ends the watch
 */
export function watchUse(deps: UsableGrantDeps, use: Use, onEnded: () => void): () => void {
  const unsubscribe = deps.changes.subscribe((change) => {
    if (concerns(change, use)) void look();
  });
  let isOver = false;
  const end = () => {
    isOver = true;
    unsubscribe();
  };
  async function look(): Promise<void> {
    const still = await stands(deps, use).catch(() => true);
    if (still || isOver) return;
    end();
    onEnded();
  }
  return end;
}

/** The same for a call, by what it came with. */
export const watchCaller = (
  deps: CallerDeps,
  { credential, ...caller }: Pick<Use, "agent" | "connectionId"> & { credential: string },
  onEnded: () => void,
): (() => void) =>
  watchUse(
    deps,
    {
      ...caller,
      isByLease: credential.includes(LEASE_TOKEN_PREFIX),
      findAgent: () => authenticateCaller(deps, credential),
    },
    onEnded,
  );

function concerns(change: Change | "all", { agent, isByLease, connectionId }: Use): boolean {
  if (change === "all" || isAboutAgent(change, agent)) return true;
  switch (change.kind) {
    case "connection":
      return change.id === connectionId;
    case "lease":
      return isByLease;
    case "grant":
      return connectionId !== null;
    default:
      return false;
  }
}

async function stands(deps: UsableGrantDeps, { connectionId, findAgent }: Use): Promise<boolean> {
  await Promise.resolve(); // every other listener has heard of the change by then
  const agent = await findAgent();
  if (agent === null || connectionId === null) return agent !== null;
  return (await findUsableGrant(deps, agent, connectionId)) !== null;
}
