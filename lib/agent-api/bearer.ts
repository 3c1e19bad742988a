import type { IncomingMessage } from "node:http";
import { AgentKeyNeededError, NotAuthenticatedError } from "#lib/agent-api/errors.ts";
import { networkOf } from "#lib/agent-api/network-of.ts";
import { type AuthenticateDeps, authenticateAgent } from "#lib/agents/authenticate-agent.ts";
import { type AdmitDeps, admitCaller } from "#lib/broker/admit-caller.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";

export type BearerDeps = AuthenticateDeps & AdmitDeps & { studioUrl: string };

// Salesforce's older clients write OAuth.
const bearer = /^(?:Bearer|OAuth) +([!-~]{1,600})$/i;

/** The credential of an `Authorization` header; null without one in a form that we take. */
export const credentialOf = (header: string | undefined): string | null =>
  (header === undefined ? null : bearer.exec(header)?.[1]) ?? null;

/**
 * The agent whose key came as bearer. Cookies are not looked at (BRK-12).
 *
 * @throws {NotAuthenticatedError} none, it does not count, or it came from where it stops its agent
 * @throws {AgentKeyNeededError} a lease's token
 * @throws {ProxyRefusedError} the key has asked too often
 */
export async function requireAgentKey(
  deps: BearerDeps,
  request: IncomingMessage,
): Promise<AgentPrincipal> {
  const header = request.headers.authorization;
  const credential = credentialOf(header);
  if (credential === null) throw new NotAuthenticatedError(header !== undefined);
  if (credential.startsWith("mml_")) throw new AgentKeyNeededError();
  const agent = await authenticateAgent(deps, credential);
  if (agent === null) throw new NotAuthenticatedError(true);
  const network = networkOf(deps, request);
  if (!(await admitCaller(deps, agent, network))) throw new NotAuthenticatedError(true);
  return agent;
}
