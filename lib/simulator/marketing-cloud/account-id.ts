import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { oauthError, scopeOf } from "./core.ts";
import { readSwitch } from "./switches.ts";
import type { TokenCall } from "./token-call.ts";
import { findBusinessUnit, type User } from "./world.ts";

/**
 * Decides the business unit of a user's tokens: the one asked for by `account_id`, else the current one.
 *
 * @param currentMid - of the code or of the refresh token
 */
export function chooseMid(
  call: TokenCall,
  user: User,
  currentMid: number,
): number | SimulatorResponse {
  const given = call.fields.get("account_id");
  if (given === undefined) return stillTheirs(user, currentMid);
  const mode = readSwitch(call.core.context.faults, "accountId", scopeOf(call, call.subject));
  if (mode === "ignore") return stillTheirs(user, currentMid);
  if (!/^[1-9][0-9]{0,14}$/.test(given)) {
    return oauthError(400, "invalid_request", "The value of account_id is not a number.");
  }
  if (mode === "refuse-401") return noAccess(401);
  if (mode === "refuse-403") return noAccess(403);
  const unit = findBusinessUnit(call.tenant, Number(given));
  if (unit?.isActive === false) return noAccess(401);
  return stillTheirs(user, Number(given));
}

const stillTheirs = (user: User, mid: number): number | SimulatorResponse =>
  user.mids.includes(mid) ? mid : noAccess(401);

const noAccess = (status: 401 | 403) =>
  oauthError(status, "access_denied", "The user does not have access to the requested account.");

/**
 * The scopes of an access token: those asked for, if all are allowed; `""` gives a token without any.
 *
 * @param fallback - when the field is absent
 */
export function chooseScopes(
  requested: readonly string[] | undefined,
  allowed: readonly string[],
  fallback: readonly string[],
): readonly string[] | SimulatorResponse {
  if (requested === undefined) return fallback;
  if (requested.every((scope) => allowed.includes(scope))) return requested;
  return oauthError(
    400,
    "invalid_scope",
    "The requested scope is invalid, unknown, or exceeds the scope granted.",
  );
}
