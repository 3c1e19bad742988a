import { isAboutAgent } from "#lib/agents/about-agent.ts";
import { authenticateCaller, type CallerDeps } from "#lib/broker/authenticate-caller.ts";
import { LEASE_TOKEN_PREFIX } from "#lib/broker/lease-token.ts";
import { findUsableGrant } from "#lib/broker/usable-grant.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Change } from "#lib/db/changes.ts";

type Caller = {
  agent: AgentPrincipal;
  credential: string;
  /** Null for a call that is not about one. */
  connectionId: string | null;
};

/**
 * Looks after a call that is under way (BRK-11): with each change that could be about it, whoever makes it
 * is authenticated anew. While the database does not answer nobody can say, and new calls are refused; one
 * under way goes on until the feed is heard again, and never longer than a call may.
 *
 * @param onEnded - called once: key, lease, agent, owner or grant do not count any more
 * @returns ends the watch
 */
export function watchCaller(deps: CallerDeps, caller: Caller, onEnded: () => void): () => void {
  const unsubscribe = deps.changes.subscribe((change) => {
    if (concerns(change, caller)) void look();
  });
  let isOver = false;
  const end = () => {
    isOver = true;
    unsubscribe();
  };
  async function look(): Promise<void> {
    const still = await stands(deps, caller).catch(() => true);
    if (still || isOver) return;
    end();
    onEnded();
  }
  return end;
}

function concerns(change: Change | "all", { agent, credential, connectionId }: Caller): boolean {
  if (change === "all" || isAboutAgent(change, agent)) return true;
  switch (change.kind) {
    case "connection":
      return change.id === connectionId;
    case "lease":
      return credential.includes(LEASE_TOKEN_PREFIX);
    case "grant":
      return connectionId !== null;
    default:
      return false;
  }
}

async function stands(deps: CallerDeps, { credential, connectionId }: Caller): Promise<boolean> {
  await Promise.resolve(); // every other listener has heard of the change by then
  const agent = await authenticateCaller(deps, credential);
  if (agent === null || connectionId === null) return agent !== null;
  return (await findUsableGrant(deps, agent, connectionId)) !== null;
}
