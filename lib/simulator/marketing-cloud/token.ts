import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import {
  blocked,
  type Call,
  oauthError,
  rateLimited,
  restError,
  type Subject,
  scopeOf,
  serverError,
  withSubject,
} from "./core.ts";
import { tradeCode } from "./grant-code.ts";
import { tradeClientCredentials } from "./grant-credentials.ts";
import { refuseRefresh, tradeRefreshToken } from "./grant-refresh.ts";
import { readSwitch } from "./switches.ts";
import {
  clientAuthenticationFailed,
  type Granted,
  type TokenCall,
  unauthorizedClientText,
  unknownClient,
} from "./token-call.ts";
import { readTokenFields, type TokenFields, undocumentedField } from "./token-request.ts";
import { hostOf, type Role } from "./world.ts";

const grantTypes = {
  authorization_code: { types: ["public-app", "web-app"], trade: tradeCode },
  refresh_token: { types: ["public-app", "web-app"], trade: tradeRefreshToken },
  client_credentials: { types: ["server-to-server"], trade: tradeClientCredentials },
} as const;

/** `POST /v2/token`: every grant, and the error table of contract 3.3. */
export function handleToken(call: Call): SimulatorResponse {
  if (call.request.method !== "POST") {
    return restError(405, 405, "Method Not Allowed", { allow: "POST" });
  }
  const fields = readTokenFields(call.request);
  if (!(fields instanceof Map)) return fields as SimulatorResponse;
  const subject = subjectOf(call, fields);
  return withSubject(answer(call, fields, subject), subject);
}

/** Who the call is about, found before it is judged: faults are set by app and by user. */
function subjectOf({ core }: Call, fields: TokenFields): Subject {
  const token = core.state.tokens.get(fields.get("refresh_token") ?? "");
  const user =
    core.state.codes.get(fields.get("code") ?? "")?.username ??
    (token && core.state.families.get(token.familyId)?.username);
  const app = fields.get("client_id");
  return { ...(app ? { app } : {}), ...(user ? { user } : {}) };
}

function answer(call: Call, fields: TokenFields, subject: Subject): SimulatorResponse {
  const { core, tenant } = call;
  const scope = scopeOf(call, subject);
  const fault = readSwitch(core.context.faults, "token", scope);
  if (fault === "rate-limited") return rateLimited();
  if (fault === "blocked") return blocked();
  if (fault === "server-error") return serverError();
  const grantType = fields.get("grant_type") ?? "";
  const grant = Object.hasOwn(grantTypes, grantType)
    ? grantTypes[grantType as keyof typeof grantTypes]
    : undefined;
  if (!grant && grantType !== "urn:ietf:params:oauth:grant-type:jwt-bearer") {
    return oauthError(
      400,
      "unsupported_grant_type",
      'Use "authorization_code" or "refresh_token" or "client_credentials" or "urn:ietf:params:oauth:grant-type:jwt-bearer" as the grant_type.',
    );
  }
  const made = core.directory.findPackage(tenant, fields.get("client_id") ?? "");
  if (!made || fault === "unknown-client") return unknownClient();
  // Credentials travel in the body only; `Authorization: Basic` is not read.
  const isSecretRight =
    made.type === "public-app" || fields.get("client_secret") === made.clientSecret;
  if (!isSecretRight || !made.isEnabled || fault === "client-authentication-failed") {
    return clientAuthenticationFailed();
  }
  if (!grant?.types.some((type) => type === made.type)) {
    return oauthError(401, "unauthorized_client", unauthorizedClientText);
  }
  const undocumented = undocumentedField(fields);
  const isStrict = readSwitch(core.context.faults, "pkce", scope) === "refuse-unknown";
  if (undocumented && isStrict) {
    return oauthError(400, "invalid_request", `Unknown parameter: ${undocumented.slice(0, 40)}`);
  }
  const tokenCall: TokenCall = { ...call, fields, made, subject };
  if (fault === "refuse-refresh" && fields.has("refresh_token")) return refuseRefresh(tokenCall);
  if (fault === "refuse-code" && fields.has("code")) {
    return oauthError(400, "invalid_grant", "The authorization code is invalid or expired.");
  }
  const granted = grant.trade(tokenCall);
  return "status" in granted ? granted : toAnswer(tokenCall, granted);
}

function toAnswer(call: TokenCall, { issue, accessToken, refreshToken }: Granted) {
  const { faults } = call.core.context;
  const scope = scopeOf(call, call.subject);
  const style = readSwitch(faults, "instanceUrls", scope);
  const instanceUrl = (role: Role) => {
    const base = call.request.urlFor(hostOf(call.tenant.subdomain, role));
    if (style === "bare-host") return base.replace(/^https?:\/\//, "");
    return style === "with-slash" ? `${base}/` : base;
  };
  return json(
    200,
    {
      access_token: accessToken,
      ...(refreshToken === null ? {} : { refresh_token: refreshToken }),
      token_type: "Bearer",
      expires_in: readSwitch(faults, "expiresInSeconds", scope),
      scope: issue.scopes.join(" "),
      soap_instance_url: instanceUrl("soap"),
      rest_instance_url: instanceUrl("rest"),
    },
    { "cache-control": "no-store" },
  );
}
