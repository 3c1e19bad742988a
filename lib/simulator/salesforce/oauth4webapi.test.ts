import * as oauth from "oauth4webapi";
import { expect, test } from "vitest";
import { simulatorClock } from "#lib/simulator/kit/clock.ts";
import { seededApps } from "#lib/simulator/salesforce/companies.ts";
import { callback, dana, loginHost, testClient } from "#lib/simulator/salesforce/test-client.ts";

const client = await testClient({ clock: simulatorClock() });
const insecure = { [oauth.allowInsecureRequests]: true };
const app: oauth.Client = { client_id: seededApps.studio };

test("oauth4webapi discovers, signs in with PKCE, checks the id_token, refreshes and revokes", async () => {
  const issuer = new URL(client.at(loginHost, ""));
  const discovered = await oauth.discoveryRequest(issuer, { ...insecure, algorithm: "oidc" });
  const server = await oauth.processDiscoveryResponse(issuer, discovered);
  const verifier = oauth.generateRandomCodeVerifier();
  const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
  const url = new URL(server.authorization_endpoint as string);
  url.search = new URLSearchParams({
    response_type: "code",
    client_id: app.client_id,
    redirect_uri: callback,
    scope: "openid api refresh_token",
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  }).toString();
  const back = new URL(await client.simulator.salesforce.approve(url.href, { username: dana }));
  const params = oauth.validateAuthResponse(server, app, back, state);
  const answer = await oauth.authorizationCodeGrantRequest(
    server,
    app,
    oauth.None(),
    params,
    callback,
    verifier,
    insecure,
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, app, answer, {
    expectedNonce: nonce,
    requireIdToken: true,
  });
  await oauth.validateApplicationLevelSignature(server, answer, insecure);

  const info = await oauth.userInfoRequest(server, app, tokens.access_token, insecure);
  const subject = oauth.getValidatedIdTokenClaims(tokens)?.sub as string;
  const user = await oauth.processUserInfoResponse(server, app, subject, info);
  expect(user.preferred_username).toBe(dana);

  const refreshToken = tokens.refresh_token as string;
  const again = await oauth.processRefreshTokenResponse(
    server,
    app,
    await oauth.refreshTokenGrantRequest(server, app, oauth.None(), refreshToken, insecure),
  );
  expect(again.refresh_token).not.toBe(refreshToken);
  const newest = again.refresh_token as string;
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, app, oauth.None(), newest, insecure),
  );
  const gone = await oauth.refreshTokenGrantRequest(server, app, oauth.None(), newest, insecure);
  await expect(oauth.processRefreshTokenResponse(server, app, gone)).rejects.toMatchObject({
    error: "invalid_grant",
  });
});
