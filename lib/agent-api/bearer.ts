import { AgentKeyNeededError, NotAuthenticatedError } from "#lib/agent-api/errors.ts";
import { type AuthenticateDeps, authenticateAgent } from "#lib/agents/authenticate-agent.ts";
import { type AdmitDeps, admitCaller } from "#lib/broker/admit-caller.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";

export type BearerDeps = AuthenticateDeps & AdmitDeps;

// Salesforce's older clients write OAuth.
const bearer = /^(?:Bearer|OAuth) +([!-~]{1,600})$/i;

/** The credential of an `Authorization` header; null without one in a form that we take. */
export const credentialOf = (header: string | undefined): string | null =>
  (header === undefined ? null : bearer.exec(header)?.[1]) ?? null;

/**
 * The agent whose key came as bearer. Cookies are not looked at (BRK-12).
 *
 * @throws {NotAuthenticatedError} none, or it does not count
 * @throws {AgentKeyNeededError} a lease's token
 * @throws {ProxyRefusedError} the key has asked too often
 */
export async function requireAgentKey(
  deps: BearerDeps,
  header: string | undefined,
): Promise<AgentPrincipal> {
  const credential = credentialOf(header);
  if (credential === null) throw new NotAuthenticatedError(header !== undefined);
  if (credential.startsWith("mml_")) throw new AgentKeyNeededError();
  const agent = await authenticateAgent(deps, credential);
  if (agent === null) throw new NotAuthenticatedError(true);
  admitCaller(deps, agent);
  return agent;
}
