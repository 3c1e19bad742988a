import { findUsableGrant, type UsableGrantDeps } from "#lib/broker/usable-grant.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { grantOf } from "#lib/operations/grant-of.ts";
import { missingScopesOf } from "#lib/operations/missing-scopes.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import type { Operation } from "#lib/providers/operation.ts";
import { operations } from "#lib/providers/operations.ts";
import { type ProviderName, providers } from "#lib/providers/vocabulary.ts";

export type UsableOperation = { operation: Operation; connectionIds: string[] };

/**
 * The operations that whoever asks can run now, in the registry's order, each with where: of a connection's
 * provider, with all the scopes that it needs granted there (MCP-5). In plan mode writes are among them:
 * they propose.
 *
 * @param connectionId - this one alone; a person always names one
 * @throws {NotFoundError} no such connection for them (TEN-2)
 * @throws {GrantNotUsableError} the one that was named has to be connected first
 */
export async function usableOperations(
  deps: UsableGrantDeps,
  asker: Asker,
  connectionId: string | null,
): Promise<UsableOperation[]> {
  const grants =
    connectionId === null
      ? await grantsOf(deps, requireAgent(asker))
      : [await grantOf(deps, asker, connectionId)];
  return operations.flatMap((operation) => {
    const connectionIds = grants
      .filter((grant) => runsOn(operation, grant))
      .map((grant) => grant.connectionId);
    return connectionIds.length > 0 ? [{ operation, connectionIds }] : [];
  });
}

/**
 * The operations that an agent can run now, or could after asking its owner for a connection, in the
 * registry's order: of a provider where no connection of its works, an agent that may ask can have all.
 */
export async function operationsWithinReach(
  deps: UsableGrantDeps,
  agent: AgentPrincipal,
): Promise<Operation[]> {
  const grants = await grantsOf(deps, agent);
  const lacks = new Set<ProviderName>(
    agent.asksForConnections
      ? providers.filter((name) => grants.every(({ connection }) => connection.provider !== name))
      : [],
  );
  return operations.filter(
    (operation) =>
      lacks.has(operation.provider) || grants.some((grant) => runsOn(operation, grant)),
  );
}

/** Could it run with this grant? */
export const runsOn = (operation: Operation, grant: Grant): boolean =>
  grant.connection.provider === operation.provider &&
  missingScopesOf(operation, grant).length === 0;

async function grantsOf(deps: UsableGrantDeps, agent: AgentPrincipal): Promise<Grant[]> {
  const ids = [...agent.connections.keys()].sort();
  const found = await Promise.all(ids.map((id) => findUsableGrant(deps, agent, id)));
  return found.filter((grant) => grant !== null);
}

function requireAgent(asker: Asker): AgentPrincipal {
  if (asker.kind === "agent") return asker;
  throw new NotFoundError();
}
