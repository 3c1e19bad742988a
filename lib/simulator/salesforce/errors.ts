import { json } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";

/** Where an OAuth error shows: a page at the login host, the redirect to the app, or JSON. */
export type ErrorPlace = "page" | "redirect" | "token";

type Row = { error: string; description: string; places: readonly ErrorPlace[]; status?: number };

/** Every refusal that the contract lists for authorize and token (section 4), with its exact words. */
export const oauthErrors = {
  expiredCode: {
    error: "invalid_grant",
    description: "expired authorization code",
    places: ["token"],
  },
  invalidCode: {
    error: "invalid_grant",
    description: "invalid authorization code",
    places: ["token"],
  },
  expiredToken: {
    error: "invalid_grant",
    description: "expired access/refresh token",
    places: ["token"],
  },
  beingProcessed: {
    error: "invalid_grant",
    description: "token request is already being processed",
    places: ["token"],
  },
  authenticationFailure: {
    error: "invalid_grant",
    description: "authentication failure",
    places: ["token"],
  },
  ipRestricted: { error: "invalid_grant", description: "ip restricted", places: ["token"] },
  loginHours: { error: "invalid_grant", description: "invalid login hours", places: ["token"] },
  notApproved: {
    error: "invalid_grant",
    description: "user hasn't approved this consumer",
    places: ["token"],
  },
  invalidVerifier: {
    error: "invalid_grant",
    description: "invalid code verifier",
    places: ["token"],
  },
  unexpectedVerifier: {
    error: "invalid_request",
    description: "unexpected code verifier",
    places: ["token"],
  },
  invalidAssertion: { error: "invalid_grant", description: "invalid assertion", places: ["token"] },
  expiredAssertion: {
    error: "invalid_grant",
    description: "expired authorization code",
    places: ["token"],
  },
  invalidAudience: {
    error: "invalid_grant",
    description: "audience is invalid",
    places: ["token"],
  },
  unsupportedDomain: {
    error: "invalid_grant",
    description: "request not supported on this domain",
    places: ["token"],
  },
  noRunAsUser: {
    error: "invalid_grant",
    description: "no client credentials user enabled",
    places: ["token"],
  },
  noValidScopes: {
    error: "invalid_scope",
    description: "no valid scopes defined",
    places: ["token"],
  },
  ecaMissingForJwt: {
    error: "invalid_grant",
    description: "External client app is not installed in this org",
    places: ["token"],
  },
  unknownClient: {
    error: "invalid_client_id",
    description: "client identifier invalid",
    places: ["page", "token"],
  },
  badClient: {
    error: "invalid_client",
    description: "invalid client credentials",
    places: ["token"],
  },
  badBasicClient: {
    error: "invalid_client",
    description: "invalid client credentials",
    places: ["token"],
    status: 401,
  },
  twoClientAuthentications: {
    error: "invalid_request",
    description: "client credentials must be sent in one place only",
    places: ["token"],
  },
  httpsRequired: { error: "invalid_request", description: "HTTPS required", places: ["token"] },
  mustPost: { error: "invalid_request", description: "must use HTTP POST", places: ["token"] },
  mustGet: { error: "invalid_request", description: "must use HTTP GET", places: ["page"] },
  missingChallenge: {
    error: "invalid_request",
    description: "missing required code challenge",
    places: ["redirect"],
  },
  invalidChallenge: {
    error: "invalid_request",
    description: "invalid code challenge",
    places: ["redirect"],
  },
  redirectMismatch: {
    error: "redirect_uri_mismatch",
    description: "redirect_uri must match configuration",
    places: ["page", "token"],
  },
  redirectMissing: {
    error: "redirect_uri_missing",
    description: "redirect_uri not provided",
    places: ["page", "token"],
  },
  unsupportedGrant: {
    error: "unsupported_grant_type",
    description: "grant type not supported",
    places: ["token"],
  },
  unsupportedResponse: {
    error: "unsupported_response_type",
    description: "response type not supported",
    places: ["redirect"],
  },
  invalidScope: {
    error: "invalid_scope",
    description: "the requested scope is invalid, unknown, or malformed",
    places: ["redirect", "token"],
  },
  unauthorizedClient: {
    error: "unauthorized_client",
    description: "this flow is not enabled for this app",
    places: ["redirect", "token"],
  },
  inactiveUser: {
    error: "inactive_user",
    description: "user is inactive",
    places: ["redirect", "token"],
  },
  inactiveOrg: {
    error: "inactive_org",
    description: "organization is locked, closed, or suspended",
    places: ["redirect", "token"],
  },
  rateLimit: {
    error: "rate_limit_exceeded",
    description: "number of logins exceeded",
    places: ["redirect", "token"],
  },
  denied: {
    error: "access_denied",
    description: "end-user denied authorization",
    places: ["redirect"],
  },
  immediate: { error: "immediate_unsuccessful", description: "", places: ["redirect"] },
  notAdminApproved: {
    error: "OAUTH_APP_ACCESS_DENIED",
    description: "user is not admin approved to access this app",
    places: ["redirect"],
  },
  notAdminApprovedToken: {
    error: "invalid_app_access",
    description: "user is not admin approved to access this app",
    places: ["token"],
  },
  ecaMissing: {
    error: "OAUTH_EC_APP_NOT_FOUND",
    description: "External client app is not installed in this org",
    places: ["redirect"],
  },
  crossOrg: {
    error: "OAUTH_AUTHORIZATION_BLOCKED",
    description: "Cross-org OAuth flows are not supported for this external client app",
    places: ["redirect"],
  },
  approvalGeneric: {
    error: "OAUTH_APPROVAL_ERROR_GENERIC",
    description: "An unexpected error has occurred during authentication. Please try again.",
    places: ["redirect"],
  },
  unknown: {
    error: "unknown_error",
    description: "retry your request",
    places: ["redirect", "token"],
  },
  pending: {
    error: "authorization_pending",
    description: "authorization pending",
    places: ["token"],
  },
  slowDown: { error: "slow_down", description: "polling too often", places: ["token"] },
  expiredDevice: { error: "expired_token", description: "expired device code", places: ["token"] },
} as const satisfies Record<string, Row>;

export type OAuthErrorName = keyof typeof oauthErrors;
export type OAuthError = { error: string; description: string; status?: number };

/** Thrown inside the OAuth endpoints; the endpoint puts it in its place. */
export class OAuthRefusal extends Error {
  readonly refusal: OAuthError;
  readonly subject: { user?: string; app?: string };
  constructor(refusal: OAuthError | OAuthErrorName, subject: { user?: string; app?: string } = {}) {
    const row: OAuthError = typeof refusal === "string" ? oauthErrors[refusal] : refusal;
    super(`${row.error}: ${row.description}`);
    this.refusal = row;
    this.subject = subject;
  }
}

export const noStore = { "cache-control": "no-store", pragma: "no-cache" } as const;

export const tokenErrorResponse = (refusal: OAuthError): SimulatorResponse =>
  json(
    refusal.status ?? 400,
    { error: refusal.error, error_description: refusal.description },
    refusal.status === 401
      ? { ...noStore, "www-authenticate": 'Basic realm="Salesforce"' }
      : noStore,
  );

/** Refusals of the REST API are arrays, unlike those of the token endpoint. */
export class RestRefusal extends Error {
  readonly status: number;
  readonly errorCode: string;
  readonly fields: readonly string[] | undefined;
  constructor(status: number, errorCode: string, message: string, fields?: readonly string[]) {
    super(message);
    this.status = status;
    this.errorCode = errorCode;
    this.fields = fields;
  }
  toBody(): unknown[] {
    return [
      {
        message: this.message,
        errorCode: this.errorCode,
        ...(this.fields ? { fields: this.fields } : {}),
      },
    ];
  }
}

export const notFound = (message = "The requested resource does not exist") =>
  new RestRefusal(404, "NOT_FOUND", message);
