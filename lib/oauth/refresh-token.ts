import * as oauth from "oauth4webapi";
import type { Secret } from "#lib/core/secret.ts";
import type { Egress } from "#lib/egress/egress.ts";
import {
  callTokenEndpoint,
  type TokenAnswer,
  type TokenCall,
  tokenEndpointUrl,
} from "#lib/oauth/token-endpoint.ts";

/**
 * Presents a refresh token with one request, never repeated here: with rotation a second presentation of
 * the same token can end the grant (RFC 9700 §4.14).
 *
 * @throws {EgressError} no whole answer; `sentBytes` tells whether the provider may have spent the token
 * @see RFC 6749 §6 and §5.2
 */
export async function presentRefreshToken(
  deps: { egress: Egress },
  call: TokenCall & { refreshToken: Secret },
): Promise<TokenAnswer> {
  const server: oauth.AuthorizationServer = {
    issuer: "https://token-endpoint.invalid",
    token_endpoint: tokenEndpointUrl(call.path),
  };
  return callTokenEndpoint(deps, call, server, (as, client, auth, options) =>
    oauth.refreshTokenGrantRequest(as, client, auth, call.refreshToken.reveal(), options),
  );
}
