import type { Connection } from "#lib/connections/connection.ts";
import { authHostOf } from "#lib/connections/connection.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import type { Transaction } from "#lib/db/client.ts";
import type { Flow } from "#lib/grants/flow-repository.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { insertRevocation, type Revocation } from "#lib/grants/revocation-repository.ts";
import {
  openToEnd,
  pendingTokenContext,
  refreshTokenContext,
  revocationContext,
  type VaultDeps,
} from "#lib/grants/secrets.ts";
import { providerOf } from "#lib/providers/registry.ts";
import { seal } from "#lib/vault/seal.ts";

/**
 * Hands the id of a committed revocation to whoever works in the background; it stands or falls with the
 * transaction. Nothing depends on it but promptness: what is due is found in the table.
 */
export type RevocationQueue = {
  deliver(tx: Transaction, revocationId: string): Promise<void>;
};

export type QueueDeps = VaultDeps & { revocationQueue: RevocationQueue };

export type RevocationCause = Revocation["cause"];

/** What is to be ended, and of what: everything that asking the provider needs, whatever changes later. */
type Due = Pick<
  Revocation,
  | "teamId"
  | "userId"
  | "provider"
  | "environment"
  | "connectionId"
  | "connectionName"
  | "grantId"
  | "username"
  | "cause"
  | "tokenHost"
  | "clientId"
> &
  Partial<Pick<Revocation, "accessEndsAt" | "sessionEndsAt">>;

type Ending =
  | { state: "pending"; token: Secret }
  | { state: "not_possible"; reason: "unreadable_secret" | null };

const unreadable: Ending = { state: "not_possible", reason: "unreadable_secret" };

/**
 * Commits that a grant's token is to be ended, with the change that gives it up; the token moves to its
 * new place (VA-2), and the grant must forget it in the same transaction.
 *
 * @param grant - read under its lock, with the definition that its token is of
 * @returns null where it holds no token
 */
export async function queueGrantToken(
  deps: QueueDeps,
  tx: Transaction,
  principal: Principal | null,
  grant: Grant,
  cause: RevocationCause,
): Promise<Revocation | null> {
  const { connection, refreshTokenSealed: sealed } = grant;
  if (sealed === null) return null;
  const due = ofGrant(grant, cause);
  if (!providerOf(connection.provider).revocation.offered) {
    return insert(deps, tx, due, { state: "not_possible", reason: null });
  }
  const token = await openToEnd(
    { ...deps, db: tx },
    principal,
    sealed,
    refreshTokenContext(grant),
    { purpose: "queue_revocation", connectionId: connection.id },
  );
  return insert(deps, tx, due, token ? { state: "pending", token } : unreadable);
}

/**
 * The same for the token that a new authorization takes the place of, where the provider counts live
 * ones (RF-15). Not where it is the same token: an app without rotation may give it again.
 */
export async function queueReplacedToken(
  deps: QueueDeps,
  tx: Transaction,
  principal: Principal,
  before: Grant | null,
  next: Secret,
): Promise<Revocation | null> {
  if (!before?.refreshTokenSealed) return null;
  const { connection, refreshTokenSealed: sealed } = before;
  if (!providerOf(connection.provider).revocation.offered) return null;
  const old = await openToEnd({ ...deps, db: tx }, principal, sealed, refreshTokenContext(before), {
    purpose: "queue_revocation",
    connectionId: connection.id,
  });
  if (old?.equals(next)) return null;
  const due = ofGrant(before, "replaced");
  return insert(deps, tx, due, old ? { state: "pending", token: old } : unreadable);
}

/** The same for the token of a sign-in that waited for a word; the flow must forget it. */
export async function queueFlowToken(
  deps: QueueDeps,
  tx: Transaction,
  principal: Principal | null,
  flow: Flow,
  connection: Connection,
): Promise<Revocation | null> {
  const sealed = flow.pendingRefreshTokenSealed;
  if (sealed === null || !providerOf(flow.provider).revocation.offered) return null;
  const token = await openToEnd({ ...deps, db: tx }, principal, sealed, pendingTokenContext(flow), {
    purpose: "queue_revocation",
    connectionId: connection.id,
  });
  const due: Due = { ...placeOf(connection), ...ofFlow(flow), cause: "sign_in_unused" };
  return insert(deps, tx, due, token ? { state: "pending", token } : unreadable);
}

/** The same for a token in hand that a sign-in brought and nobody will use; it was stored nowhere. */
export async function queueToken(
  deps: QueueDeps,
  tx: Transaction,
  flow: Flow,
  connection: Pick<Connection, "id" | "teamId" | "name" | "provider" | "environment">,
  token: Secret,
): Promise<Revocation | null> {
  if (!providerOf(flow.provider).revocation.offered) return null;
  const due: Due = { ...placeOf(connection), ...ofFlow(flow), cause: "sign_in_unused" };
  return insert(deps, tx, due, { state: "pending", token });
}

/**
 * The same for the token of a refresh that came too late: the grant ended, or was made anew, while the
 * provider answered (RF-13). It was stored nowhere.
 */
export async function queueSupersededToken(
  deps: QueueDeps,
  tx: Transaction,
  grant: EndedGrant,
  token: Secret,
): Promise<Revocation | null> {
  if (!providerOf(grant.connection.provider).revocation.offered) return null;
  return insert(deps, tx, ofGrant(grant, "superseded"), { state: "pending", token });
}

/** A grant as a revocation names it. */
type EndedGrant = Pick<
  Grant,
  "id" | "userId" | "username" | "accessTokenExpiresAt" | "idleDeadline"
> & {
  connection: Pick<
    Connection,
    | "id"
    | "teamId"
    | "name"
    | "provider"
    | "environment"
    | "loginHost"
    | "tenantSubdomain"
    | "clientId"
  >;
};

const placeOf = (
  connection: Pick<Connection, "id" | "teamId" | "name" | "provider" | "environment">,
) => ({
  teamId: connection.teamId,
  provider: connection.provider,
  environment: connection.environment,
  connectionId: connection.id,
  connectionName: connection.name,
});

const ofGrant = (grant: EndedGrant, cause: RevocationCause): Due => ({
  ...placeOf(grant.connection),
  userId: grant.userId,
  grantId: grant.id,
  username: grant.username,
  cause,
  tokenHost: authHostOf(grant.connection),
  clientId: grant.connection.clientId,
  accessEndsAt: grant.accessTokenExpiresAt,
  sessionEndsAt: grant.idleDeadline,
});

const ofFlow = (flow: Flow) => ({
  userId: flow.userId,
  grantId: null,
  username: null,
  tokenHost: flow.tokenHost,
  clientId: flow.clientId,
});

async function insert(
  deps: QueueDeps,
  tx: Transaction,
  due: Due,
  ending: Ending,
): Promise<Revocation> {
  const id = deps.random.uuid();
  const now = deps.clock.now();
  const isPending = ending.state === "pending";
  const later = (date: Date | null | undefined) => (date && date > now ? date : null);
  const revocation = await insertRevocation(tx, {
    ...due,
    id,
    state: ending.state,
    reason: isPending ? null : ending.reason,
    tokenSealed: isPending
      ? await seal(deps.vault, ending.token, revocationContext({ ...due, id }))
      : null,
    nextAttemptAt: isPending ? now : null,
    settledAt: isPending ? null : now,
    accessEndsAt: later(due.accessEndsAt),
    sessionEndsAt: later(due.sessionEndsAt),
    createdAt: now,
  });
  if (isPending) await deps.revocationQueue.deliver(tx, id);
  return revocation;
}
