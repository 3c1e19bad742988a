import type {
  LiveAccessToken,
  RefreshEngine,
  TokenNeed,
  WantedGrant,
} from "#lib/grants/refresh-engine.ts";
import { isReasonCode, type ReasonCode } from "#lib/providers/reason-codes.ts";

export type { LiveAccessToken, TokenNeed } from "#lib/grants/refresh-engine.ts";

/**
 * An access token of this grant that may be used now: the one in memory, the one another instance shares,
 * or the one of a refresh, which is stored before it is returned (RF-3). At most one refresh of a grant
 * runs at a time, over all processes; whoever waited takes the winner's token (RF-1, RF-2).
 *
 * Answers within the time limit of a token endpoint and half a second.
 *
 * @param grant - owned by the caller; its generation is the authorization that is meant
 * @returns `expiresAtMs` on the monotonic clock, counted from the provider's answer (RF-9)
 * @throws {NeedsReconnectError} only a new sign-in helps (`reason` says why)
 * @throws {ProviderUnavailableError} network, 429, 5xx: nobody asks again before `remedy.afterSeconds`
 * @throws {AppRefusedError} an admin of the provider has to change something; the token is kept
 * @throws {RefreshBusyError} under way elsewhere, or not begun: safe to repeat
 * @see RFC 6749 §6 and §5.2; RFC 9700 §4.14 (rotation)
 */
export const freshAccessToken = (
  deps: { refreshes: RefreshEngine },
  grant: WantedGrant,
  need?: TokenNeed,
): Promise<LiveAccessToken> => deps.refreshes.fresh(grant, need);

const refusals = ["provider_unavailable", "needs_reconnect", "app_refused"].map(
  (name) => `grants.${name}`,
);

/** Why there was no token, for whoever explains it; null for any other failure. */
export function reasonOfRefusal(error: unknown): ReasonCode | null {
  const { code, reason } = (error ?? {}) as { code?: unknown; reason?: unknown };
  const isRefusal = typeof code === "string" && refusals.includes(code);
  return isRefusal && typeof reason === "string" && isReasonCode(reason) ? reason : null;
}
