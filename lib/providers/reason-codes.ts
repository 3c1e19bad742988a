/** Every way a connect flow, or a grant, can end badly. Stable: in URLs, in the API, in the guide. */
export const reasonCodes = [
  "redirect_uri_mismatch",
  "missing_scope",
  "authorization_failed",
  "access_denied",
  "api_access_denied",
  "user_not_licensed",
  "user_inactive",
  "org_inactive",
  "app_not_installed",
  "app_blocked",
  "admin_approval_required",
  "user_not_approved",
  "app_not_found",
  "client_rejected",
  "grant_type_refused",
  "wrong_environment",
  "cross_org",
  "pkce_required",
  "pkce_refused",
  "code_expired",
  "flow_expired",
  "flow_not_yours",
  "flow_unknown",
  "flow_interrupted",
  "cancelled",
  "cli_required",
  "reconnect_required",
  "refresh_interrupted",
  "grant_pushed_out",
  "definition_changed",
  "ip_restricted",
  "login_hours",
  "wrong_business_unit",
  "business_unit_denied",
  "wrong_identity",
  "tenant_not_found",
  "connection_timeout",
  "provider_down",
  "rate_limited",
  "api_limit_reached",
  "feature_not_enabled",
  "api_bad_request",
  "api_unauthorized",
  "api_forbidden",
  "api_not_found",
  "no_refresh_token",
  "answer_not_trusted",
  "unreadable_secret",
  "server_error",
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export function isReasonCode(value: string): value is ReasonCode {
  return (reasonCodes as readonly string[]).includes(value);
}

/** Where the guide explains a reason at length. */
export const guidePath = (reason: ReasonCode) => `/docs/troubleshooting/${reason}`;

/** The page that explains a reason about one connection. */
export const problemPath = (reason: ReasonCode, connectionId: string) =>
  `/integrations/problem?reason=${reason}&connection=${connectionId}`;
