import { createHmac } from "node:crypto";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { EndedOnPageError } from "#lib/simulator/kit/walk.ts";
import { seededApps } from "#lib/simulator/salesforce/companies.ts";
import { oauthErrors } from "#lib/simulator/salesforce/errors.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import {
  callback,
  challenge,
  dana,
  haldenHost,
  loginHost,
  type Params,
  refusal,
  testClient,
  verifier,
} from "#lib/simulator/salesforce/test-client.ts";

const client = await testClient();
const { simulator } = client;
const portalSecret = simulator.salesforce.app(seededApps.brightwaterPortal).secret;

beforeEach(() => {
  simulator.faults.clear();
  simulator.salesforce.settings.processingWindowSeconds = 0;
});

describe("authorize", () => {
  test("a sign-in ends at the callback with a code that needs decoding once, and the state", async () => {
    const query = await client.approve();
    expect(query.get("state")).toBe("state-1");
    expect(query.get("code")).toMatch(/^aPrx.*==$/);
  });

  const pages: [string, Params, string][] = [
    [
      "an unknown client",
      { client_id: "3MVG9nobody" },
      "error=invalid_client_id&error_description=client%20identifier%20invalid",
    ],
    ["a missing callback", { redirect_uri: undefined }, "error=redirect_uri_missing"],
    [
      "a callback that is not registered",
      { redirect_uri: `${callback}/` },
      "error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration",
    ],
  ];
  test.each(pages)("%s is told on a page and never to the app", async (_, authorize, text) => {
    const answer = await fetch(client.authorizeUrl({ authorize }), { redirect: "manual" });
    expect([answer.status, answer.headers.get("location")]).toEqual([400, null]);
    expect((await answer.text()).replaceAll("&amp;", "&")).toContain(text);
  });

  const redirects: [string, Parameters<typeof client.approve>[0], string][] = [
    [
      "an unknown response type",
      { authorize: { response_type: "token" } },
      "unsupported_response_type",
    ],
    [
      "a scope that the app does not have",
      { authorize: { scope: "api pardot_api" } },
      "invalid_scope",
    ],
    ["a scope that does not exist", { authorize: { scope: "everything" } }, "invalid_scope"],
    [
      "no challenge where the app wants one",
      { authorize: { code_challenge: undefined } },
      "invalid_request",
    ],
    ["a plain challenge", { authorize: { code_challenge_method: "plain" } }, "invalid_request"],
    ["a challenge that is no SHA-256", { authorize: { code_challenge: "abc" } }, "invalid_request"],
    ["a denial", { decision: "deny", authorize: { prompt: "login consent" } }, "access_denied"],
    [
      "a silent attempt without a session",
      { authorize: { immediate: "true" } },
      "immediate_unsuccessful",
    ],
    [
      "a packaged app that is not installed",
      { username: "ines.barragan@casalumbre.example" },
      "OAUTH_EC_APP_NOT_FOUND",
    ],
    [
      "another org's local app",
      { app: seededApps.haldenLocal, username: "ines.barragan@casalumbre.example" },
      "OAUTH_AUTHORIZATION_BLOCKED",
    ],
    [
      "a user whom no admin approved",
      { app: seededApps.haldenApproved, username: "jonas.makela@halden.example" },
      "OAUTH_APP_ACCESS_DENIED",
    ],
    [
      "a connected app that nobody installed",
      { app: seededApps.uninstalled, username: "jonas.makela@halden.example" },
      "OAUTH_APPROVAL_ERROR_GENERIC",
    ],
    [
      "an API-only user",
      { username: "halden.integration@halden.example" },
      "OAUTH_APPROVAL_ERROR_GENERIC",
    ],
    [
      "a locked org",
      { host: "test.salesforce.com", username: "walter.nakamura@brightwatercu.example.staging" },
      "inactive_org",
    ],
    [
      "an org that enforces PKCE",
      {
        app: seededApps.uninstalled,
        username: "ines.barragan@casalumbre.example",
        authorize: { code_challenge: undefined },
      },
      "invalid_request",
    ],
  ];
  test.each(redirects)("%s is told to the app by redirect", async (_, flow, error) => {
    const query = await client.approve(flow);
    expect([query.get("error"), query.get("state"), query.get("code")]).toEqual([
      error,
      "state-1",
      null,
    ]);
  });

  test.each([
    ["a sandbox user at the production login", dana.concat(".uat"), loginHost],
    ["a production user at the sandbox login", dana, "test.salesforce.com"],
    ["a user of another org at a My Domain", dana, "casalumbre.my.salesforce.com"],
    ["an inactive user", "piet.verhoeven@halden.example", loginHost],
    ["a user whom nobody knows", "nobody@halden.example", loginHost],
  ])("%s stays on the login page", async (_, username, host) => {
    await expect(client.approve({ username, host })).rejects.toThrow(/check your username/);
  });

  test("a wrong password stays on the login page, also for a demo user", async () => {
    const username = "maya.lindqvist@northpine.example";
    const form = { username, password: "wrong", continue: new URL(client.authorizeUrl()).search };
    const answer = await client.post(loginHost, "/services/oauth2/sign-in", form);
    expect(await answer.text()).toContain("check your username");
  });

  test("only the demo's people are offered for one press, and nobody else can be picked that way", async () => {
    const page = await (await fetch(client.authorizeUrl())).text();
    expect(page).toContain("Continue as Maya Lindqvist");
    expect(page).not.toContain("Dana");
    const answer = await client.post(loginHost, "/services/oauth2/sign-in", { choose: dana });
    expect(await answer.text()).toContain("check your username");
  });

  test("a fresh app is unknown until its change has arrived, 2 to 10 minutes later", async () => {
    const fresh = { ...simulator.salesforce.app(seededApps.studio), clientId: "3MVG9fresh" };
    const { availableInSeconds } = simulator.salesforce.addFreshApp(fresh);
    expect(availableInSeconds).toBeGreaterThanOrEqual(120);
    expect(availableInSeconds).toBeLessThanOrEqual(600);
    await expect(client.approve({ app: "3MVG9fresh" })).rejects.toThrow(EndedOnPageError);
    simulator.clock.advanceSeconds(availableInSeconds);
    expect((await client.approve({ app: "3MVG9fresh" })).get("code")).not.toBeNull();
  });
});

describe("token", () => {
  test("the answer has the contract's fields, no expires_in, and a signature that fits", async () => {
    const answer = await client.redeem();
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const body = (await answer.json()) as Record<string, string>;
    expect(Object.keys(body).sort()).toEqual([
      "access_token",
      "id",
      "id_token",
      "instance_url",
      "issued_at",
      "refresh_token",
      "scope",
      "signature",
      "token_type",
    ]);
    expect(body.access_token).toMatch(/^00D\w{12}![\w.]+$/);
    expect(body.instance_url).toBe(client.at(haldenHost, ""));
    expect(body.issued_at).toBe(String(simulator.clock.nowMs()));
    const { secret } = simulator.salesforce.app(seededApps.studio);
    const signed = createHmac("sha256", secret)
      .update(`${body.id}${body.issued_at}`)
      .digest("base64");
    expect(body.signature).toBe(signed);
  });

  test("the id_token is signed by the key at /id/keys and carries the nonce", async () => {
    const { id_token = "" } = await client.connect({ authorize: { nonce: "n-1" } });
    const keys = createRemoteJWKSet(new URL(client.at(loginHost, "/id/keys")));
    const currentDate = new Date(simulator.clock.nowMs());
    const { payload } = await jwtVerify(id_token, keys, {
      audience: seededApps.studio,
      currentDate,
    });
    expect(payload.nonce).toBe("n-1");
  });

  const refusals: [string, Params, [number, string, string]][] = [
    [
      "no code verifier",
      { code_verifier: undefined },
      [400, "invalid_grant", "invalid code verifier"],
    ],
    [
      "a wrong code verifier",
      { code_verifier: "w".repeat(64) },
      [400, "invalid_grant", "invalid code verifier"],
    ],
    [
      "a code verifier that is too short",
      { code_verifier: "v" },
      [400, "invalid_grant", "invalid code verifier"],
    ],
    [
      "another callback",
      { redirect_uri: "https://studio.meshmesh.example/auth/salesforce-callback" },
      [400, "redirect_uri_mismatch", "redirect_uri must match configuration"],
    ],
    [
      "no callback",
      { redirect_uri: undefined },
      [400, "redirect_uri_missing", "redirect_uri not provided"],
    ],
    [
      "another client's code",
      { client_id: seededApps.lenient },
      [400, "invalid_grant", "invalid authorization code"],
    ],
    [
      "an unknown client",
      { client_id: "nobody" },
      [400, "invalid_client_id", "client identifier invalid"],
    ],
    [
      "a wrong secret of a public app",
      { client_secret: "x" },
      [400, "invalid_client", "invalid client credentials"],
    ],
    [
      "a code decoded twice",
      { code: "aPrx" },
      [400, "invalid_grant", "invalid authorization code"],
    ],
    [
      "no grant type",
      { grant_type: undefined },
      [400, "unsupported_grant_type", "grant type not supported"],
    ],
    [
      "the password grant",
      { grant_type: "password", username: dana },
      [400, "unsupported_grant_type", "grant type not supported"],
    ],
    [
      "a grant type named like a built-in",
      { grant_type: "constructor" },
      [400, "unsupported_grant_type", "grant type not supported"],
    ],
  ];
  test.each(refusals)("%s is refused", async (_, token, expected) => {
    expect(await refusal(await client.redeem({ token }))).toEqual(expected);
  });

  test("a verifier without a challenge is refused", async () => {
    const app = seededApps.brightwaterPortal;
    const authorize = { code_challenge: undefined, scope: "api refresh_token" };
    const flow = { app, authorize, token: { client_secret: portalSecret } };
    expect((await refusal(await client.redeem(flow)))[2]).toBe("unexpected code verifier");
    const without = { ...flow, token: { client_secret: portalSecret, code_verifier: undefined } };
    expect((await client.redeem(without)).status).toBe(200);
  });

  test("a code is good for fifteen minutes, once, and at the host where it was given", async () => {
    const form = async () => ({
      grant_type: "authorization_code",
      code: (await client.approve()).get("code") as string,
      client_id: seededApps.studio,
      redirect_uri: callback,
      code_verifier: verifier,
    });
    const first = await form();
    expect(await refusal(await client.token(first, "test.salesforce.com"))).toEqual([
      400,
      "unsupported_grant_type",
      "grant type not supported",
    ]);
    expect((await client.token(first)).status).toBe(200);
    expect(await refusal(await client.token(first))).toEqual([
      400,
      "invalid_grant",
      "expired authorization code",
    ]);
    const late = await form();
    simulator.clock.advanceSeconds(15 * 60);
    expect(await refusal(await client.token(late))).toEqual([
      400,
      "invalid_grant",
      "expired authorization code",
    ]);
  });

  test("JSON is not read: the grant type is missing", async () => {
    const body = JSON.stringify({ grant_type: "client_credentials" });
    const headers = { "content-type": "application/json" };
    const answer = await fetch(client.at(loginHost, "/services/oauth2/token"), {
      method: "POST",
      body,
      headers,
    });
    expect(await refusal(answer)).toEqual([
      400,
      "unsupported_grant_type",
      "grant type not supported",
    ]);
  });

  test("a charset on the form and a chunked body are read", async () => {
    const { refresh_token } = await client.connect();
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token,
      client_id: seededApps.studio,
    });
    const answer = await fetch(client.at(loginHost, "//services/oauth2//token"), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" },
      body: new Blob([form.toString()]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(answer.status).toBe(200);
  });

  test("GET is refused", async () => {
    const answer = await fetch(
      client.at(loginHost, "/services/oauth2/token?grant_type=refresh_token"),
    );
    expect(await refusal(answer)).toEqual([400, "invalid_request", "must use HTTP POST"]);
  });

  test("a secret goes in the body or in the header, never both; a wrong one in the header is 401", async () => {
    const app = seededApps.brightwaterPortal;
    const basic = (secret: string) => ({
      authorization: `Basic ${Buffer.from(`${app}:${secret}`).toString("base64")}`,
    });
    const tokens = await client.connect({
      app,
      authorize: { code_challenge: undefined, scope: "api refresh_token" },
      token: { client_secret: portalSecret, code_verifier: undefined },
    });
    const form = { grant_type: "refresh_token", refresh_token: tokens.refresh_token };
    expect((await client.token(form, loginHost, basic(portalSecret))).status).toBe(200);
    expect(
      (await client.token({ ...form, client_secret: portalSecret }, loginHost, basic(portalSecret)))
        .status,
    ).toBe(400);
    expect((await refusal(await client.token(form, loginHost, basic("x")))).slice(0, 2)).toEqual([
      401,
      "invalid_client",
    ]);
    expect(await refusal(await client.refresh(tokens.refresh_token, app))).toEqual([
      400,
      "invalid_client",
      "invalid client credentials",
    ]);
  });

  test.each(
    Object.entries(oauthErrors).filter(([, row]) =>
      (row.places as readonly string[]).includes("token"),
    ),
  )("%s can be forced at the token endpoint, and uses nothing up", async (_, row) => {
    const { refresh_token } = await client.connect();
    simulator.faults.set(salesforceFaults.tokenError, row, { user: dana, times: 1 });
    const [, error, description] = await refusal(await client.refresh(refresh_token));
    expect([error, description]).toEqual([row.error, row.description]);
    expect((await client.refresh(refresh_token)).status).toBe(200);
  });

  test.each(
    Object.entries(oauthErrors).filter(([, row]) =>
      (row.places as readonly string[]).includes("redirect"),
    ),
  )("%s can be forced on the redirect, for one user", async (_, row) => {
    simulator.faults.set(salesforceFaults.authorizeError, row, { user: dana });
    expect((await client.approve()).get("error")).toBe(row.error);
    const username = "sylvie.orrin@orrinvale.example";
    expect((await client.approve({ username })).get("error")).toBeNull();
  });

  test("PKCE can be forgotten by the provider, for a client that checks", async () => {
    simulator.faults.set(salesforceFaults.pkceIgnored, true, { app: seededApps.studio });
    expect((await client.redeem({ token: { code_verifier: "w".repeat(64) } })).status).toBe(200);
  });

  test("a challenge without a method means S256", () => expect(challenge).toHaveLength(43));
});
