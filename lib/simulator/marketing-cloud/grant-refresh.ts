import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { chooseMid, chooseScopes } from "./account-id.ts";
import { oauthError, scopeOf } from "./core.ts";
import { parseScopes } from "./scopes.ts";
import type { Family, Token } from "./state.ts";
import { readSwitch } from "./switches.ts";
import type { Granted, TokenCall } from "./token-call.ts";
import { graceSeconds, holderOf, issueAccessToken, issueRefreshToken } from "./tokens.ts";

/** Two refreshes this close are two workers of one app, not a thief. */
const concurrencyMs = 1000;

/** The vendor's texts are not recorded; which error it is can be switched. */
export function refuseRefresh(call: TokenCall): SimulatorResponse {
  const { faults } = call.core.context;
  const refusal = readSwitch(faults, "refreshRefusal", scopeOf(call, call.subject));
  return oauthError(refusal.status, refusal.error, "The refresh token is invalid or expired.");
}

/** refresh_token: a whole new pair, in the same business unit or the one `account_id` names. */
export function tradeRefreshToken(call: TokenCall): Granted | SimulatorResponse {
  const { core, fields, made, tenant } = call;
  const given = fields.get("refresh_token");
  if (!given) {
    return oauthError(400, "invalid_request", "The refresh_token parameter is required.");
  }
  const token = core.state.tokens.get(given);
  const family = token && core.state.families.get(token.familyId);
  if (token?.kind !== "refresh" || !family) return refuseRefresh(call);
  if (family.clientId !== made.clientId || family.subdomain !== tenant.subdomain) {
    return refuseRefresh(call);
  }
  if (token.expiresAtMs <= core.context.clock.nowMs()) return refuseRefresh(call);
  const holder = holderOf(core, token, family);
  if (!holder?.user || !mayBeUsed(call, token, family)) return refuseRefresh(call);
  const mid = chooseMid(call, holder.user, token.mid);
  if (typeof mid !== "number") return mid;
  const requested = fields.get("scope");
  const scopes = chooseScopes(
    requested === undefined ? undefined : parseScopes(requested),
    token.scopes,
    token.scopes,
  );
  if ("status" in scopes) return scopes;

  const issue = { tenant, made, family, mid, scopes };
  return {
    issue,
    accessToken: issueAccessToken(core, issue).token,
    refreshToken: nextRefreshToken(call, token, { ...issue, scopes: token.scopes }),
  };
}

/** A narrower access token does not narrow its refresh token (RFC 6749 §6). */
function nextRefreshToken(call: TokenCall, token: Token, issue: Granted["issue"]): string {
  const { core } = call;
  const scope = scopeOf(call, call.subject);
  if (readSwitch(core.context.faults, "rotation", scope) === "off") {
    token.mid = issue.mid;
    return token.token;
  }
  token.usedAtMs ??= core.context.clock.nowMs();
  const isFixed = readSwitch(core.context.faults, "refreshExpiry", scope) === "fixed";
  return issueRefreshToken(core, issue, isFixed ? token.expiresAtMs : undefined).token;
}

function mayBeUsed(call: TokenCall, token: Token, family: Family): boolean {
  if (token.usedAtMs === null) return true;
  const { clock, faults } = call.core.context;
  const scope = scopeOf(call, call.subject);
  const sinceMs = clock.nowMs() - token.usedAtMs;
  if (sinceMs <= concurrencyMs) {
    const behaviour = readSwitch(faults, "concurrentRefresh", scope);
    if (behaviour === "both-succeed") return true;
    if (behaviour === "refuse-second") return false;
  }
  const rotation = readSwitch(faults, "rotation", scope);
  if (rotation === "off") return true;
  if (rotation === "lenient") return sinceMs <= graceSeconds * 1000;
  family.isRevoked = true;
  return false;
}
