import { recordEvent } from "#lib/audit/record-event.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type DatabaseOrTransaction, inTransaction, type Transaction } from "#lib/db/client.ts";
import type { CompleteFlowDeps } from "#lib/grants/authorization.ts";
import { type Flow, keepForRevocation } from "#lib/grants/flow-repository.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import {
  openForGrant,
  pendingTokenContext,
  refreshTokenContext,
  type VaultDeps,
} from "#lib/grants/secrets.ts";
import type { ConnectionUnderProof } from "#lib/providers/provider.ts";
import { providerOf } from "#lib/providers/registry.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";
import { isUnreadable } from "#lib/vault/errors.ts";
import { seal } from "#lib/vault/seal.ts";
import type { SecretContext } from "#lib/vault/secret-context.ts";

export type RevokeDeps = Omit<CompleteFlowDeps, "accessTokens" | "settings">;

/** Asks the provider to end a token. @returns whether it said so; false also where it cannot be reached */
export async function revokeAtProvider(
  deps: RevokeDeps,
  provider: ProviderName,
  noted: ConnectionUnderProof,
  token: Secret,
): Promise<boolean> {
  const { revocation } = providerOf(provider);
  if (!revocation.offered) return false;
  try {
    return await revocation.revoke(deps, noted, token);
  } catch {
    // The provider does not answer, or the demo is off: not confirmed, and said so.
    return false;
  }
}

/** Writes how a revocation went. */
export async function recordRevocation(
  tx: Transaction,
  deps: VaultDeps,
  principal: Principal | null,
  of: {
    kind: "flow" | "grant";
    id: string;
    teamId: string;
    ownerId: string;
    connectionId: string;
    isConfirmed: boolean;
  },
): Promise<void> {
  await recordEvent(tx, deps, {
    action: "grant.revocation_attempted",
    principal,
    teamId: of.teamId,
    target: { kind: of.kind, id: of.id },
    connectionId: of.connectionId,
    ...(of.ownerId === principal?.userId ? {} : { onBehalfOf: of.ownerId }),
    result: of.isConfirmed ? "success" : "failed",
  });
}

/**
 * Ends a token that nobody will use any more, be it the flow's own or one that its sign-in replaced,
 * where the provider can, and writes how that went. Unconfirmed, it is kept sealed in the flow, and the
 * sweep tries again.
 *
 * @returns true when nothing is left to revoke
 */
export async function revokeUnused(
  deps: RevokeDeps,
  principal: Principal | null,
  flow: Flow,
  noted: ConnectionUnderProof,
  token: Secret,
): Promise<boolean> {
  if (!providerOf(flow.provider).revocation.offered) return true;
  const isConfirmed = await revokeAtProvider(deps, flow.provider, noted, token);
  const sealed = isConfirmed ? null : await seal(deps.vault, token, pendingTokenContext(flow));
  await inTransaction(deps.db, async (tx) => {
    await keepForRevocation(tx, flow.id, sealed);
    const { id, teamId, userId: ownerId, connectionId } = flow;
    const of = { kind: "flow", id, teamId, ownerId, connectionId, isConfirmed } as const;
    await recordRevocation(tx, deps, principal, of);
  });
  return isConfirmed;
}

/** Opens a token to revoke it; null where it does not open any more: that row's own trouble (VA-12). */
export async function openToRevoke(
  deps: VaultDeps & { db: DatabaseOrTransaction },
  principal: Principal | null,
  sealed: string,
  context: SecretContext,
  connectionId: string,
): Promise<Secret | null> {
  try {
    return await openForGrant(deps, principal, sealed, context, {
      purpose: "revoke",
      connectionId,
    });
  } catch (error) {
    if (isUnreadable(error)) return null;
    throw error;
  }
}

/**
 * The refresh token that a new authorization takes the place of, where the provider counts live ones
 * (RF-15). None where it is the same token: an app without rotation may give it again.
 */
export async function openReplaced(
  deps: VaultDeps,
  tx: Transaction,
  principal: Principal,
  before: Grant | null,
  next: Secret,
): Promise<Secret | null> {
  if (!before?.refreshTokenSealed) return null;
  if (!providerOf(before.connection.provider).revocation.offered) return null;
  const context = refreshTokenContext(before);
  const open = { ...deps, db: tx };
  const old = await openToRevoke(
    open,
    principal,
    before.refreshTokenSealed,
    context,
    before.connectionId,
  );
  return old && !old.equals(next) ? old : null;
}
