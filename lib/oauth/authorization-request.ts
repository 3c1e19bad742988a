import * as oauth from "oauth4webapi";
import { Secret } from "#lib/core/secret.ts";

export type AuthorizationSecrets = {
  /** 256 random bits. Goes out in the address; only its hash is kept. */
  state: string;
  /** 256 random bits; kept sealed until the code comes back. */
  codeVerifier: Secret;
  codeChallenge: string;
};

/** New `state` and S256 verifier for one authorization run (OA-1; RFC 6749 §10.12, RFC 7636 §4). */
export async function newAuthorizationSecrets(): Promise<AuthorizationSecrets> {
  const codeVerifier = oauth.generateRandomCodeVerifier();
  return {
    state: oauth.generateRandomState(),
    codeVerifier: new Secret(codeVerifier),
    codeChallenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
  };
}

/**
 * The address to send a person to. Parameters are percent-encoded once.
 *
 * @param endpoint - absolute authorize endpoint without a query
 * @see RFC 6749 §4.1.1
 */
export function authorizationUrl(
  endpoint: string,
  request: {
    clientId: string;
    redirectUri: string;
    scopes: readonly string[];
    state: string;
    /** Absent for the rare app that refuses PKCE. */
    codeChallenge?: string;
    extra?: Readonly<Record<string, string>>;
  },
): string {
  const query = new URLSearchParams({
    response_type: "code",
    client_id: request.clientId,
    redirect_uri: request.redirectUri,
    scope: request.scopes.join(" "),
    state: request.state,
    ...(request.codeChallenge
      ? { code_challenge: request.codeChallenge, code_challenge_method: "S256" }
      : {}),
    ...request.extra,
  });
  // Salesforce reads "+" in a scope list as a plus in places: %20 is understood everywhere.
  return `${endpoint}?${query.toString().replaceAll("+", "%20")}`;
}
