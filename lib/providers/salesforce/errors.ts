import type { RefreshMeaning } from "#lib/providers/provider.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

/**
 * What Salesforce's words mean (`error` first, then the description in small letters). The order
 * matters: the first line that fits decides.
 */
const meanings: readonly [error: RegExp, description: RegExp, reason: ReasonCode][] = [
  [/^OAUTH_EC_APP_NOT_FOUND$/i, /.*/, "app_not_installed"],
  [/.*/, /external client app is not installed/, "app_not_installed"],
  [/^OAUTH_AUTHORIZATION_BLOCKED$/i, /.*/, "cross_org"],
  [/.*/, /cross-org oauth flows are not supported/, "cross_org"],
  [/^(OAUTH_APP_ACCESS_DENIED|invalid_app_access)$/i, /.*/, "admin_approval_required"],
  [/.*/, /not admin approved/, "admin_approval_required"],
  [/.*/, /hasn't approved this consumer/, "user_not_approved"],
  [/^OAUTH_APPROVAL_ERROR_GENERIC$/i, /.*/, "app_blocked"],
  [/.*/, /code[ _]challenge|proof key/, "pkce_required"],
  [/.*/, /unexpected code verifier/, "pkce_refused"],
  [/.*/, /invalid code verifier/, "authorization_failed"],
  [/^access_denied$/i, /.*/, "access_denied"],
  [/^invalid_scope$/i, /.*/, "missing_scope"],
  [/^invalid_client_id$/i, /.*/, "app_not_found"],
  [/^invalid_client$/i, /.*/, "client_rejected"],
  [/^redirect_uri_(mismatch|missing)$/i, /.*/, "redirect_uri_mismatch"],
  [/^unsupported_grant_type$/i, /.*/, "wrong_environment"],
  [/^unsupported_response_type$/i, /.*/, "grant_type_refused"],
  [/^unauthorized_client$/i, /.*/, "grant_type_refused"],
  [/^inactive_user$/i, /.*/, "user_inactive"],
  [/^inactive_org$/i, /.*/, "org_inactive"],
  [/^rate_limit_exceeded$/i, /.*/, "rate_limited"],
  [/^(server_error|temporarily_unavailable|unknown_error)$/i, /.*/, "provider_down"],
  [/^immediate_unsuccessful$/i, /.*/, "access_denied"],
  [/.*/, /ip restricted|ip address/, "ip_restricted"],
  [/.*/, /login hours/, "login_hours"],
  [/.*/, /expired authorization code/, "code_expired"],
  [/.*/, /invalid authorization code/, "code_expired"],
  [/.*/, /expired access\/refresh token/, "reconnect_required"],
  [/.*/, /already being processed/, "provider_down"],
];

/**
 * @see contract of Salesforce, section 4 (token and authorize errors)
 */
export function salesforceMeaning(error: string, description: string): ReasonCode {
  const words = description.toLowerCase();
  const hit = meanings.find(([name, text]) => name.test(error) && text.test(words));
  return hit?.[2] ?? "authorization_failed";
}

/**
 * What a refused refresh means (RF-8); the order matters. A token that is being processed elsewhere is not
 * dead, and a person whom a policy keeps out comes back with the same token. Only an `invalid_grant` that
 * says nothing else is the end.
 */
const refreshMeanings: readonly [error: RegExp, description: RegExp, meaning: RefreshMeaning][] = [
  [/.*/, /already being processed/, { kind: "transient", reason: "provider_down" }],
  [/^rate_limit_exceeded$/i, /.*/, { kind: "transient", reason: "rate_limited" }],
  [/.*/, /login rate exceeded|logins exceeded/, { kind: "transient", reason: "rate_limited" }],
  [
    /^(server_error|temporarily_unavailable|unknown_error)$/i,
    /.*/,
    { kind: "transient", reason: "provider_down" },
  ],
  [/^inactive_org$/i, /.*/, { kind: "app", reason: "org_inactive" }],
  [/^inactive_user$/i, /.*/, { kind: "person", reason: "user_inactive" }],
  [/.*/, /ip restricted|ip address/, { kind: "app", reason: "ip_restricted" }],
  [/.*/, /login hours/, { kind: "person", reason: "login_hours" }],
  [
    /^(OAUTH_APP_ACCESS_DENIED|invalid_app_access)$/i,
    /.*/,
    { kind: "person", reason: "admin_approval_required" },
  ],
  [/.*/, /not admin approved/, { kind: "person", reason: "admin_approval_required" }],
  [/.*/, /hasn't approved this consumer/, { kind: "person", reason: "user_not_approved" }],
  [/.*/, /authentication failure/, { kind: "person", reason: "authorization_failed" }],
  [/^invalid_grant$/i, /.*/, { kind: "refused", reason: "reconnect_required" }],
  [/^OAUTH_EC_APP_NOT_FOUND$/i, /.*/, { kind: "app", reason: "app_not_installed" }],
  [/.*/, /external client app is not installed/, { kind: "app", reason: "app_not_installed" }],
  [/^OAUTH_AUTHORIZATION_BLOCKED$/i, /.*/, { kind: "app", reason: "cross_org" }],
  [/^OAUTH_APPROVAL_ERROR_GENERIC$/i, /.*/, { kind: "app", reason: "app_blocked" }],
  [/^invalid_client_id$/i, /.*/, { kind: "app", reason: "app_not_found" }],
  [/^invalid_client$/i, /.*/, { kind: "app", reason: "client_rejected" }],
  [/^unsupported_grant_type$/i, /.*/, { kind: "app", reason: "grant_type_refused" }],
  [/^unauthorized_client$/i, /.*/, { kind: "app", reason: "grant_type_refused" }],
  [/^invalid_scope$/i, /.*/, { kind: "app", reason: "missing_scope" }],
  [/^invalid_request$/i, /.*/, { kind: "app", reason: "authorization_failed" }],
];

/** @see contract of Salesforce, sections 3.2 and 4 */
export function salesforceRefreshMeaning(error: string, description: string): RefreshMeaning {
  const words = description.toLowerCase();
  const hit = refreshMeanings.find(([name, text]) => name.test(error) && text.test(words));
  return hit?.[2] ?? { kind: "transient", reason: "authorization_failed" };
}

/** What a refused API call means for a person whose connection is being proven. */
export function salesforceApiMeaning(status: number, body: string): ReasonCode {
  if (/API_DISABLED_FOR_ORG|API_CURRENTLY_DISABLED/.test(body)) return "api_access_denied";
  if (/not valid for use with the REST API|not attached to Agent/.test(body))
    return "missing_scope";
  if (/Wrong_Org|URL_NOT_RESET/.test(body)) return "wrong_environment";
  if (/REQUEST_LIMIT_EXCEEDED/.test(body)) return "api_limit_reached";
  if (/FUNCTIONALITY_NOT_ENABLED/.test(body)) return "feature_not_enabled";
  if (/Inactive/.test(body)) return "user_inactive";
  if (/Bad_OAuth_Token|INVALID_SESSION_ID/.test(body)) return "reconnect_required";
  return apiStatusMeaning(status) ?? statusMeaning(status);
}

/** A refusal of the API whose words say no more than its number. */
function apiStatusMeaning(status: number): ReasonCode | null {
  const meanings: Readonly<Record<number, ReasonCode>> = {
    400: "api_bad_request",
    401: "api_unauthorized",
    403: "api_forbidden",
    404: "api_not_found",
  };
  return meanings[status] ?? null;
}

/** Without words that say more: busy, down (also a page in the place of an answer), or refused. */
export function statusMeaning(status: number): ReasonCode {
  if (status === 429) return "rate_limited";
  return status >= 500 || status < 400 || status === 420 ? "provider_down" : "authorization_failed";
}
