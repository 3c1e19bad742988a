import { defineFault } from "#lib/simulator/kit/faults.ts";

type OAuthFault = { error: string; description: string; status?: number };

/** Ways in which the JSON of a token answer can lie. */
export type TokenLie =
  | "foreign-instance-url"
  | "lightning-instance-url"
  | "http-instance-url"
  | "instance-url-with-slash"
  | "instance-url-with-path"
  | "missing-instance-url"
  | "foreign-id-url"
  | "malformed-id-url"
  | "other-org-id"
  | "other-user-id"
  | "missing-id"
  | "missing-refresh-token"
  | "missing-access-token"
  | "wrong-token-type"
  | "fewer-scopes";

/** Faults of Salesforce; each may be set for a user, an app, a host, or everybody. */
export const salesforceFaults = {
  /** After sign-in, on the redirect to the app. */
  authorizeError: defineFault<OAuthFault>("salesforce.authorize-error"),
  /** Before sign-in, on a page at the login host; the app is not called. */
  authorizePage: defineFault<OAuthFault>("salesforce.authorize-page"),
  /** JSON at the token endpoint; nothing is consumed. */
  tokenError: defineFault<OAuthFault>("salesforce.token-error"),
  /** The token endpoint forgets to check the code verifier. */
  pkceIgnored: defineFault("salesforce.pkce-ignored"),
  /** Sets or takes away (`null`) parameters of the redirect to the app. */
  redirectParams: defineFault<{ set: Record<string, string | null> }>("salesforce.redirect-params"),
  /** Appends to the redirect as it stands: for a parameter that comes twice. */
  redirectAppend: defineFault<{ text: string }>("salesforce.redirect-append"),
  tokenLie: defineFault<{ lie: TokenLie }>("salesforce.token-lie"),
  /** The user at work is not the one who signed in: identity and userinfo name another. */
  identityOfAnother: defineFault("salesforce.identity-of-another"),
  /** Plain-text refusal of the identity service and userinfo. */
  identityError: defineFault<{ status: number; text: string }>("salesforce.identity-error"),
  /** One entry of the REST error array. */
  restError: defineFault<{ status: number; errorCode: string; message: string }>(
    "salesforce.rest-error",
  ),
  /** Somebody else holds a row that is to be changed: the one named, or any. */
  rowLocked: defineFault<{ id?: string }>("salesforce.row-locked"),
  /** Answer of the revoke endpoint; with a status of the 500s it is merely not up to it. */
  revokeError: defineFault<{
    error: "unsupported_token_type" | "invalid_token" | "temporarily_unavailable";
    status?: number;
  }>("salesforce.revoke-error"),
} as const;
