import { recordEvent } from "#lib/audit/record-event.ts";
import { type Connection, clientSecretContext } from "#lib/connections/connection.ts";
import { insertConnection } from "#lib/connections/repository.ts";
import { resolveDefinition } from "#lib/connections/resolve-definition.ts";
import type { ConnectionDefinition } from "#lib/connections/schema.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Env } from "#lib/core/env.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { Secret } from "#lib/core/secret.ts";
import { type DatabaseOrTransaction, inTransaction } from "#lib/db/client.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import type { WrapDeps } from "#lib/vault/data-key.ts";
import { seal } from "#lib/vault/seal.ts";

export type CreateConnectionDeps = {
  db: DatabaseOrTransaction;
  clock: Clock;
  random: Random;
  settings: Pick<Env, "salesforce" | "demoUrl">;
  vault: WrapDeps;
};

/** Who makes it; a first owner has no session yet. */
type Maker = Omit<Principal, "kind" | "sessionId"> & { sessionId: string | null };

/**
 * Stores a definition and its event together. A custom app's secret is sealed on the way in and
 * cannot be read back (OA-11).
 *
 * @returns the connection's id
 * @throws {InvalidInputError} naming the field; nothing is stored
 */
export async function createConnection(
  deps: CreateConnectionDeps,
  principal: Maker,
  definition: ConnectionDefinition,
): Promise<string> {
  requireMay(principal, "connection.create");
  const connection: Connection = {
    ...resolveDefinition(deps.settings, definition),
    id: deps.random.uuid(),
    teamId: principal.teamId,
    clientSecretSealed: null,
    orgId: null,
    orgName: null,
    instanceHost: null,
    enterpriseId: null,
    version: 1,
    createdById: principal.userId,
    createdAt: deps.clock.now(),
  };
  if (definition.provider === "salesforce" && definition.clientSecret) {
    const secret = new Secret(definition.clientSecret);
    connection.clientSecretSealed = await seal(deps.vault, secret, clientSecretContext(connection));
  }
  await inTransaction(deps.db, async (tx) => {
    await insertConnection(tx, connection);
    await recordEvent(tx, deps, {
      action: "connection.created",
      principal,
      target: { kind: "connection", id: connection.id },
      connectionId: connection.id,
      result: "success",
      detail: {
        provider: connection.provider,
        method: connection.method,
        environment: connection.environment,
        name: connection.name,
      },
    });
  });
  return connection.id;
}
