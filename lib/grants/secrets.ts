import type { EventContent } from "#lib/audit/chain.ts";
import { type AuditEntry, eventOf, recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import { authHostOf, clientSecretContext } from "#lib/connections/connection.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Env } from "#lib/core/env.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import { inTransaction } from "#lib/db/client.ts";
import type { WrapDeps } from "#lib/vault/data-key.ts";
import { isUnreadable } from "#lib/vault/errors.ts";
import { openSecret } from "#lib/vault/open.ts";
import type { SecretContext } from "#lib/vault/secret-context.ts";

export type VaultDeps = { vault: WrapDeps; clock: Clock; random: Random };

/** What a sealed value belongs to, in the trail's words. */
const kindOfTable: Readonly<Record<string, string>> = {
  connections: "connection",
  flows: "flow",
  grants: "grant",
  revocations: "revocation",
};

/** Why this room opens a secret; each opening leaves an event with this word (VA-11). */
export type OpeningPurpose =
  | "code_exchange"
  | "confirm_identity"
  | "queue_revocation"
  | "refresh"
  | "revoke";

/** What a secret of a definition is bound to. */
type DefinitionPlace = Pick<
  Connection,
  "id" | "teamId" | "provider" | "loginHost" | "tenantSubdomain" | "clientId"
>;

/** The place of a person's refresh token (VA-2): it opens for no other person, tenant or client. */
export function refreshTokenContext(grant: {
  id: string;
  userId: string;
  connection: DefinitionPlace;
}): SecretContext {
  const { connection } = grant;
  return {
    table: "grants",
    column: "refresh_token_sealed",
    rowId: grant.id,
    ownerId: grant.userId,
    teamId: connection.teamId,
    provider: connection.provider,
    tenantHost: authHostOf(connection),
    clientId: connection.clientId,
    kind: "refresh_token",
  };
}

type FlowPlace = {
  id: string;
  teamId: string;
  userId: string;
  tokenHost: string;
  clientId: string;
  provider: string;
};

function flowContext(flow: FlowPlace, column: string, kind: string): SecretContext {
  return {
    table: "flows",
    column,
    rowId: flow.id,
    ownerId: flow.userId,
    teamId: flow.teamId,
    provider: flow.provider,
    tenantHost: flow.tokenHost,
    clientId: flow.clientId,
    kind,
  };
}

export const verifierContext = (flow: FlowPlace) =>
  flowContext(flow, "verifier_sealed", "code_verifier");
export const pendingTokenContext = (flow: FlowPlace) =>
  flowContext(flow, "pending_refresh_token_sealed", "refresh_token");

/** The place of a token that is to be ended: of the host and client it was given by (VA-2). */
export const revocationContext = (revocation: {
  id: string;
  teamId: string;
  userId: string;
  provider: string;
  tokenHost: string;
  clientId: string;
}): SecretContext => ({
  table: "revocations",
  column: "token_sealed",
  rowId: revocation.id,
  ownerId: revocation.userId,
  teamId: revocation.teamId,
  provider: revocation.provider,
  tenantHost: revocation.tokenHost,
  clientId: revocation.clientId,
  kind: "refresh_token",
});

/**
 * Opens a secret of this room and writes who did it, and why, before it is given. In a transaction
 * the event stands or falls with it.
 */
export async function openForGrant(
  deps: VaultDeps & { db: DatabaseOrTransaction },
  principal: Principal | null,
  sealed: string,
  context: SecretContext,
  opening: { purpose: OpeningPurpose; connectionId: string },
): Promise<Secret> {
  const recordOpening = () =>
    inTransaction(deps.db, (tx) =>
      recordEvent(tx, deps, openingEntry(principal, context, opening)),
    );
  return openSecret({ ...deps.vault, recordOpening }, sealed, context, opening);
}

/**
 * The same in a transaction whose events are written by `appendEvents`: the opening is put with them, and
 * the secret must not be used before that transaction is committed.
 */
export async function openInGroup(
  deps: VaultDeps,
  events: EventContent[],
  sealed: string,
  context: SecretContext,
  opening: { purpose: OpeningPurpose; connectionId: string },
): Promise<Secret> {
  const recordOpening = async () => {
    events.push(eventOf(deps, openingEntry(null, context, opening)));
  };
  return openSecret({ ...deps.vault, recordOpening }, sealed, context, opening);
}

function openingEntry(
  principal: Principal | null,
  context: SecretContext,
  opening: { purpose: OpeningPurpose; connectionId: string },
): AuditEntry {
  return {
    action: "secret.opened",
    principal,
    teamId: context.teamId,
    target: { kind: kindOfTable[context.table] ?? context.table, id: context.rowId },
    connectionId: opening.connectionId,
    ...(context.ownerId && context.ownerId !== principal?.userId
      ? { onBehalfOf: context.ownerId }
      : {}),
    result: "success",
    detail: { purpose: opening.purpose, kind: context.kind },
  };
}

/** Opens a token to end it; null where it does not open any more: that row's own trouble (VA-12). */
export async function openToEnd(
  deps: VaultDeps & { db: DatabaseOrTransaction },
  principal: Principal | null,
  sealed: string,
  context: SecretContext,
  opening: { purpose: "queue_revocation" | "revoke"; connectionId: string },
): Promise<Secret | null> {
  try {
    return await openForGrant(deps, principal, sealed, context, opening);
  } catch (error) {
    if (isUnreadable(error)) return null;
    throw error;
  }
}

/**
 * Where the secret is that goes with a connection's client id, where the app wants one: sealed with the
 * definition, or the operator's own.
 */
export function clientSecretPlace(
  settings: Pick<Env, "salesforce">,
  connection: DefinitionPlace & Pick<Connection, "method" | "clientSecretSealed">,
): { sealed: string; context: SecretContext } | { given: Secret | null } {
  if (connection.clientSecretSealed) {
    return { sealed: connection.clientSecretSealed, context: clientSecretContext(connection) };
  }
  // The operator's secret goes with the operator's client id: not with one of an earlier app.
  const { clientId, clientSecret } = settings.salesforce;
  const isOperators = connection.method === "quick" && connection.clientId === clientId;
  return { given: isOperators ? clientSecret : null };
}

/** The secret that goes with the connection's client id, for a sign-in. */
export async function clientSecretFor(
  deps: VaultDeps & {
    db: DatabaseOrTransaction;
    settings: Pick<Env, "salesforce">;
  },
  principal: Principal,
  connection: Connection,
): Promise<Secret | null> {
  const place = clientSecretPlace(deps.settings, connection);
  if ("given" in place) return place.given;
  return openForGrant(deps, principal, place.sealed, place.context, {
    purpose: "code_exchange",
    connectionId: connection.id,
  });
}
