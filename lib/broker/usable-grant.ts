import { GrantNotUsableError } from "#lib/broker/errors.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { ChangeFeed } from "#lib/db/changes.ts";
import type { Database } from "#lib/db/client.ts";
import { createRemembered, type Remembered } from "#lib/db/remembered.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";

const MAX_KEPT = 20_000;

/** The grants that agents of this process use, as last read. */
export type GrantsInUse = Remembered<Grant>;

export type UsableGrantDeps = { db: Database; changes: ChangeFeed; grantsInUse: GrantsInUse };

export const createGrantsInUse = (): GrantsInUse =>
  createRemembered<Grant>({
    max: MAX_KEPT,
    kinds: ["grant", "connection", "member", "team"],
    sourcesOf: (grant) => [
      { kind: "grant", id: grant.id },
      { kind: "connection", id: grant.connectionId },
      { kind: "member", id: grant.userId },
      { kind: "team", id: grant.teamId },
    ],
  });

/**
 * The grant that an agent works with on a connection: its owner's own (TEN-4), active as everything stands
 * now. From memory while the change feed is current (BRK-11).
 *
 * @returns without its sealed values: whoever needs them reads the row
 * @throws {NotFoundError} absent, another team's, or not one of the agent's connections (TEN-2)
 * @throws {GrantNotUsableError} its owner has to connect or reconnect
 */
export async function usableGrant(
  deps: UsableGrantDeps,
  agent: AgentPrincipal,
  connectionId: string,
): Promise<Grant> {
  if (!agent.connections.has(connectionId)) throw new NotFoundError();
  const key = keyOf(agent, connectionId);
  const grant =
    deps.grantsInUse.peek(deps.changes, key) ??
    (await deps.grantsInUse.get(deps.changes, key, () => read(deps, agent, connectionId)));
  if (grant?.state === "active") return grant;
  throw new GrantNotUsableError({
    connectionId,
    isNew: grant === null || grant.state === "disconnected",
  });
}

/** The same, or null where it would throw. */
export async function findUsableGrant(
  deps: UsableGrantDeps,
  agent: AgentPrincipal,
  connectionId: string,
): Promise<Grant | null> {
  if (!agent.connections.has(connectionId)) return null;
  const key = keyOf(agent, connectionId);
  const grant = await deps.grantsInUse.get(deps.changes, key, () =>
    read(deps, agent, connectionId),
  );
  return grant?.state === "active" ? grant : null;
}

const keyOf = ({ teamId, ownerId }: AgentPrincipal, connectionId: string) =>
  `${teamId}:${ownerId}:${connectionId}`;

async function read(
  deps: UsableGrantDeps,
  { teamId, ownerId }: AgentPrincipal,
  connectionId: string,
): Promise<Grant | null> {
  const found = await findOwnGrant(deps.db, { teamId, userId: ownerId }, connectionId);
  if (!found) return null;
  const connection = { ...found.connection, clientSecretSealed: null };
  return { ...found, refreshTokenSealed: null, connection };
}
