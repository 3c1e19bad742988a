import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { chooseScopes } from "./account-id.ts";
import { oauthError, scopeOf } from "./core.ts";
import { parseScopes } from "./scopes.ts";
import { readSwitch } from "./switches.ts";
import { clientAuthenticationFailed, type Granted, type TokenCall } from "./token-call.ts";
import { issueAccessToken, startFamily } from "./tokens.ts";

/** client_credentials: an access token alone, in a business unit that the integration is enabled for. */
export function tradeClientCredentials(call: TokenCall): Granted | SimulatorResponse {
  const { core, fields, made, tenant } = call;
  const requested = fields.get("scope");
  const scopes = chooseScopes(
    requested === undefined ? undefined : parseScopes(requested),
    made.scopes,
    made.scopes,
  );
  if ("status" in scopes) return scopes;
  const mid = chooseHome(call);
  if (typeof mid !== "number") return mid;
  const family = startFamily(core, {
    subdomain: tenant.subdomain,
    clientId: made.clientId,
    username: null,
    sessionId: null,
    endsWithSession: false,
  });
  const issue = { tenant, made, family, mid, scopes };
  return { issue, accessToken: issueAccessToken(core, issue).token, refreshToken: null };
}

function chooseHome(call: TokenCall): number | SimulatorResponse {
  const { core, fields, made } = call;
  const given = fields.get("account_id");
  const mode = readSwitch(core.context.faults, "accountId", scopeOf(call, call.subject));
  if (given === undefined || mode === "ignore") return made.homeMid;
  if (!/^[1-9][0-9]{0,14}$/.test(given)) {
    return oauthError(400, "invalid_request", "The value of account_id is not a number.");
  }
  const isEnabled = made.mids.includes(Number(given)) && mode === "honour";
  return isEnabled ? Number(given) : clientAuthenticationFailed();
}
