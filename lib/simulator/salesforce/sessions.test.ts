import { generateKeyPairSync } from "node:crypto";
import { SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { seededApps } from "#lib/simulator/salesforce/companies.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import {
  dana,
  haldenHost,
  loginHost,
  refusal,
  type TokenJson,
  testClient,
} from "#lib/simulator/salesforce/test-client.ts";

const client = await testClient();
const { simulator } = client;
const world = simulator.salesforce;
const expired = [400, "invalid_grant", "expired access/refresh token"];
const processing = [400, "invalid_grant", "token request is already being processed"];
const tokenPath = "/services/oauth2/token";

beforeEach(() => {
  simulator.faults.clear();
  world.settings.processingWindowSeconds = 0;
  world.app(seededApps.studio).refreshPolicy = { kind: "infinite" };
});

describe("refresh", () => {
  test("strict rotation: a new token each time, and the old one coming back ends the family", async () => {
    const first = await client.connect();
    const second = (await (await client.refresh(first.refresh_token)).json()) as TokenJson;
    expect(second.refresh_token).not.toBe(first.refresh_token);
    expect((await client.rest(second, "/limits")).status).toBe(200);
    expect(await refusal(await client.refresh(first.refresh_token))).toEqual(expired);
    expect(await refusal(await client.refresh(second.refresh_token))).toEqual(expired);
    expect((await client.rest(second, "/limits")).status).toBe(401);
  });

  test("lenient rotation: the old token is good for a while, later only refused", async () => {
    const app = seededApps.lenient;
    const first = await client.connect({ app });
    const second = (await (await client.refresh(first.refresh_token, app)).json()) as TokenJson;
    const again = (await (await client.refresh(first.refresh_token, app)).json()) as TokenJson;
    expect(again.refresh_token).toBe(second.refresh_token);
    simulator.clock.advanceSeconds(world.settings.lenientWindowSeconds);
    expect(await refusal(await client.refresh(first.refresh_token, app))).toEqual(expired);
    expect((await client.refresh(second.refresh_token, app)).status).toBe(200);
  });

  test("rotation off: no refresh token in the answer, the same one goes on", async () => {
    const flow = { app: "PlatformCLI", authorize: { scope: "refresh_token api web" } };
    const first = await client.connect(flow);
    for (const _ of [1, 2]) {
      const answer = await client.refresh(first.refresh_token, "PlatformCLI");
      expect(await answer.json()).not.toHaveProperty("refresh_token");
    }
  });

  test("an org that enforces rotation does so for apps that have it off", async () => {
    const flow = { app: "PlatformCLI", username: "walter.nakamura@brightwatercu.example" };
    const { refresh_token } = await client.connect(flow);
    const answer = await client.refresh(refresh_token, "PlatformCLI");
    expect(await answer.json()).toHaveProperty("refresh_token");
  });

  test("two requests at once: the second is told that the first is in work, and nothing is lost", async () => {
    const { refresh_token } = await client.connect();
    const held = simulator.faults.set(
      wireFaults.held,
      { stage: "after-work" },
      { path: tokenPath, times: 1 },
    );
    const first = client.refresh(refresh_token);
    await held.reached;
    expect(await refusal(await client.refresh(refresh_token))).toEqual(processing);
    held.release();
    const answer = (await (await first).json()) as TokenJson;
    expect((await client.refresh(answer.refresh_token)).status).toBe(200);
  });

  test("within the window after its first use a token is being processed, after it spent", async () => {
    const { refresh_token } = await client.connect();
    world.settings.processingWindowSeconds = 3;
    expect((await client.refresh(refresh_token)).status).toBe(200);
    expect(await refusal(await client.refresh(refresh_token))).toEqual(processing);
    simulator.clock.advanceSeconds(3);
    expect(await refusal(await client.refresh(refresh_token))).toEqual(expired);
  });

  test("a lost answer has its effect: the token that was sent is spent", async () => {
    const { refresh_token } = await client.connect();
    simulator.faults.set(wireFaults.cut, { stage: "after-work" }, { path: tokenPath, times: 1 });
    await expect(client.refresh(refresh_token)).rejects.toThrow();
    expect(await refusal(await client.refresh(refresh_token))).toEqual(expired);
  });

  test("a connection cut before the work has no effect", async () => {
    const { refresh_token } = await client.connect();
    simulator.faults.set(wireFaults.cut, { stage: "before-work" }, { path: tokenPath, times: 1 });
    await expect(client.refresh(refresh_token)).rejects.toThrow();
    expect((await client.refresh(refresh_token)).status).toBe(200);
  });

  test("the sixth approval drops the oldest without a word", async () => {
    const username = "jonas.makela@halden.example";
    const all: TokenJson[] = [];
    for (let at = 0; at < 6; at += 1) all.push(await client.connect({ username }));
    expect(await refusal(await client.refresh(all[0]?.refresh_token ?? ""))).toEqual(expired);
    expect((await client.refresh(all[1]?.refresh_token ?? "")).status).toBe(200);
  });

  test.each([
    [{ kind: "zero" } as const, 0, 400],
    [{ kind: "unused", seconds: 100 } as const, 100, 400],
    [{ kind: "unused", seconds: 100 } as const, 99, 200],
    [{ kind: "fixed", seconds: 100 } as const, 100, 400],
  ])("policy %o: after %i seconds the answer is %i", async (policy, seconds, status) => {
    world.app(seededApps.studio).refreshPolicy = policy;
    const { refresh_token } = await client.connect();
    simulator.clock.advanceSeconds(seconds);
    expect((await client.refresh(refresh_token)).status).toBe(status);
  });

  test("a foreign host, another client and a user put out of work are refused, and the grant lives on", async () => {
    const { refresh_token } = await client.connect();
    expect(
      await refusal(await client.refresh(refresh_token, undefined, {}, "test.salesforce.com")),
    ).toEqual(expired);
    expect(await refusal(await client.refresh(refresh_token, seededApps.lenient))).toEqual(expired);
    const user = world.world.orgs[0]?.users[0] as { isActive: boolean };
    user.isActive = false;
    expect((await refusal(await client.refresh(refresh_token)))[1]).toBe("inactive_user");
    user.isActive = true;
    expect((await client.refresh(refresh_token, undefined, {}, haldenHost)).status).toBe(200);
  });

  test("more logins in an hour than allowed are refused until the hour has passed", async () => {
    const { refresh_token } = await client.connect();
    world.settings.loginsPerHour = 1;
    expect((await refusal(await client.refresh(refresh_token)))[1]).toBe("rate_limit_exceeded");
    world.settings.loginsPerHour = 3600;
  });
});

describe("sessions", () => {
  test("a session times out when it is not used, and use keeps it alive", async () => {
    const tokens = await client.connect();
    simulator.clock.advanceSeconds(7000);
    expect((await client.rest(tokens, "/limits")).status).toBe(200);
    simulator.clock.advanceSeconds(7199);
    expect((await client.rest(tokens, "/limits")).status).toBe(200);
    simulator.clock.advanceSeconds(7200);
    const answer = await client.rest(tokens, "/limits");
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual([
      { message: "Session expired or invalid", errorCode: "INVALID_SESSION_ID" },
    ]);
  });

  test("revoking a refresh token kills its access tokens, an access token only itself", async () => {
    const revoke = (token: string) => client.post(loginHost, "/services/oauth2/revoke", { token });
    const one = await client.connect();
    const answer = await revoke(one.access_token);
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
    expect((await client.rest(one, "/limits")).status).toBe(401);
    const next = (await (await client.refresh(one.refresh_token)).json()) as TokenJson;
    expect((await revoke(next.refresh_token)).status).toBe(200);
    expect((await client.rest(next, "/limits")).status).toBe(401);
    expect((await refusal(await revoke(next.refresh_token)))[1]).toBe("invalid_token");
  });

  test("introspection needs a secret, and says nothing about others' tokens", async () => {
    const ask = async (token: string, id: string, secret: string) =>
      (await (
        await client.post(loginHost, "/services/oauth2/introspect", {
          token,
          client_id: id,
          client_secret: secret,
        })
      ).json()) as Record<string, unknown>;
    const { access_token } = await client.connect();
    const secretOf = (id: string) => world.app(id).secret;
    expect(
      await ask(access_token, seededApps.brightwaterPortal, secretOf(seededApps.brightwaterPortal)),
    ).toEqual({ active: false });
    expect(await ask(access_token, seededApps.studio, "")).toMatchObject({
      error: "invalid_client",
    });
    const known = await ask(access_token, seededApps.nightlySync, secretOf(seededApps.nightlySync));
    expect(known).toMatchObject({ active: true, username: dana, token_type: "access_token" });
    expect(known.exp).toBe(Math.floor(simulator.clock.nowMs() / 1000) + 7200);
  });

  test("userinfo and identity name the user in their two spellings, and refuse with 403 and a word", async () => {
    const tokens = await client.connect();
    const bearer = { headers: { authorization: `Bearer ${tokens.access_token}` } };
    const info = (await (
      await fetch(client.at(loginHost, "/services/oauth2/userinfo"), bearer)
    ).json()) as Record<string, string>;
    expect(info.preferred_username).toBe(dana);
    const inUrl = await fetch(`${tokens.id}?format=json&oauth_token=${tokens.access_token}`);
    expect(await inUrl.json()).toMatchObject({
      username: dana,
      user_id: info.user_id,
      organization_id: info.organization_id,
    });
    const words = async (url: string, init = {}) => {
      const answer = await fetch(url, init);
      return [answer.status, await answer.text()];
    };
    const id = tokens.id ?? "";
    expect(await words(id)).toEqual([403, "Missing_OAuth_Token"]);
    expect(await words(`${id}?oauth_token=00Dgone`)).toEqual([403, "Bad_OAuth_Token"]);
    expect(await words(id.replace(/00D\w+/, "00DXX0000000001MAA"), bearer)).toEqual([
      403,
      "Wrong_Org",
    ]);
    expect(await words(id.replace(/005\w+$/, "005XX0000000001MAA"), bearer)).toEqual([
      404,
      "Bad_Id",
    ]);
    simulator.faults.set(salesforceFaults.identityError, { status: 403, text: "Inactive" });
    expect(await words(id, bearer)).toEqual([403, "Inactive"]);
  });

  test.each([
    ["foreign-instance-url", "instance_url", /attacker/],
    ["other-org-id", "id", /00DXX/],
    ["missing-refresh-token", "refresh_token", /undefined/],
    ["wrong-token-type", "token_type", /mac/],
  ] as const)("a token answer can lie: %s", async (lie, field, seen) => {
    simulator.faults.set(salesforceFaults.tokenLie, { lie }, { user: dana });
    expect(String((await client.connect())[field])).toMatch(seen);
  });
});

test("the redirect can bring another state, none, or a parameter twice", async () => {
  const { redirectParams, redirectAppend } = salesforceFaults;
  simulator.faults.set(redirectParams, { set: { state: "other" } }, { times: 1 });
  expect((await client.approve()).get("state")).toBe("other");
  simulator.faults.set(redirectParams, { set: { state: null } }, { times: 1 });
  expect((await client.approve()).get("state")).toBeNull();
  simulator.faults.set(redirectAppend, { text: "&code=second" }, { times: 1 });
  expect((await client.approve()).getAll("code")).toHaveLength(2);
});

test("userinfo can name somebody else, and revocation can be refused", async () => {
  const tokens = await client.connect();
  simulator.faults.set(salesforceFaults.identityOfAnother, true, { user: dana });
  const headers = { authorization: `Bearer ${tokens.access_token}` };
  const info = await fetch(client.at(loginHost, "/services/oauth2/userinfo"), { headers });
  expect(((await info.json()) as Record<string, string>).preferred_username).not.toBe(dana);
  simulator.faults.set(salesforceFaults.revokeError, { error: "unsupported_token_type" });
  const answer = client.post(loginHost, "/services/oauth2/revoke", { token: tokens.refresh_token });
  expect((await refusal(await answer))[1]).toBe("unsupported_token_type");
});

describe("grants without a browser", () => {
  const app = world.app(seededApps.nightlySync);
  const orrin = "orrinvale.my.salesforce.com";
  const server = { client_id: app.clientId, client_secret: app.secret };

  test("client credentials work at the My Domain only, as the Run-As user, without refresh token", async () => {
    const form = { grant_type: "client_credentials", ...server };
    const body = (await (await client.token(form, orrin)).json()) as TokenJson;
    expect([body.scope?.includes("api"), body.refresh_token]).toEqual([true, undefined]);
    expect((await client.rest(body, "/limits", {}, orrin)).status).toBe(200);
    expect((await refusal(await client.token(form)))[2]).toBe(
      "request not supported on this domain",
    );
    expect((await refusal(await client.token(form, haldenHost)))[2]).toBe(
      "no client credentials user enabled",
    );
    const studio = world.app(seededApps.studio);
    const other = {
      grant_type: "client_credentials",
      client_id: studio.clientId,
      client_secret: studio.secret,
    };
    expect((await refusal(await client.token(other, orrin)))[1]).toBe("unauthorized_client");
    expect((await refusal(await client.token({ ...form, scope: "refresh_token" }, orrin)))[2]).toBe(
      "no valid scopes defined",
    );
  });

  test("a JWT needs the app's certificate, the right audience, a short life and an approval", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    app.certificatePem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const nowSeconds = Math.floor(simulator.clock.nowMs() / 1000);
    const ask = async (claims: Record<string, unknown> = {}, key = privateKey) => {
      const assertion = await new SignJWT({
        iss: app.clientId,
        sub: "dev.malhotra@orrinvale.example",
        aud: "https://login.salesforce.com",
        exp: nowSeconds + 180,
        ...claims,
      })
        .setProtectedHeader({ alg: "RS256" })
        .sign(key);
      return client.token({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
    };
    expect((await refusal(await ask()))[2]).toBe("user hasn't approved this consumer");
    await client.connect({
      app: app.clientId,
      username: "dev.malhotra@orrinvale.example",
      token: { client_secret: app.secret },
    });
    const answer = (await (await ask()).json()) as TokenJson;
    expect([answer.refresh_token, answer.issued_at]).toEqual([undefined, undefined]);
    expect((await refusal(await ask({ aud: "https://test.salesforce.com" })))[2]).toBe(
      "audience is invalid",
    );
    expect((await refusal(await ask({ exp: nowSeconds + 3600 })))[2]).toBe("invalid assertion");
    expect((await ask({ exp: nowSeconds - 1 })).status).toBe(400);
    const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    expect((await refusal(await ask({}, stranger)))[2]).toBe("invalid assertion");
  });

  test("a device waits, is told to slow down, and is connected by its code", async () => {
    const begun = await client.token({ response_type: "device_code", ...server });
    const { device_code, user_code, interval } = (await begun.json()) as Record<string, string>;
    const poll = () => client.token({ grant_type: "device", code: device_code, ...server });
    expect((await refusal(await poll()))[1]).toBe("authorization_pending");
    expect((await refusal(await poll()))[1]).toBe("slow_down");
    const signIn = await fetch(client.at(loginHost, "/services/oauth2/sign-in"), {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({
        continue: "device=1",
        username: "sylvie.orrin@orrinvale.example",
        password: "Harbour-lantern-42",
      }),
    });
    const cookie = signIn.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const page = await client.post(loginHost, "/setup/connect", { user_code }, { cookie });
    expect(await page.text()).toContain("is connected");
    simulator.clock.advanceSeconds(Number(interval));
    expect((await poll()).status).toBe(200);
    const refused = await client.token({ response_type: "device_code", client_id: "PlatformCLI" });
    expect((await refusal(refused))[1]).toBe("unauthorized_client");
  });
});
