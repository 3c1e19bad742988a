import { describe, expect, test } from "vitest";
import { approve } from "./approve.ts";
import { redirectUriProblem } from "./registration.ts";
import { rookhopeCloud } from "./rookhope.ts";
import { marketingCloudFaults } from "./switches.ts";
import { halden, s256, testCloud } from "./testing.ts";

const verifier = "v".repeat(50);

describe("redirect URIs at registration", () => {
  test.each([
    ["https://studio.meshmesh.example/auth/sfmc-callback", null],
    ["https://127.0.0.1:80/", null],
    ["com.meshmesh.studio://callback", null],
    ["http://studio.meshmesh.example/cb", "must be https or a custom scheme"],
    ["http://localhost:3000/cb", "must be https or a custom scheme"],
    ["https://localhost/cb", "may not point to localhost"],
    ["https://app.localhost/cb", "may not point to localhost"],
    ["https://intranet/cb", "must contain a base domain"],
    ["https://*.example.com/cb", "may hold neither spaces nor wildcards"],
    ["https://a.example/cb#x", "may not have a fragment"],
    ["https://a@b.example/cb", "may not name a user"],
    ["javascript://a.example/%0aalert(1)", "must be https or a custom scheme"],
    ["/auth/sfmc-callback", "is not an absolute URL"],
  ])("%s is judged: %s", (uri, problem) => {
    expect(redirectUriProblem(uri, false)).toBe(problem);
  });

  test("only the demo's and Rookhope's packages may register loopback callbacks", () => {
    const { cloud, demo } = testCloud();
    const redirectUris = ["http://localhost:3000/auth/sfmc-callback"];
    cloud.editPackage(demo.clientId, { redirectUris });
    expect(() => cloud.editPackage(halden.publicApp, { redirectUris })).toThrow(/custom scheme/);
    for (const tenant of cloud.tenants()) {
      for (const made of tenant.packages) {
        const ours: string[] = [demo.subdomain, rookhopeCloud.subdomain];
        const isOurs = ours.includes(tenant.subdomain);
        expect(made.allowsLoopbackRedirects).toBe(isOurs);
      }
    }
  });

  test("an eleventh redirect URI is refused", () => {
    const { cloud } = testCloud();
    const redirectUris = Array.from({ length: 11 }, (_, index) => `https://a.example/${index}`);
    expect(() => cloud.editPackage(halden.publicApp, { redirectUris })).toThrow(/at most 10/);
    cloud.editPackage(halden.publicApp, { redirectUris: redirectUris.slice(1) });
  });
});

describe("refusals on the vendor's own page", () => {
  test.each([
    ["an unknown client", { client_id: "x".repeat(24) }, "Invalid client identifier"],
    ["a client of another tenant", { client_id: "k3str3lpublic4x7c2v9m1q8" }, "Invalid client"],
    ["no client", { client_id: undefined }, "Invalid client identifier"],
    ["an unregistered redirect", { redirect_uri: "https://evil.example/" }, "Invalid redirect URI"],
    [
      "a redirect with a slash more",
      { redirect_uri: `${halden.callback}/` },
      "Invalid redirect URI",
    ],
    [
      "a redirect with a query more",
      { redirect_uri: `${halden.callback}?a=1` },
      "Invalid redirect URI",
    ],
    ["no redirect", { redirect_uri: undefined }, "Invalid redirect URI"],
  ])("%s gets a 400 page and no redirect", async (_name, change, text) => {
    const { authorizeUrl, send } = testCloud();
    const answer = await send("GET", authorizeUrl(change));
    expect(answer.status).toBe(400);
    expect(answer.headers["content-type"]).toContain("text/html");
    expect(answer.headers.location).toBeUndefined();
    expect(answer.text).toContain(text);
  });

  test("a repeated redirect_uri gets a page as well", async () => {
    const { authorizeUrl, send } = testCloud();
    const twice = `${authorizeUrl()}&redirect_uri=${encodeURIComponent(halden.callback)}`;
    expect((await send("GET", twice)).status).toBe(400);
  });
});

describe("refusals in the redirect", () => {
  test.each([
    ["response_type token", { response_type: "token" }, "unsupported_response_type"],
    ["a scope that the package lacks", { scope: "email_read web_publish" }, "invalid_scope"],
    ["a scope that does not exist", { scope: "data_extension_read" }, "invalid_scope"],
    [
      "a broken challenge",
      { code_challenge: "short", code_challenge_method: "S256" },
      "invalid_request",
    ],
    [
      "an unknown challenge method",
      { code_challenge: s256(verifier), code_challenge_method: "MD5" },
      "invalid_request",
    ],
  ])("%s", async (_name, change, error) => {
    const { authorizeUrl, send } = testCloud();
    const answer = await send("GET", authorizeUrl(change));
    expect(answer.status).toBe(302);
    const back = new URL(answer.headers.location as string);
    expect(back.origin + back.pathname).toBe(halden.callback);
    expect(back.searchParams.get("error")).toBe(error);
    expect(back.searchParams.get("state")).toBe("s-1");
    expect(back.searchParams.has("code")).toBe(false);
  });

  test("a disabled package answers unauthorized_client with the vendor's words", async () => {
    const { authorizeUrl, cloud, send } = testCloud();
    cloud.editPackage(halden.publicApp, { isEnabled: false });
    const back = new URL((await send("GET", authorizeUrl())).headers.location as string);
    expect(back.searchParams.get("error")).toBe("unauthorized_client");
    expect(back.searchParams.get("error_description")).toBe(
      "The client is not authorized to request an authorization code using this method.",
    );
    expect(back.searchParams.get("error_uri")).toBe("https://developer.salesforce.com/docs");
  });

  test("somebody without a licence signs in and comes back with user_not_licensed", async () => {
    const { signIn } = testCloud();
    const back = await signIn({}, halden.rosa);
    expect(back.get("error")).toBe("user_not_licensed");
    expect(back.get("state")).toBe("s-1");
  });

  test.each(["unauthorized_client", "user_not_licensed", "invalid_scope"] as const)(
    "%s can be switched on for one app",
    async (error) => {
      const { faults, signIn } = testCloud();
      faults.set(marketingCloudFaults.authorize, error, { app: halden.publicApp, times: 1 });
      expect((await signIn()).get("error")).toBe(error);
      faults.set(marketingCloudFaults.authorize, error, { user: halden.jonas });
      expect((await signIn()).has("code")).toBe(true);
      expect((await signIn({}, halden.jonas)).get("error")).toBe(error);
    },
  );
});

describe("sign-in", () => {
  test("a code comes back with the state byte for byte, and without tssd", async () => {
    const { signIn } = testCloud();
    const state = "a+b/c=&%20ü 'x'";
    const back = await signIn({ state });
    expect(back.get("state")).toBe(state);
    expect(back.get("code")?.length).toBeLessThanOrEqual(512);
    expect(back.has("tssd")).toBe(false);
    const payload = JSON.parse(
      Buffer.from(back.get("code")?.split(".")[1] ?? "", "base64url").toString(),
    );
    expect(payload).toMatchObject({ auth_code: expect.any(String), eid: halden.mids.parent });
  });

  test("without state none comes back", async () => {
    const { signIn } = testCloud();
    expect((await signIn({ state: undefined })).has("state")).toBe(false);
  });

  test("tssd comes when switched on, or lies", async () => {
    const { faults, signIn } = testCloud();
    faults.set(marketingCloudFaults.tssd, true, { times: 1 });
    expect((await signIn()).get("tssd")).toBe(halden.subdomain);
    faults.set(marketingCloudFaults.tssd, "mcevil", { times: 1 });
    expect((await signIn()).get("tssd")).toBe("mcevil");
  });

  test("a wrong password stays at the vendor", async () => {
    const { authorizeUrl, asFetch } = testCloud();
    const walk = approve(authorizeUrl(), { username: halden.dana, password: "no" }, asFetch);
    await expect(walk).rejects.toThrow(/not right/);
  });

  test("choosing without a password works at the demo tenant only", async () => {
    const { authorizeUrl, asFetch, demo } = testCloud();
    const demoUrl = authorizeUrl(
      { client_id: demo.clientId, redirect_uri: "http://localhost:3000/auth/sfmc-callback" },
      demo.subdomain,
    );
    const back = await approve(demoUrl, { username: demo.users.maya }, asFetch);
    expect(new URL(back).searchParams.has("code")).toBe(true);
    await expect(approve(authorizeUrl(), { username: halden.dana }, asFetch)).rejects.toThrow(
      /not right/,
    );
  });

  test("a live session passes straight through, until it ends, and at its own tenant only", async () => {
    const { authorizeUrl, clock, demo, send, url } = testCloud();
    const next = authorizeUrl()
      .slice("https://".length)
      .replace(/^[^/]*/, "");
    const login = await send("POST", url("auth", "/login"), {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        next,
        username: halden.dana,
        password: halden.password,
      }).toString(),
    });
    const cookie = String(login.headers["set-cookie"]);
    expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Secure/);
    const headers = { cookie: cookie.split(";")[0] ?? "" };
    const again = await send("GET", authorizeUrl(), { headers });
    expect(again.headers.location).toMatch(/[?&]code=/);
    const there = authorizeUrl(
      { client_id: demo.clientId, redirect_uri: "http://localhost:3000/auth/sfmc-callback" },
      demo.subdomain,
    );
    const elsewhere = await send("GET", there, { headers });
    expect(elsewhere.headers.location).toContain("/login?");
    clock.advanceSeconds(8 * 60 * 60);
    const late = await send("GET", authorizeUrl(), { headers });
    expect(late.headers.location).toContain("/login?");
  });

  test("the login page leads back to authorize and nowhere else", async () => {
    const { send, url } = testCloud();
    for (const next of ["https://evil.example/", "//evil.example", "/logout", ""]) {
      const answer = await send("GET", url("auth", `/login?${new URLSearchParams({ next })}`));
      expect(answer.status).toBe(400);
    }
  });

  test("the browser can turn out to be signed in as somebody else, or elsewhere", async () => {
    const { authorizeUrl, faults, send, trade, userinfo } = testCloud();
    faults.set(marketingCloudFaults.signedInAs, halden.jonas);
    faults.set(marketingCloudFaults.signedInMid, halden.mids.dach);
    const back = new URL((await send("GET", authorizeUrl())).headers.location as string);
    const { json } = await trade(back.searchParams.get("code"));
    const who = (await userinfo(json.access_token)).json;
    expect(who.user.name).toBe(halden.jonas);
    expect(who.organization.member_id).toBe(halden.mids.dach);
  });

  test("signing out ends the session and the tokens that hang on it", async () => {
    const { asFetch, authorizeUrl, send, trade, url, userinfo } = testCloud();
    let cookie = "";
    const remember: typeof asFetch = async (address, init) => {
      cookie = init.headers.cookie ?? cookie;
      return asFetch(address, init);
    };
    const who = { username: halden.dana, password: halden.password };
    const back = await approve(authorizeUrl({ scope: "email_read" }), who, remember);
    const { json } = await trade(new URL(back).searchParams.get("code"));
    const headers = { cookie };
    expect((await send("GET", url("auth", "/logout"), { headers })).status).toBe(200);
    expect((await userinfo(json.access_token)).status).toBe(401);
    const again = await send("GET", authorizeUrl(), { headers });
    expect(again.headers.location).toContain("/login?");
  });

  test("POST with a form is tolerated", async () => {
    const { authorizeUrl, send, url } = testCloud();
    const answer = await send("POST", url("auth", "/v2/authorize"), {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URL(authorizeUrl()).searchParams.toString(),
    });
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toContain("/login?");
  });
});

describe("package edits", () => {
  test("reach authorize at once, or after five minutes when that is switched on", async () => {
    const { authorizeUrl, clock, cloud, faults, send } = testCloud();
    const uri = "https://new.example/cb";
    faults.set(marketingCloudFaults.slowPropagation, true);
    cloud.editPackage(halden.publicApp, { redirectUris: [uri] });
    expect((await send("GET", authorizeUrl({ redirect_uri: uri }))).status).toBe(400);
    clock.advanceSeconds(301);
    expect((await send("GET", authorizeUrl({ redirect_uri: uri }))).status).toBe(302);
  });
});

describe("unknown parameters", () => {
  test("are refused in the strict mode, so that a client falls back to none", async () => {
    const { authorizeUrl, faults, send, signIn, trade } = testCloud();
    faults.set(marketingCloudFaults.pkce, "refuse-unknown");
    const url = authorizeUrl({ code_challenge: s256(verifier), code_challenge_method: "S256" });
    const back = new URL((await send("GET", url)).headers.location as string);
    expect(back.searchParams.get("error")).toBe("invalid_request");
    const code = (await signIn()).get("code");
    expect((await trade(code, { code_verifier: verifier })).json.error).toBe("invalid_request");
    expect((await trade(code)).status).toBe(200);
  });
});
