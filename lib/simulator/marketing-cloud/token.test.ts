import { describe, expect, test } from "vitest";
import { marketingCloudFaults } from "./switches.ts";
import { halden, s256, testCloud } from "./testing.ts";

const verifier = "w".repeat(60);
const pkce = { code_challenge: s256(verifier), code_challenge_method: "S256" };

describe("the answer", () => {
  test("has the vendor's fields, with instance addresses that end in a slash", async () => {
    const { signIn, trade } = testCloud();
    const { json, headers } = await trade((await signIn()).get("code"));
    expect(json).toEqual({
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+$/),
      refresh_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 1079,
      scope: expect.stringContaining("data_extensions_read"),
      rest_instance_url: `https://${halden.subdomain}.rest.marketingcloudapis.com/`,
      soap_instance_url: `https://${halden.subdomain}.soap.marketingcloudapis.com/`,
    });
    expect(json.access_token).toHaveLength(512);
    expect(json.refresh_token).toHaveLength(512);
    expect(headers["cache-control"]).toBe("no-store");
    const claims = JSON.parse(
      Buffer.from(json.access_token.split(".")[1], "base64url").toString("utf8"),
    );
    expect(claims).toMatchObject({ eid: halden.mids.parent, client_type: "Public" });
  });

  test.each([
    ["without-slash", `https://${halden.subdomain}.rest.marketingcloudapis.com`],
    ["bare-host", `${halden.subdomain}.rest.marketingcloudapis.com`],
  ] as const)("instance addresses can come %s", async (style, address) => {
    const { clientCredentials, faults } = testCloud();
    faults.set(marketingCloudFaults.instanceUrls, style);
    expect((await clientCredentials()).json.rest_instance_url).toBe(address);
  });

  test("expires_in can say 1200; the token lives 1200 seconds either way", async () => {
    const { clientCredentials, clock, faults, userinfo } = testCloud();
    faults.set(marketingCloudFaults.expiresInSeconds, 1200);
    const { json } = await clientCredentials();
    expect(json.expires_in).toBe(1200);
    clock.advanceSeconds(1199);
    expect((await userinfo(json.access_token)).status).toBe(200);
    clock.advanceSeconds(1);
    expect((await userinfo(json.access_token)).status).toBe(401);
  });

  test("a form body works as well as JSON", async () => {
    const { send, signIn, url } = testCloud();
    const answer = await send("POST", url("auth", "/v2/token"), {
      headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
      body: new URLSearchParams({
        grant_type: "authorization_code",
        client_id: halden.publicApp,
        redirect_uri: halden.callback,
        code: (await signIn()).get("code") ?? "",
      }).toString(),
    });
    expect(answer.status).toBe(200);
  });
});

describe("codes", () => {
  test("work once; a second use ends what the first one brought", async () => {
    const { signIn, trade, userinfo } = testCloud();
    const code = (await signIn()).get("code");
    const { json } = await trade(code);
    const again = await trade(code);
    expect([again.status, again.json.error]).toEqual([400, "invalid_grant"]);
    expect((await userinfo(json.access_token)).status).toBe(401);
  });

  test("live five minutes", async () => {
    const { clock, signIn, trade } = testCloud();
    const late = (await signIn()).get("code");
    clock.advanceSeconds(300);
    expect((await trade(late)).json.error).toBe("invalid_grant");
    const soon = (await signIn()).get("code");
    clock.advanceSeconds(299);
    expect((await trade(soon)).status).toBe(200);
  });

  test("are bound to the client, the redirect and the tenant", async () => {
    const { signIn, token, trade } = testCloud();
    const code = (await signIn()).get("code");
    const other = { client_id: halden.webApp, client_secret: halden.webSecret };
    expect((await trade(code, other)).json.error).toBe("invalid_grant");
    const elsewhere = { redirect_uri: "https://auth.meshmesh.example/sfmc-callback" };
    expect((await trade(code, elsewhere)).json.error).toBe("invalid_request");
    const encoded = { redirect_uri: encodeURIComponent(halden.callback) };
    expect((await trade(code, encoded)).json.error).toBe("invalid_request");
    const elsewhereTenant = await token(
      {
        grant_type: "authorization_code",
        client_id: halden.publicApp,
        code,
        redirect_uri: halden.callback,
      },
      "mc9w2r6v5s8jd0zl4t7k1xq3hb6n",
    );
    expect(elsewhereTenant.json.error).toBe("invalid_client");
    expect((await trade(code)).status).toBe(200);
  });

  test.each([
    ["the right verifier", { code_verifier: verifier }, 200],
    ["a wrong verifier", { code_verifier: "x".repeat(60) }, 400],
    ["no verifier", {}, 400],
  ])("with a challenge sent, %s gives %s", async (_name, change, status) => {
    const { signIn, trade } = testCloud();
    expect((await trade((await signIn(pkce)).get("code"), change)).status).toBe(status);
  });

  test("with no challenge sent, no verifier is demanded", async () => {
    const { signIn, trade } = testCloud();
    expect((await trade((await signIn()).get("code"))).status).toBe(200);
  });

  test("a vendor that ignores PKCE takes any verifier", async () => {
    const { faults, signIn, trade } = testCloud();
    faults.set(marketingCloudFaults.pkce, "ignore");
    const code = (await signIn(pkce)).get("code");
    expect((await trade(code, { code_verifier: "wrong" })).status).toBe(200);
  });
});

describe("scopes", () => {
  test.each([
    ["absent at both", undefined, undefined, (scope: string) => scope.split(" ").length > 20],
    [
      "a part at authorize",
      "email_read offline",
      undefined,
      (scope: string) => scope === "email_read offline",
    ],
    [
      "a part at the token call",
      "email_read offline",
      "email_read",
      (scope: string) => scope === "email_read",
    ],
    ["empty at authorize", "", undefined, (scope: string) => scope === ""],
    ["empty at the token call", undefined, "", (scope: string) => scope === ""],
  ])("%s", async (_name, asked, traded, fits) => {
    const { signIn, trade } = testCloud();
    const code = (await signIn({ scope: asked })).get("code");
    const answer = await trade(code, traded === undefined ? {} : { scope: traded });
    expect(answer.status).toBe(200);
    expect(fits(answer.json.scope)).toBe(true);
  });

  test("a token without scopes may say who it is and nothing else", async () => {
    const { connect, get, userinfo } = testCloud();
    const { access } = await connect({ scope: "" });
    expect((await userinfo(access)).status).toBe(200);
    const answer = await get(access, "/interaction/v1/interactions");
    expect([answer.status, answer.json]).toEqual([
      403,
      { message: "Insufficient privileges to complete this action." },
    ]);
  });

  test("more than authorized is refused", async () => {
    const { connect, refresh, signIn, trade } = testCloud();
    const code = (await signIn({ scope: "email_read" })).get("code");
    expect((await trade(code, { scope: "email_read email_send" })).json.error).toBe(
      "invalid_scope",
    );
    const held = await connect({ scope: "email_read offline" });
    expect((await refresh(held.refresh, { scope: "email_send" })).json.error).toBe("invalid_scope");
    expect((await refresh(held.refresh, { scope: "email_read" })).json.scope).toBe("email_read");
  });

  test("a narrower refresh does not narrow the next one", async () => {
    const { connect, refresh } = testCloud();
    const held = await connect({ scope: "email_read offline" });
    const narrow = (await refresh(held.refresh, { scope: "email_read" })).json;
    expect((await refresh(narrow.refresh_token)).json.scope).toBe("email_read offline");
  });

  test("the documented convention gives package scopes at the code exchange", async () => {
    const { faults, signIn, trade } = testCloud();
    faults.set(marketingCloudFaults.convention, "documented");
    const { json } = await trade((await signIn({ scope: "email_read" })).get("code"));
    expect(json.scope.split(" ").length).toBeGreaterThan(20);
  });

  test("scopes that the package lacks can be dropped in silence", async () => {
    const { faults, signIn, trade } = testCloud();
    faults.set(marketingCloudFaults.scopeNotOnPackage, "drop");
    const { json } = await trade((await signIn({ scope: "email_read web_publish" })).get("code"));
    expect(json.scope).toBe("email_read");
  });
});

describe("account_id", () => {
  test.each([halden.mids.nordics, String(halden.mids.nordics)])(
    "%s as given moves the tokens there, and the refresh token with them",
    async (account_id) => {
      const { connect, refresh, userinfo } = testCloud();
      const mid = async (access: string) => (await userinfo(access)).json.organization.member_id;
      const held = await connect({}, halden.dana, { account_id });
      expect(await mid(held.access)).toBe(halden.mids.nordics);
      const next = (await refresh(held.refresh)).json;
      expect(await mid(next.access_token)).toBe(halden.mids.nordics);
      const moved = (await refresh(next.refresh_token, { account_id: halden.mids.outlet })).json;
      expect(await mid(moved.access_token)).toBe(halden.mids.outlet);
    },
  );

  test.each([
    ["a business unit that the person lacks", halden.mids.parent, 401],
    ["one of nobody", 999999999, 401],
    ["a word", "parent", 400],
    ["a negative number", -5, 400],
  ])("%s is refused", async (_name, account_id, status) => {
    const { signIn, trade } = testCloud();
    const code = (await signIn({}, halden.jonas)).get("code");
    expect((await trade(code, { account_id })).status).toBe(status);
  });

  test.each([
    ["refuse-401", 401],
    ["refuse-403", 403],
    ["ignore", 200],
  ] as const)("mode %s", async (mode, status) => {
    const { connect, faults, refresh, userinfo } = testCloud();
    const held = await connect();
    faults.set(marketingCloudFaults.accountId, mode);
    const answer = await refresh(held.refresh, { account_id: halden.mids.dach });
    expect(answer.status).toBe(status);
    if (status === 200) {
      const who = await userinfo(answer.json.access_token);
      expect(who.json.organization.member_id).toBe(halden.mids.parent);
    }
  });
});

describe("client credentials", () => {
  test("give an access token alone, at home or in the business unit asked for", async () => {
    const { clientCredentials, userinfo } = testCloud();
    const home = (await clientCredentials()).json;
    expect(home).not.toHaveProperty("refresh_token");
    expect((await userinfo(home.access_token)).json.organization.member_id).toBe(
      halden.mids.parent,
    );
    const dach = (await clientCredentials({ account_id: halden.mids.dach })).json;
    expect((await userinfo(dach.access_token)).json.organization.member_id).toBe(halden.mids.dach);
  });

  test("a business unit that it is not enabled for fails as the vendor's client check does", async () => {
    const { clientCredentials } = testCloud();
    const answer = await clientCredentials({ account_id: halden.mids.outlet });
    expect([answer.status, answer.json.error]).toEqual([401, "invalid_client"]);
    expect(answer.json.error_description).toMatch(/^Client authentication failed\./);
  });
});
