import * as oauth from "oauth4webapi";
import type { Secret } from "#lib/core/secret.ts";
import type { Egress } from "#lib/egress/egress.ts";
import {
  callTokenEndpoint,
  type TokenAnswer,
  type TokenCall,
  tokenEndpointUrl,
} from "#lib/oauth/token-endpoint.ts";

export type CodeExchange = Omit<TokenCall, "isStillWanted"> & {
  /** The callback's query: `state` was matched by its hash before. */
  params: URLSearchParams;
  state: string;
  issuer: string;
  /** The provider promised `iss` in each callback: one without it is not its own. */
  namesItself?: boolean;
  redirectUri: string;
  codeVerifier: Secret | null;
};

/** The callback's `iss` names somebody else than the authorization server noted at the start (RFC 9207). */
export class IssuerMismatchError extends Error {}

/**
 * Trades a code for tokens with one request, never repeated (OA-12).
 *
 * @throws {IssuerMismatchError} before any request
 * @throws {EgressError} the provider could not be reached; `sentBytes` tells whether it may have seen the code
 * @see RFC 6749 §4.1.3, RFC 7636 §4.5, RFC 9207 §2.4
 */
export async function exchangeCode(
  deps: { egress: Egress },
  exchange: CodeExchange,
): Promise<TokenAnswer> {
  const server: oauth.AuthorizationServer = {
    issuer: exchange.issuer,
    token_endpoint: tokenEndpointUrl(exchange.path),
    authorization_response_iss_parameter_supported: exchange.namesItself ?? false,
  };
  const callback = validatedCallback(server, { client_id: exchange.clientId }, exchange);
  const verifier = exchange.codeVerifier ? exchange.codeVerifier.reveal() : oauth.nopkce;
  return callTokenEndpoint(deps, exchange, server, (as, client, auth, options) =>
    oauth.authorizationCodeGrantRequest(
      as,
      client,
      auth,
      callback,
      exchange.redirectUri,
      verifier,
      options,
    ),
  );
}

function validatedCallback(
  server: oauth.AuthorizationServer,
  client: oauth.Client,
  exchange: CodeExchange,
): URLSearchParams {
  try {
    return oauth.validateAuthResponse(server, client, exchange.params, exchange.state);
  } catch {
    // The library's error holds the parameters, and with them the code: not passed on.
    throw new IssuerMismatchError("the callback names another authorization server");
  }
}
