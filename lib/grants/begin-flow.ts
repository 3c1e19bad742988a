import { createHash } from "node:crypto";
import { recordEvent } from "#lib/audit/record-event.ts";
import { authHostOf, type Connection } from "#lib/connections/connection.ts";
import { redirectUri } from "#lib/connections/redirect-uris.ts";
import { findConnection } from "#lib/connections/repository.ts";
import type { Env } from "#lib/core/env.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction, type Transaction } from "#lib/db/client.ts";
import { endFlow } from "#lib/grants/cancel-flow.ts";
import {
  DefinitionMovedError,
  SurfaceNotHereError,
  TooManyFlowsError,
} from "#lib/grants/errors.ts";
import {
  countWaitingFlows,
  insertFlow,
  listOpenFlows,
  lockBeginnings,
  type NewFlow,
} from "#lib/grants/flow-repository.ts";
import { lockConnection } from "#lib/grants/grant-repository.ts";
import type { QueueDeps } from "#lib/grants/queue-revocation.ts";
import type { StartedFlow } from "#lib/grants/schema.ts";
import { verifierContext } from "#lib/grants/secrets.ts";
import { authorizationUrl, newAuthorizationSecrets } from "#lib/oauth/authorization-request.ts";
import { DemoOffError, type ProviderAddresses } from "#lib/providers/addresses.ts";
import { providerOf } from "#lib/providers/registry.ts";
import type { Surface } from "#lib/providers/vocabulary.ts";
import { seal } from "#lib/vault/seal.ts";

/** How long a person has to come back (OA-1). */
export const flowLifetimeSeconds = 10 * 60;
/** Open flows of one person at most (OA-15). */
const maxWaitingFlows = 20;
const bindingBytes = 32;

export const sha256 = (value: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHash("sha256").update(value).digest());

/** What the browser keeps, in a cookie of this flow alone. */
export type BegunFlow = StartedFlow & { binding: string };

/**
 * Begins one authorization run: a new state and S256 verifier, and everything noted that the callback
 * will be held against (OA-1, OA-4). Of the state only the hash is kept, the verifier is sealed.
 *
 * @throws {NotFoundError} the connection is absent, or another team's
 * @throws {DefinitionMovedError} the definition was edited just then
 * @throws {TooManyFlowsError} twenty wait already
 * @throws {DemoOffError} a demo connection while the demo is off
 */
export async function beginFlow(
  deps: QueueDeps & {
    db: Database;
    addresses: ProviderAddresses;
    settings: Pick<Env, "studioUrl" | "desktopAuthUrl" | "demoUrl">;
  },
  principal: Principal,
  request: { connectionId: string; surface: Surface; returnTo: string | null },
): Promise<BegunFlow> {
  const connection = await findConnection(deps.db, principal, request.connectionId);
  if (!connection) throw new NotFoundError();
  if (connection.environment === "demo" && !deps.settings.demoUrl) throw new DemoOffError();
  if (request.surface !== "web" || !connection.surfaces.includes("web")) {
    throw new SurfaceNotHereError(request.surface);
  }
  const provider = providerOf(connection.provider);
  const { state, codeVerifier, codeChallenge } = await newAuthorizationSecrets();
  const binding = deps.random.token(bindingBytes);
  const now = deps.clock.now();
  const host = authHostOf(connection);
  const flow: NewFlow = {
    id: deps.random.uuid(),
    teamId: principal.teamId,
    userId: principal.userId,
    sessionId: principal.sessionId,
    connectionId: connection.id,
    provider: connection.provider,
    surface: request.surface,
    stateHash: sha256(state),
    bindingHash: sha256(binding),
    verifierSealed: null,
    authorizeHost: host,
    tokenHost: host,
    clientId: connection.clientId,
    redirectUri: redirectUri(deps.settings, connection.provider, request.surface),
    scopes: connection.scopes,
    accountId: connection.accountId,
    returnTo: request.returnTo,
    createdAt: now,
    expiresAt: new Date(now.getTime() + flowLifetimeSeconds * 1000),
  };
  if (connection.pkce === "required") {
    flow.verifierSealed = await seal(deps.vault, codeVerifier, verifierContext(flow));
  }
  await inTransaction(deps.db, async (tx) => {
    await lockBeginnings(tx, principal);
    if ((await countWaitingFlows(tx, principal, now)) >= maxWaitingFlows) {
      throw new TooManyFlowsError();
    }
    // Held before any flow's row, as everywhere: whoever edits or ends the connection then sees this flow.
    const isThere = await lockConnection(tx, principal, connection.id);
    const current = isThere && (await findConnection(tx, principal, connection.id));
    if (!current) throw new NotFoundError();
    if (current.version !== connection.version) throw new DefinitionMovedError();
    await endWaitingForWord(deps, tx, principal, connection);
    await insertFlow(tx, flow);
    await recordEvent(tx, deps, {
      action: "flow.begun",
      principal,
      target: { kind: "flow", id: flow.id },
      connectionId: connection.id,
      result: "success",
      detail: { surface: flow.surface, host, scopes: flow.scopes },
    });
  });
  return {
    flowId: flow.id,
    expiresAt: flow.expiresAt.toISOString(),
    binding,
    authorizeUrl: authorizationUrl(
      `${deps.addresses.publicBase(connection.environment, host)}${provider.authorizePath}`,
      {
        clientId: flow.clientId,
        redirectUri: flow.redirectUri,
        scopes: flow.scopes,
        state,
        ...(connection.pkce === "required" ? { codeChallenge } : {}),
        extra: provider.authorizeExtra,
      },
    ),
  };
}

/**
 * A new sign-in takes the place of one's own that waits for a word about another identity. Its token is
 * queued to be revoked: nobody waits here for a provider.
 */
async function endWaitingForWord(
  deps: QueueDeps,
  tx: Transaction,
  principal: Principal,
  connection: Connection,
): Promise<void> {
  const of = { teamId: principal.teamId, userId: principal.userId, connectionId: connection.id };
  for (const flow of await listOpenFlows(tx, of)) {
    if (flow.status === "needs_confirmation") await endFlow(deps, tx, principal, flow);
  }
}
