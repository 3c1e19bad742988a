import { recordEvent } from "#lib/audit/record-event.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Transaction } from "#lib/db/client.ts";
import type { AccessTokens } from "#lib/grants/access-tokens.ts";
import { endFlow } from "#lib/grants/cancel-flow.ts";
import { listOpenFlows } from "#lib/grants/flow-repository.ts";
import {
  endGrantRow,
  type Grant,
  listLiveGrants,
  lockConnection,
  lockGrant,
} from "#lib/grants/grant-repository.ts";
import {
  type QueueDeps,
  queueGrantToken,
  type RevocationCause,
} from "#lib/grants/queue-revocation.ts";
import type { Revocation } from "#lib/grants/revocation-repository.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";

export type EndGrantsDeps = QueueDeps & { accessTokens: AccessTokens };

/** Why a grant ends. */
export type EndCause = Extract<
  RevocationCause,
  "disconnected" | "connection_deleted" | "definition_changed" | "member_removed"
>;

/**
 * Ends a grant here at once and queues its token to be ended at the provider, in one transaction: from
 * its commit on nobody gets anything of this grant, whatever the provider answers (OA-14). A changed
 * definition leaves it to be reconnected (TEN-5).
 *
 * @param grant - read under its connection's lock, with the definition its token is of
 */
export async function endGrant(
  deps: EndGrantsDeps,
  tx: Transaction,
  principal: Principal,
  grant: Grant,
  cause: EndCause,
): Promise<Revocation | null> {
  const revocation = await queueGrantToken(deps, tx, principal, grant, cause);
  const isVoided = cause === "definition_changed";
  await endGrantRow(tx, grant.id, {
    state: isVoided ? "needs_reconnect" : "disconnected",
    reason: isVoided ? "definition_changed" : null,
  });
  await recordEvent(tx, deps, {
    action: isVoided ? "grant.voided" : "grant.disconnected",
    principal,
    target: { kind: "grant", id: grant.id },
    connectionId: grant.connectionId,
    ...(grant.userId === principal.userId ? {} : { onBehalfOf: grant.userId }),
    result: "success",
    detail: {
      providerUserId: grant.providerUserId,
      cause,
      revocation: revocation?.state ?? "nothing_to_revoke",
    },
  });
  // Before the commit: a token of this generation that comes back meanwhile serves nobody.
  deps.accessTokens.drop(grant.id);
  return revocation;
}

/**
 * Ends everything that one person holds in one team, in the caller's transaction: their grants, with the
 * revocations queued, their access tokens, and their sign-ins under way. The providers are asked after
 * the commit, by the queue.
 *
 * @param principal - who does it, in the same team; what they may was decided by the caller
 * @returns how many grants were ended
 */
export async function endGrantsOf(
  tx: Transaction,
  deps: EndGrantsDeps,
  principal: Principal,
  { teamId, userId }: { teamId: string; userId: string },
): Promise<{ ended: number }> {
  if (teamId !== principal.teamId) throw new TypeError("grants of another team");
  const [grants, flows] = [
    await listLiveGrants(tx, { teamId, userId }),
    await listOpenFlows(tx, { teamId, userId }),
  ];
  // Connections first, in one order: a sign-in that ends just now is then over, or finds itself void.
  const connectionIds = new Set([...grants, ...flows].map(({ connectionId }) => connectionId));
  for (const id of [...connectionIds].sort()) await lockConnection(tx, principal, id);
  const { ended } = await endAll(deps, tx, principal, { teamId, userId }, "member_removed");
  return { ended };
}

/** Ends open flows and live grants of one person, or under one connection whose row is held. */
export async function endAll(
  deps: EndGrantsDeps,
  tx: Transaction,
  principal: Principal,
  of: { teamId: string; userId?: string; connectionId?: string },
  cause: EndCause,
): Promise<{ ended: number; revocations: Revocation[] }> {
  const revocations: (Revocation | null)[] = [];
  for (const flow of await listOpenFlows(tx, of)) {
    revocations.push(await endFlow(deps, tx, principal, flow));
  }
  const grants = await listLiveGrants(tx, of);
  for (const { id } of grants) {
    const grant = await lockGrant(tx, principal, id);
    if (grant) revocations.push(await endGrant(deps, tx, principal, grant, cause));
  }
  return { ended: grants.length, revocations: revocations.filter((each) => each !== null) };
}

/** Ending a teammate's grant is an admin's to do, whatever it comes with. */
export async function requireMayEndAll(
  tx: Transaction,
  principal: Principal,
  connectionId: string,
  words: string,
): Promise<void> {
  const { teamId } = principal;
  for (const { userId: ownerId } of await listLiveGrants(tx, { teamId, connectionId })) {
    requireMay(principal, "grant.disconnect", { ownerId }, words);
  }
}
