import { createHash } from "node:crypto";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { chooseMid, chooseScopes } from "./account-id.ts";
import { oauthError, scopeOf } from "./core.ts";
import { parseScopes } from "./scopes.ts";
import type { Code } from "./state.ts";
import { readSwitch } from "./switches.ts";
import type { Granted, TokenCall } from "./token-call.ts";
import { isAllowed, issueAccessToken, issueRefreshToken, startFamily } from "./tokens.ts";

const badCode = () =>
  oauthError(400, "invalid_grant", "The authorization code is invalid or expired.");
const badRequest = (description: string) => oauthError(400, "invalid_request", description);

/** authorization_code: a code works once, within five minutes, for the client and redirect it was made for. */
export function tradeCode(call: TokenCall): Granted | SimulatorResponse {
  const { core, fields, made, tenant } = call;
  const given = fields.get("code");
  const redirectUri = fields.get("redirect_uri");
  if (!given) return badRequest("The code parameter is required.");
  if (!redirectUri) return badRequest("The redirect_uri parameter is required.");
  const code = core.state.codes.get(given);
  const isOurs = code?.clientId === made.clientId && code.subdomain === tenant.subdomain;
  if (!code || !isOurs) return badCode();
  if (code.familyId !== null) {
    // Somebody else had it too: what was made of it ends (RFC 6749 §4.1.2).
    const family = core.state.families.get(code.familyId);
    if (family) family.isRevoked = true;
    return badCode();
  }
  if (code.expiresAtMs <= core.context.clock.nowMs()) return badCode();
  if (code.redirectUri !== redirectUri) {
    return badRequest("The redirect_uri does not match the one of the authorization request.");
  }
  if (!verifierFits(call, code)) {
    return oauthError(400, "invalid_grant", "The code_verifier does not match the challenge.");
  }
  const user = core.directory.findUser(tenant, code.username);
  if (!user || !isAllowed(user, made)) return badCode();
  const mid = chooseMid(call, user, code.mid);
  if (typeof mid !== "number") return mid;
  const scopes = codeScopes(call, code);
  if ("status" in scopes) return scopes;

  const family = startFamily(core, {
    subdomain: tenant.subdomain,
    clientId: made.clientId,
    username: user.username,
    sessionId: code.sessionId,
    endsWithSession: !scopes.includes("offline"),
  });
  code.familyId = family.id;
  const issue = { tenant, made, family, mid, scopes };
  return {
    issue,
    accessToken: issueAccessToken(core, issue).token,
    refreshToken: issueRefreshToken(core, issue).token,
  };
}

function codeScopes(call: TokenCall, code: Code): readonly string[] | SimulatorResponse {
  const { core, fields, made } = call;
  const requested = fields.get("scope");
  // The vendor's text says "package scopes"; a token beyond what was authorized is hard to believe.
  const convention = readSwitch(core.context.faults, "convention", scopeOf(call, call.subject));
  const fallback = convention === "documented" ? made.scopes : code.scopes;
  return chooseScopes(
    requested === undefined ? undefined : parseScopes(requested),
    code.scopes,
    fallback,
  );
}

/** A challenge that was sent is checked; none was sent, none is demanded. */
function verifierFits(call: TokenCall, { challenge }: Code): boolean {
  if (challenge === null) return true;
  if (readSwitch(call.core.context.faults, "pkce", scopeOf(call, call.subject)) === "ignore") {
    return true;
  }
  const verifier = call.fields.get("code_verifier");
  if (!verifier) return false;
  const derived =
    challenge.method === "plain"
      ? verifier
      : createHash("sha256").update(verifier).digest("base64url");
  return derived === challenge.value;
}
