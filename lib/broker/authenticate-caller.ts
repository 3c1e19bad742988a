import { type AuthenticateDeps, authenticateAgent } from "#lib/agents/authenticate-agent.ts";
import type { AuthenticateLeaseDeps } from "#lib/broker/authenticate-lease.ts";
import { authenticateLease } from "#lib/broker/authenticate-lease.ts";
import { LEASE_TOKEN_PREFIX } from "#lib/broker/lease-token.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";

export type CallerDeps = AuthenticateDeps & AuthenticateLeaseDeps;

/** `{org id}!`, which tools that want a token in Salesforce's form put before it. */
const orgIdPart = /^[A-Za-z0-9]{18}!/;

/**
 * Who calls through the proxy: an agent by its key, or by a lease of its on this connection.
 *
 * @returns null for everybody else, untold why
 */
export function authenticateCaller(
  deps: CallerDeps,
  credential: string,
): Promise<AgentPrincipal | null> {
  const token = credential.replace(orgIdPart, "");
  return token.startsWith(LEASE_TOKEN_PREFIX)
    ? authenticateLease(deps, token)
    : authenticateAgent(deps, credential);
}
