import { authHostOf } from "#lib/connections/connection.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type EgressError, isEgressError } from "#lib/egress/errors.ts";
import type { BegunRefresh } from "#lib/grants/begin-refresh.ts";
import { reasonOfEgressError } from "#lib/grants/egress-reason.ts";
import { isSameOrg } from "#lib/grants/identity.ts";
import { presentRefreshToken } from "#lib/oauth/refresh-token.ts";
import type { TokenAnswer, TokenResponse } from "#lib/oauth/token-endpoint.ts";
import type { ConnectionUnderProof, InstanceHosts, ProviderDeps } from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { providerOf } from "#lib/providers/registry.ts";

/** A process that was held up for longer between intent and call keeps the token to itself (RF-6). */
const presentWithinMs = 2_000;

export type PresentDeps = ProviderDeps & { clock: Clock; stopwatch: Clock };

/** What became of one presentation. */
export type RefreshOutcome =
  | {
      kind: "refreshed";
      accessToken: Secret;
      lifetimeMs: number;
      /** When the answer came, on the monotonic clock: the lifetime counts from here (RF-9). */
      receivedAtMs: number;
      /** Null: the one that was presented stays good (RF-7). */
      refreshToken: Secret | null;
      hosts: InstanceHosts;
      scopes: string[] | null;
    }
  /** An answer that is not trusted but for its refresh token, which is the only good one by now. */
  | { kind: "rotated"; refreshToken: Secret; reason: ReasonCode }
  | {
      kind: "failed";
      as: "transient" | "app" | "person";
      reason: ReasonCode;
      askedToWaitMs: number;
      /** The token may have been spent. */
      isUncertain: boolean;
      /** Nobody's there would have been answered better: no OAuth answer came. */
      isOfHost: boolean;
    }
  | { kind: "refused"; reason: ReasonCode }
  /** No byte left: nothing happened. */
  | { kind: "unsent" };

/**
 * Presents the token of a begun refresh, once, and judges what comes back. Does not throw for what the
 * network or the provider did.
 */
export async function presentRefresh(
  deps: PresentDeps,
  refresh: BegunRefresh,
): Promise<RefreshOutcome> {
  const { connection } = refresh.grant;
  const provider = providerOf(connection.provider);
  const noted: ConnectionUnderProof = {
    environment: connection.environment,
    tokenHost: authHostOf(connection),
    accountId: connection.accountId,
  };
  let answer: TokenAnswer;
  try {
    answer = await presentRefreshToken(deps, {
      target: deps.addresses.target(noted.environment, noted.tokenHost),
      path: provider.tokenPath,
      encoding: provider.tokenEncoding,
      clientId: connection.clientId,
      clientSecret: refresh.clientSecret,
      refreshToken: refresh.refreshToken,
      extra: provider.tokenExtra(noted),
      isStillWanted: () => deps.stopwatch.monotonicMs() - refresh.begunAtMs <= presentWithinMs,
    });
  } catch (error) {
    if (isEgressError(error)) return outcomeOfEgress(error, refresh);
    throw error;
  }
  return judge(deps, refresh, noted, answer, deps.clock.monotonicMs());
}

function outcomeOfEgress(error: EgressError, { isRecovery }: BegunRefresh): RefreshOutcome {
  if (error.kind === "unwanted") return { kind: "unsent" };
  return {
    kind: "failed",
    as: "transient",
    reason: reasonOfEgressError(error),
    askedToWaitMs: 0,
    // Whether an earlier try spent the token is known no better by a call that never left.
    isUncertain: error.sentBytes || isRecovery,
    isOfHost: true,
  };
}

function judge(
  deps: PresentDeps,
  { grant, isRecovery }: BegunRefresh,
  noted: ConnectionUnderProof,
  answer: TokenAnswer,
  receivedAtMs: number,
): RefreshOutcome {
  const provider = providerOf(grant.connection.provider);
  switch (answer.kind) {
    case "tokens": {
      const { accessToken, refreshToken, expiresInSeconds, scopes } = answer.tokens;
      const hosts = provider.instanceHosts(deps, noted, answer.tokens);
      if (!hosts || !isForGrant(grant, provider.claimOf(answer.tokens))) {
        return untrusted(refreshToken);
      }
      const lifetimeMs = (expiresInSeconds ?? provider.defaultAccessTokenSeconds) * 1000;
      return {
        kind: "refreshed",
        accessToken,
        lifetimeMs,
        receivedAtMs,
        refreshToken,
        hosts,
        scopes,
      };
    }
    case "malformed":
      return untrusted(answer.refreshToken);
    case "refused":
    case "unusable": {
      const { kind, reason } = provider.refreshMeaning(answer, noted);
      if (kind === "refused") {
        return { kind: "refused", reason: isRecovery ? "refresh_interrupted" : reason };
      }
      const retryAfter = answer.kind === "unusable" ? answer.retryAfterSeconds : null;
      const askedToWaitMs = (retryAfter ?? 0) * 1000;
      // A gateway that gave up may have passed the token on; and after a try that ended without an
      // answer, one more that says nothing leaves it open whether the token was spent.
      const isServersFault = answer.kind === "unusable" && answer.status >= 500;
      const isUncertain = isRecovery || isServersFault;
      const isOfHost = answer.kind === "unusable";
      return { kind: "failed", as: kind, reason, askedToWaitMs, isUncertain, isOfHost };
    }
  }
}

/** Its access token and addresses are not used; a refresh token that came with them is, or all is lost. */
function untrusted(refreshToken: TokenResponse["refreshToken"]): RefreshOutcome {
  const reason = "answer_not_trusted";
  if (refreshToken) return { kind: "rotated", refreshToken, reason };
  return {
    kind: "failed",
    as: "transient",
    reason,
    askedToWaitMs: 0,
    isUncertain: true,
    isOfHost: false,
  };
}

/** Is the answer about the same person in the same org, as far as it says? */
function isForGrant(
  grant: BegunRefresh["grant"],
  claim: { userId: string | null; orgId: string | null } | null,
): boolean {
  if (!claim) return false;
  const isSameUser =
    claim.userId === null || claim.userId.slice(0, 15) === grant.providerUserId.slice(0, 15);
  return isSameUser && (claim.orgId === null || isSameOrg(grant.orgId, claim.orgId));
}
