import { recordEvent } from "#lib/audit/record-event.ts";
import type { Connection } from "#lib/connections/connection.ts";
import { noteProof } from "#lib/connections/repository.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import type { Authorization, CompleteFlowDeps } from "#lib/grants/complete-flow.ts";
import { type Flow, moveFlow } from "#lib/grants/flow-repository.ts";
import {
  findOwnGrant,
  type Grant,
  type GrantValues,
  lockConnection,
  storeGrant,
} from "#lib/grants/grant-repository.ts";
import { isSameIdentity } from "#lib/grants/identity.ts";
import { pendingSchema } from "#lib/grants/pending.ts";
import { pendingTokenContext, refreshTokenContext } from "#lib/grants/secrets.ts";
import { providerOf } from "#lib/providers/registry.ts";
import { seal } from "#lib/vault/seal.ts";

const dayMs = 24 * 60 * 60 * 1000;

type Settlement = { flow: Flow; connection: Connection; authorization: Authorization };

/**
 * Stores a proven authorization, its event and the flow's end together; nobody is handed an access
 * token before that is committed. Another person or org than before waits for the owner's word.
 * Where the flow was cancelled meanwhile, or the connection deleted, the tokens are revoked unused.
 */
export async function settleFlow(
  deps: CompleteFlowDeps,
  principal: Principal,
  settlement: Settlement,
): Promise<void> {
  const { connection, authorization } = settlement;
  const outcome = await inTransaction(deps.db, async (tx) => {
    if (!(await lockConnection(tx, principal, connection.id))) return "late";
    const before = await findOwnGrant(tx, principal, connection.id);
    if (before && !isSameIdentity(before, authorization.identity)) {
      return awaitConfirmation(deps, tx, principal, settlement);
    }
    return connect(deps, tx, principal, settlement, before);
  });
  const provider = providerOf(connection.provider);
  if (outcome === "late" && provider.revocation.offered) {
    const noted = { ...settlement.flow, environment: connection.environment };
    await provider.revocation.revoke(deps, noted, authorization.refreshToken).catch(() => false);
  }
  if (typeof outcome === "object") {
    deps.accessTokens.put(
      outcome.grantId,
      authorization.accessToken,
      authorization.lifetimeSeconds * 1000,
    );
  }
}

async function connect(
  deps: CompleteFlowDeps,
  tx: Transaction,
  principal: Principal,
  { flow, connection, authorization }: Settlement,
  before: Grant | null,
): Promise<{ grantId: string } | "late"> {
  const now = deps.clock.now();
  const grantId = before?.id ?? deps.random.uuid();
  if (!(await moveFlow(tx, flow.id, "exchanging", { status: "connected", grantId }, now))) {
    return "late";
  }
  await writeGrant(deps, tx, principal, {
    grantId,
    connection,
    surface: flow.surface,
    authorization: {
      ...authorization,
      accessTokenExpiresAt: new Date(now.getTime() + authorization.lifetimeSeconds * 1000),
    },
    isReconnect: before !== null,
  });
  return { grantId };
}

/** What is stored of an authorization, whether at once or after the owner's word. */
export type StoredAuthorization = Omit<Authorization, "accessToken" | "lifetimeSeconds"> & {
  accessTokenExpiresAt: Date | null;
};

/** Writes the grant, what it teaches about the org, and the event, in the caller's transaction. */
export async function writeGrant(
  deps: Pick<CompleteFlowDeps, "vault" | "clock" | "random">,
  tx: Transaction,
  principal: Principal,
  grant: {
    grantId: string;
    connection: Connection;
    surface: Flow["surface"];
    authorization: StoredAuthorization;
    isReconnect: boolean;
  },
): Promise<void> {
  const { connection, authorization, grantId } = grant;
  const { identity, hosts } = authorization;
  const now = deps.clock.now();
  const { idleDays } = providerOf(connection.provider);
  const refreshTokenSealed = await seal(
    deps.vault,
    authorization.refreshToken,
    refreshTokenContext({ id: grantId, userId: principal.userId, connection }),
  );
  const values: GrantValues = {
    state: "active",
    reason: null,
    refreshTokenSealed,
    surface: grant.surface,
    scopes: authorization.scopes,
    missingScopes: authorization.missingScopes,
    providerUserId: identity.userId,
    username: identity.username,
    email: identity.email,
    displayName: identity.displayName,
    orgId: identity.orgId,
    memberId: identity.memberId,
    enterpriseId: identity.enterpriseId,
    orgName: identity.orgName,
    ...hosts,
    connectedAt: now,
    lastRefreshedAt: null,
    lastProvenAt: now,
    lastUsedAt: null,
    accessTokenExpiresAt: authorization.accessTokenExpiresAt,
    // A custom app's idle limit is the org's own choice and not told.
    idleDeadline:
      idleDays === null || connection.method === "custom-app"
        ? null
        : new Date(now.getTime() + idleDays * dayMs),
  };
  const key = { id: grantId, teamId: principal.teamId, connectionId: connection.id };
  await storeGrant(tx, { ...key, userId: principal.userId }, values);
  await noteProof(tx, principal, connection.id, {
    orgId: identity.orgId,
    orgName: identity.orgName,
    instanceHost: hosts.instanceHost,
    ...(identity.group ? { groupKey: identity.group.key, groupName: identity.group.name } : {}),
    updatedAt: now,
  });
  await recordEvent(tx, deps, {
    action: grant.isReconnect ? "grant.reconnected" : "grant.connected",
    principal,
    target: { kind: "grant", id: grantId },
    connectionId: connection.id,
    result: "success",
    detail: {
      username: identity.username,
      orgId: identity.orgId,
      memberId: identity.memberId,
      scopes: authorization.scopes,
      missingScopes: authorization.missingScopes,
    },
  });
}

async function awaitConfirmation(
  deps: CompleteFlowDeps,
  tx: Transaction,
  principal: Principal,
  { flow, authorization }: Settlement,
): Promise<"late" | "pending"> {
  const {
    accessToken: _inMemoryOnly,
    refreshToken,
    lifetimeSeconds: _unused,
    ...rest
  } = authorization;
  const isMoved = await moveFlow(
    tx,
    flow.id,
    "exchanging",
    {
      status: "needs_confirmation",
      pendingRefreshTokenSealed: await seal(deps.vault, refreshToken, pendingTokenContext(flow)),
      pending: pendingSchema.parse(rest),
    },
    deps.clock.now(),
  );
  if (!isMoved) return "late";
  await recordEvent(tx, deps, {
    action: "flow.awaits_confirmation",
    principal,
    target: { kind: "flow", id: flow.id },
    connectionId: flow.connectionId,
    result: "success",
    detail: { username: authorization.identity.username, orgId: authorization.identity.orgId },
  });
  return "pending";
}
