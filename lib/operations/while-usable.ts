import { isAboutAgent } from "#lib/agents/about-agent.ts";
import { type AuthenticateDeps, agentOfKey } from "#lib/agents/authenticate-agent.ts";
import { findUsableGrant, type UsableGrantDeps, usableGrant } from "#lib/broker/usable-grant.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Change } from "#lib/db/changes.ts";

export type WhileUsableDeps = UsableGrantDeps & AuthenticateDeps;

/**
 * Does an agent's work on a connection for as long as the agent may use it (BRK-11): with each change that
 * could be about it, it is looked again. Once the grant does not count any more, or the connection is not the
 * agent's, the work is ended, and what came of it is given to nobody.
 *
 * @param work - ends soon after its signal
 * @throws {NotFoundError | GrantNotUsableError} it was taken back meanwhile; else whatever `work` throws
 */
export async function whileUsable<T>(
  deps: WhileUsableDeps,
  agent: AgentPrincipal,
  { connectionId, signal }: { connectionId: string; signal: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const unsubscribe = deps.changes.subscribe((change) => {
    if (!concerns(change, agent, connectionId)) return;
    // Nobody can say without the database; what is begun goes on until somebody can.
    stands(deps, agent, connectionId).then(
      (still) => still || ended.abort(),
      () => {},
    );
  });
  try {
    const done = await work(AbortSignal.any([signal, ended.signal]));
    if (!ended.signal.aborted) return done;
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  } finally {
    unsubscribe();
  }
  const now = await agentOfKey(deps, agent.keyId);
  if (now !== null) await usableGrant(deps, now, connectionId);
  throw new NotFoundError();
}

function concerns(change: Change | "all", agent: AgentPrincipal, connectionId: string): boolean {
  if (change === "all" || change.kind === "grant" || isAboutAgent(change, agent)) return true;
  return change.kind === "connection" && change.id === connectionId;
}

async function stands(
  deps: WhileUsableDeps,
  { keyId }: AgentPrincipal,
  connectionId: string,
): Promise<boolean> {
  await Promise.resolve(); // every other listener has heard of the change by then
  const now = await agentOfKey(deps, keyId);
  return now !== null && (await findUsableGrant(deps, now, connectionId)) !== null;
}
