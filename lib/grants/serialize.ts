import type { Principal } from "#lib/core/principal.ts";
import type { Revocation } from "#lib/grants/revocation-repository.ts";
import { givesUpAt } from "#lib/grants/revocation-schedule.ts";
import type { RevocationJson } from "#lib/grants/schema.ts";
import { isReasonCode } from "#lib/providers/reason-codes.ts";

const iso = (date: Date | null) => date?.toISOString() ?? null;

/** Each field that leaves, listed (WEB-8): never a token, never a sealed value. */
export function toRevocationJson(
  principal: Pick<Principal, "userId">,
  { revocation, person }: { revocation: Revocation; person: { id: string; name: string } | null },
): RevocationJson {
  const { reason, state } = revocation;
  return {
    id: revocation.id,
    provider: revocation.provider,
    environment: revocation.environment,
    connectionId: revocation.connectionId,
    connectionName: revocation.connectionName,
    grantId: revocation.grantId,
    person,
    isMine: revocation.userId === principal.userId,
    username: revocation.username,
    cause: revocation.cause,
    state,
    reason: reason && isReasonCode(reason) ? reason : null,
    host: revocation.tokenHost,
    attempts: revocation.attempts,
    createdAt: revocation.createdAt.toISOString(),
    lastAttemptAt: iso(revocation.lastAttemptAt),
    nextAttemptAt: iso(revocation.nextAttemptAt),
    givesUpAt: state === "pending" ? iso(givesUpAt(revocation.createdAt)) : null,
    settledAt: iso(revocation.settledAt),
    httpStatus: revocation.httpStatus,
    providerRequestId: revocation.providerRequest,
    accessEndsAt: iso(revocation.accessEndsAt),
    sessionEndsAt: iso(revocation.sessionEndsAt),
  };
}
