import * as oauth from "oauth4webapi";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Simulator, startSimulator } from "#lib/simulator/simulator.ts";
import { demoMarketingCloud as demo } from "./demo.ts";

const redirectUri = "http://localhost:3000/auth/sfmc-callback";
const insecure = { [oauth.allowInsecureRequests]: true };
const client: oauth.Client = { client_id: demo.clientId };

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    seed: "clients",
    studioUrl: "http://localhost:3000",
    tls: false,
    control: false,
  });
});
afterAll(() => simulator.close());

function authorizationServer(): oauth.AuthorizationServer {
  const issuer = `${simulator.loopbackUrl}/${demo.authHost}`;
  return {
    issuer,
    authorization_endpoint: `${issuer}/v2/authorize`,
    token_endpoint: `${issuer}/v2/token`,
  };
}

async function callback(verifier: string, scope: string): Promise<URLSearchParams> {
  const as = authorizationServer();
  const state = oauth.generateRandomState();
  const query = new URLSearchParams({
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
  });
  const address = await simulator.marketingCloud.approve(`${as.authorization_endpoint}?${query}`, {
    username: demo.users.maya,
  });
  return oauth.validateAuthResponse(as, client, new URL(address), state);
}

test("oauth4webapi signs in with PKCE and a form body, refreshes, and asks who it is", async () => {
  const as = authorizationServer();
  const verifier = oauth.generateRandomCodeVerifier();
  const parameters = await callback(verifier, "data_extensions_read offline");
  const exchange = () =>
    oauth.authorizationCodeGrantRequest(
      as,
      client,
      oauth.None(),
      parameters,
      redirectUri,
      verifier,
      insecure,
    );
  const first = await oauth.processAuthorizationCodeResponse(as, client, await exchange());
  expect(first).toMatchObject({
    token_type: "bearer",
    expires_in: 1079,
    scope: "data_extensions_read offline",
  });
  let held = first.refresh_token ?? "";
  for (let round = 0; round < 3; round++) {
    const response = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), held, insecure);
    const next = await oauth.processRefreshTokenResponse(as, client, response);
    expect(next.refresh_token).not.toBe(held);
    held = next.refresh_token ?? "";
  }
  const who = await oauth.protectedResourceRequest(
    first.access_token,
    "GET",
    new URL(`${as.issuer}/v2/userinfo`),
    undefined,
    undefined,
    insecure,
  );
  expect(await who.json()).toMatchObject({
    user: { email: demo.users.maya },
    organization: { member_id: demo.mids.parent },
  });
  await expect(
    oauth.processAuthorizationCodeResponse(as, client, await exchange()),
  ).rejects.toMatchObject({ error: "invalid_grant", status: 400 });
});

test("oauth4webapi sees the refusal of a wrong verifier", async () => {
  const as = authorizationServer();
  const parameters = await callback(oauth.generateRandomCodeVerifier(), "offline");
  const wrong = oauth.generateRandomCodeVerifier();
  const response = await oauth.authorizationCodeGrantRequest(
    as,
    client,
    oauth.None(),
    parameters,
    redirectUri,
    wrong,
    insecure,
  );
  await expect(oauth.processAuthorizationCodeResponse(as, client, response)).rejects.toMatchObject({
    error: "invalid_grant",
  });
});

test("oauth4webapi sees a refusal that comes in the redirect", async () => {
  await expect(callback(oauth.generateRandomCodeVerifier(), "web_publish")).rejects.toMatchObject({
    error: "invalid_scope",
  });
});
