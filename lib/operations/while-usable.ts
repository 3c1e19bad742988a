import { type AuthenticateDeps, agentOfKey } from "#lib/agents/authenticate-agent.ts";
import { type UsableGrantDeps, usableGrant } from "#lib/broker/usable-grant.ts";
import { watchUse } from "#lib/broker/watch-caller.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";

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
  const findAgent = () => agentOfKey(deps, agent.keyId);
  const use = { agent, connectionId, isByLease: false, findAgent };
  const endWatch = watchUse(deps, use, () => ended.abort());
  try {
    const done = await work(AbortSignal.any([signal, ended.signal]));
    if (!ended.signal.aborted) return done;
  } catch (error) {
    if (!ended.signal.aborted) throw error;
  } finally {
    endWatch();
  }
  const now = await findAgent();
  if (now !== null) await usableGrant(deps, now, connectionId);
  throw new NotFoundError();
}
