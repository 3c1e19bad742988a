import { createHmac, createPublicKey } from "node:crypto";
import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeEach, expect, test } from "vitest";
import { findPrincipal } from "#lib/auth/find-session.ts";
import { linkPendingIdentity } from "#lib/auth/link-identity.ts";
import { answerAuthRequest } from "#lib/auth/next-auth.ts";
import { hashPassword } from "#lib/auth/password.ts";
import { createSignInWays } from "#lib/auth/sign-in-ways.ts";
import { beginAttempt, networkPolicy, throttleKey } from "#lib/auth/throttle.ts";
import { pendingTokenIn } from "#lib/auth/way-cookies.ts";
import { systemRandom } from "#lib/core/ids.ts";
import { createLogger } from "#lib/core/log.ts";
import { Secret } from "#lib/core/secret.ts";
import { createEgress } from "#lib/egress/egress.ts";
import { admitNewcomer } from "#lib/team/admit-newcomer.ts";
import { testDatabase } from "#lib/testing/database.ts";
import { startIssuer } from "#lib/testing/issuer.ts";

const { db, pool } = await testDatabase();
const [issuer, otherIssuer] = await Promise.all([startIssuer(), startIssuer()]);
const egress = createEgress({ issuerOrigins: [issuer.url, otherIssuer.url] });
afterAll(async () => {
  await egress.close();
  await Promise.all([issuer.close(), otherIssuer.close()]);
});

let aheadMs = 0;
const clock = {
  now: () => new Date(Date.now() + aheadMs),
  monotonicMs: () => performance.now() + aheadMs,
};
const lines: string[] = [];
const log = createLogger({ level: "debug", destination: { write: (line) => lines.push(line) } });
const studioUrl = "http://localhost:3000";
const sessions = new Secret(
  Buffer.from("0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff1", "hex"),
);
const waysNow = () =>
  createSignInWays({
    egress,
    clock,
    settings: ([issuer, otherIssuer] as const).map((one, at) => ({
      id: at === 0 ? ("oidc" as const) : ("salesforce" as const),
      name: at === 0 ? "Example SSO" : "Salesforce",
      issuer: one.url,
      clientId: one.clientId,
      clientSecret: new Secret(one.clientSecret),
    })),
  });
const base = { db, clock, random: systemRandom, log, studioUrl, derivedKeys: { sessions } };
const admit: Parameters<typeof answerAuthRequest>[0]["admit"] = (tx, newcomer) =>
  admitNewcomer(tx, base, newcomer);
let deps = { ...base, signInWays: waysNow(), admit };
const client = { address: "203.0.113.7", userAgent: "Test/1.0" };
const password = "velvet otter ninth orbit kayak";
const dana = { userId: systemRandom.uuid(), email: "dana@aurora.example" };
let teamId = "";
const passwordHash = await hashPassword(new Secret(password));

beforeEach(async () => {
  aheadMs = 0;
  lines.length = 0;
  await pool.query("truncate users, teams, rate_limits, spent_states cascade");
  for (const one of [issuer, otherIssuer]) {
    one.lies = {};
    one.requests.length = 0;
    one.person = {
      sub: "u-1",
      email: "Robin@Aurora.Example",
      email_verified: true,
      name: "Robin",
    };
  }
  deps = { ...base, signInWays: waysNow(), admit };
  const createdAt = clock.now();
  teamId = systemRandom.uuid();
  await db.team.create({ data: { id: teamId, name: "Aurora", createdAt } });
  const { userId: id, email } = dana;
  await db.user.create({ data: { id, email, name: "Dana", passwordHash, createdAt } });
  await db.membership.create({ data: { teamId, userId: id, role: "owner", createdAt } });
  await db.teamDomain.create({
    data: { id: systemRandom.uuid(), teamId, domain: "aurora.example", createdAt },
  });
});

async function jsonOf(response: Response | null): Promise<Record<string, string>> {
  if (!response) throw new Error("no such action");
  return response.json();
}

/** A browser as far as cookies go; it keeps what it is given. */
function browser() {
  const jar = new Map<string, string>();
  const given: string[] = [];
  const headers = () =>
    new Headers({ cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") });
  const call = async (
    method: string,
    path: string,
    body: Record<string, string> = {},
    query = new URLSearchParams(),
  ) => {
    const request = { method, headers: headers(), segments: path.split("/"), query };
    const response = await answerAuthRequest(deps, request, body, client);
    for (const cookie of response?.headers.getSetCookie() ?? []) {
      given.push(cookie);
      const [name = "", value = ""] = (cookie.split(";")[0] ?? "").split(/=(.*)/s);
      if (/max-age=0/i.test(cookie) || value === "") jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  const csrfToken = async (): Promise<string> =>
    (await jsonOf(await call("GET", "csrf"))).csrfToken ?? "";
  return {
    jar,
    given,
    headers,
    call,
    principal: () => findPrincipal(deps, headers()),
    /** Leaves for an identity provider. @returns the address there */
    async leave(way = "oidc", fields: Record<string, string> = {}): Promise<string> {
      const form = { csrfToken: await csrfToken(), ...fields };
      return (await jsonOf(await call("POST", `signin/${way}`, form))).url ?? "";
    },
    /** Comes back from it. @returns where the studio sends it next */
    async comeBack(query: URLSearchParams, way = "oidc"): Promise<string | null> {
      const response = await call("GET", `callback/${way}`, {}, query);
      expect(response?.status).toBe(303);
      return response?.headers.get("location") ?? null;
    },
    async signIn(way = "oidc", fields: Record<string, string> = {}): Promise<string | null> {
      const from = way === "oidc" ? issuer : otherIssuer;
      return this.comeBack(from.approve(await this.leave(way, fields)), way);
    },
    async signInByPassword() {
      const form = { email: dana.email, password, json: "true", csrfToken: await csrfToken() };
      return call("POST", "callback/credentials", form);
    },
  };
}

const tokenRequests = () => issuer.requests.filter(({ path }) => path === "/token");
/** What this test left in the audit trail. */
const actions = async (of: { teamId: string | null }) => {
  const events = await db.auditEvent.findMany({ where: of, orderBy: { sequence: "asc" } });
  return events.map(({ action }) => action);
};

test("a newcomer of an allowed mail domain becomes a member, and is known the next time", async () => {
  const robin = browser();
  expect(await robin.signIn("oidc", { returnTo: "/team" })).toBe("/team");
  const principal = await robin.principal();
  expect(principal).toMatchObject({ teamId, role: "member" });
  expect(await db.user.findUnique({ where: { email: "robin@aurora.example" } })).toMatchObject({
    name: "Robin",
    passwordHash: null,
  });
  expect(await actions({ teamId })).toEqual([
    "user.created",
    "user.signed_in",
    "user.identity_linked",
  ]);
  // Known by issuer and subject: whatever becomes of the address.
  issuer.person = { sub: "u-1", email: "robin@elsewhere.example", email_verified: false };
  const later = browser();
  expect(await later.signIn()).toBe("/integrations");
  expect((await later.principal())?.userId).toBe(principal?.userId);
  expect(await db.user.count()).toBe(2);
});

test("what the id token leaves out is asked of the userinfo endpoint, about the same person only", async () => {
  issuer.lies = { thinIdToken: true };
  expect(await browser().signIn()).toBe("/integrations");
  issuer.person = { ...issuer.person, sub: "u-2", email: "kim@aurora.example" };
  issuer.lies = { thinIdToken: true, userinfo: { sub: "u-1" } };
  expect(await browser().signIn()).toBe("/sign-in?problem=auth.way_refused&way=oidc");
  expect(lines.join()).toContain("untrusted:userinfo_subject");
});

test("[WEB-3] a sign-in makes a new session and ends the one that the browser had", async () => {
  const robin = browser();
  await robin.signIn();
  const former = robin.headers();
  const first = await robin.principal();
  await robin.signIn();
  expect((await robin.principal())?.sessionId).not.toBe(first?.sessionId);
  expect(await findPrincipal(deps, former)).toBeNull();
});

test("[WEB-6] every cookie of the way there and back is __Host-, Secure, HttpOnly and Lax", async () => {
  const robin = browser();
  await robin.signIn();
  const names = robin.given.map((cookie) => cookie.split("=")[0]);
  for (const name of ["state", "nonce", "pkce", "way", "session"]) {
    expect(names).toContain(`__Host-studio-${name}`);
  }
  for (const cookie of robin.given) {
    expect(cookie).toMatch(/^__Host-studio-/);
    expect(cookie).toMatch(/; Secure/i);
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(cookie).toMatch(/; Path=\/(;|$)/i);
    expect(cookie).not.toMatch(/domain=/i);
  }
  for (const name of ["state", "nonce", "pkce", "way"]) {
    expect([...robin.jar.keys()], "the run is over").not.toContain(`__Host-studio-${name}`);
  }
});

const past = () => Math.floor(Date.now() / 1_000) - 3_600;
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const stranger = await generateKeyPair("RS256");

test.each<[string, string, (typeof issuer)["lies"]]>([
  ["another nonce", "nonce", { claims: (c) => ({ ...c, nonce: "of-another-run" }) }],
  ["no nonce", "nonce", { claims: ({ nonce: _, ...c }) => c }],
  ["another audience", "audience", { claims: (c) => ({ ...c, aud: "another-client" }) }],
  [
    "an audience beside us, issued to it",
    "audience",
    { claims: (c) => ({ ...c, aud: [c.aud as string, "another"], azp: "another" }) },
  ],
  [
    "two audiences and no authorized party",
    "audience",
    { claims: (c) => ({ ...c, aud: [c.aud as string, "another"] }) },
  ],
  ["another issuer", "issuer", { claims: (c) => ({ ...c, iss: otherIssuer.url }) }],
  ["an end that is past", "expired", { claims: (c) => ({ ...c, iat: past(), exp: past() + 60 }) }],
  ["an age of an hour", "expired", { claims: (c) => ({ ...c, iat: past() }) }],
  ["a beginning in the future", "expired", { claims: (c) => ({ ...c, iat: past() + 9_000 }) }],
  ["no end", "expired", { claims: ({ exp: _, ...c }) => c }],
  ["no subject", "malformed", { claims: ({ sub: _, ...c }) => c }],
  ["no signature", "algorithm", { idToken: (c) => `${encode({ alg: "none" })}.${encode(c)}.` }],
  [
    "an HMAC keyed with the public key",
    "algorithm",
    {
      idToken: (claims, jwk) => {
        const head = `${encode({ alg: "HS256", kid: jwk.kid })}.${encode(claims)}`;
        const pem = createPublicKey({ key: jwk as never, format: "jwk" });
        const secret = pem.export({ type: "spki", format: "pem" });
        return `${head}.${createHmac("sha256", secret).update(head).digest("base64url")}`;
      },
    },
  ],
  [
    "an HMAC keyed with the client's secret",
    "algorithm",
    {
      idToken: (claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: "HS256" })
          .sign(Buffer.from(issuer.clientSecret)),
    },
  ],
  [
    "a stranger's signature under a known key's name",
    "signature",
    {
      idToken: (claims, jwk) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: "RS256", kid: String(jwk.kid) })
          .sign(stranger.privateKey),
    },
  ],
  [
    "a key that comes with the token",
    "unknown_key",
    {
      idToken: (claims) =>
        new SignJWT(claims)
          .setProtectedHeader({ alg: "RS256", kid: "mine", jku: "https://evil.example/keys" })
          .sign(stranger.privateKey),
    },
  ],
  [
    "another type of token",
    "malformed",
    {
      claims: (c) => c,
      idToken: () => "not.a.token",
    },
  ],
])("[WEB-4] an id token with %s makes no session", async (_what, fault, lies) => {
  issuer.lies = lies;
  const robin = browser();
  expect(await robin.signIn()).toBe("/sign-in?problem=auth.way_refused&way=oidc");
  expect(await robin.principal()).toBeNull();
  expect(await db.session.count()).toBe(0);
  expect(await db.user.count()).toBe(1);
  expect(lines.join()).toContain(`untrusted:${fault}`);
});

test("an answer without an id token makes no session", async () => {
  issuer.lies = { idToken: () => "" };
  expect(await browser().signIn()).toBe("/sign-in?problem=auth.way_refused&way=oidc");
  expect(await db.session.count()).toBe(0);
});

test("a key that the provider began to use is fetched, once", async () => {
  await browser().signIn();
  await issuer.rotateKey();
  aheadMs = 60_000;
  issuer.lies = { claims: (c) => ({ ...c, iat: Math.floor(clock.now().getTime() / 1000) }) };
  expect(await browser().signIn()).toBe("/integrations");
  expect(issuer.requests.filter(({ path }) => path === "/keys")).toHaveLength(2);
});

test("[OA-4] a callback that names another issuer, or none where one was promised, is sent nowhere", async () => {
  for (const iss of [otherIssuer.url, null]) {
    const robin = browser();
    const query = issuer.approve(await robin.leave());
    query.delete("iss");
    if (iss) query.set("iss", iss);
    expect(await robin.comeBack(query)).toBe("/sign-in?problem=auth.way_refused&way=oidc");
  }
  expect(tokenRequests()).toHaveLength(0);
});

test("[OA-5] a callback of one provider is void on the other's path", async () => {
  const robin = browser();
  const query = issuer.approve(await robin.leave());
  expect(await robin.comeBack(query, "salesforce")).toBe("/sign-in?problem=auth.sign_in_expired");
  expect(tokenRequests()).toHaveLength(0);
  expect(otherIssuer.requests).toHaveLength(0);
  // Nothing was used up: on its own path it still counts.
  expect(await robin.comeBack(query)).toBe("/integrations");
});

test("[OA-3] an attacker's callback in another browser signs nobody in and uses nothing up", async () => {
  const attacker = browser();
  const query = issuer.approve(await attacker.leave());
  const victim = browser();
  expect(await victim.comeBack(query)).toBe("/sign-in?problem=auth.sign_in_expired");
  await victim.leave();
  expect(await victim.comeBack(query)).toBe("/sign-in?problem=auth.sign_in_expired");
  expect(await victim.principal()).toBeNull();
  expect(tokenRequests()).toHaveLength(0);
  expect(await attacker.comeBack(query)).toBe("/integrations");
});

test("[OA-2] of many copies of one callback one reaches the provider, and a replay none", async () => {
  const robin = browser();
  const query = issuer.approve(await robin.leave());
  const cookies = new Map(robin.jar);
  const copies = await Promise.all(
    Array.from({ length: 8 }, () => {
      const copy = browser();
      for (const [name, value] of cookies) copy.jar.set(name, value);
      return copy.comeBack(query);
    }),
  );
  expect(copies.filter((to) => to === "/integrations")).toHaveLength(1);
  const late = browser();
  for (const [name, value] of cookies) late.jar.set(name, value);
  expect(await late.comeBack(query)).toBe("/sign-in?problem=auth.sign_in_expired&way=oidc");
  expect(await late.principal()).toBeNull();
  expect(tokenRequests()).toHaveLength(1);
});

test("[OA-4] a repeated parameter, both answers at once and none are refused", async () => {
  const robin = browser();
  const good = issuer.approve(await robin.leave());
  const state = good.get("state") ?? "";
  for (const query of [
    new URLSearchParams([...good, ["state", state]]),
    new URLSearchParams([...good, ["error", "access_denied"]]),
    new URLSearchParams({ state }),
    new URLSearchParams([...good, ["id_token", "x.y.z"]]),
  ]) {
    expect(await robin.comeBack(query)).toBe("/sign-in?problem=auth.sign_in_expired");
  }
  expect(tokenRequests()).toHaveLength(0);
});

test("a look with HEAD takes no callback", async () => {
  const robin = browser();
  const query = issuer.approve(await robin.leave());
  expect(await robin.call("HEAD", "callback/oidc", {}, query)).toBeNull();
  expect(await robin.comeBack(query)).toBe("/integrations");
});

test("[OA-7] whatever the provider answers becomes a known word", async () => {
  for (const [error, problem] of [
    ["access_denied", "auth.way_declined"],
    ["temporarily_unavailable", "auth.way_unreachable"],
    ["<script>alert(1)</script>", "auth.way_refused"],
  ] as const) {
    const robin = browser();
    const state = new URL(await robin.leave()).searchParams.get("state") ?? "";
    const query = new URLSearchParams({ error, error_description: "their words", state });
    expect(await robin.comeBack(query)).toBe(`/sign-in?problem=${problem}&way=oidc`);
  }
  const robin = browser();
  const query = issuer.approve(await robin.leave());
  issuer.lies = { status: 503 };
  expect(await robin.comeBack(query)).toBe("/sign-in?problem=auth.way_unreachable&way=oidc");
});

test("[WEB-4] a provider that is down, or describes another, sends nobody anywhere", async () => {
  const fail = () => browser().leave();
  issuer.lies = { status: 503 };
  await expect(fail()).rejects.toMatchObject({ code: "auth.way_unreachable", status: 502 });
  for (const metadata of [
    { issuer: otherIssuer.url },
    { authorization_endpoint: "javascript:alert(1)" },
    { authorization_endpoint: "http://evil.example/authorize" },
    { id_token_signing_alg_values_supported: ["none", "HS256"] },
    { jwks_uri: "file:///etc/passwd", token_endpoint: undefined },
  ]) {
    issuer.lies = { metadata };
    deps = { ...deps, signInWays: waysNow() };
    await expect(fail()).rejects.toMatchObject({ code: "auth.way_misconfigured" });
  }
});

test("[NET-3] no endpoint of a provider leads to a private address or another local port", async () => {
  for (const host of ["http://169.254.169.254", "http://localhost:1", "https://127.0.0.1"]) {
    issuer.lies = { metadata: { token_endpoint: `${host}/token` } };
    deps = { ...deps, signInWays: waysNow() };
    expect(await browser().signIn()).toBe("/sign-in?problem=auth.way_misconfigured&way=oidc");
  }
});

test("an address that nobody verified lets nobody in", async () => {
  for (const about of [
    { email_verified: false },
    { email_verified: undefined },
    { email_verified: "true" },
    { email: undefined },
    { email: ["robin@aurora.example"] },
    { email: "robin@aurora\uff0eexample" },
    { email: "\u212aim@aurora.example" },
    { email: "robin@aurora.example@evil.example" },
  ]) {
    issuer.person = { sub: "u-9", email: "robin@aurora.example", email_verified: true, ...about };
    const to = await browser().signIn();
    expect(to).toBe("/sign-in?problem=auth.email_unverified&way=oidc");
  }
  expect(await db.user.count()).toBe(1);
});

test("only the very domain is allowed, and only while it is", async () => {
  for (const email of [
    "x@sub.aurora.example",
    "x@notaurora.example",
    "x@aurora.example.evil.example",
  ]) {
    issuer.person = { sub: email, email, email_verified: true };
    expect(await browser().signIn()).toBe("/sign-in?problem=auth.not_admitted&way=oidc");
  }
  await db.teamDomain.deleteMany({});
  issuer.person = { sub: "u-1", email: "robin@aurora.example", email_verified: true };
  expect(await browser().signIn()).toBe("/sign-in?problem=auth.not_admitted&way=oidc");
  expect(await db.user.count()).toBe(1);
  expect(await actions({ teamId })).toEqual([]);
  expect((await actions({ teamId: null })).slice(-4)).toEqual(
    Array(4).fill("user.sign_in_refused"),
  );
});

test("whoever was disabled or removed from the team stays out", async () => {
  await browser().signIn();
  const { id } = await db.user.findUniqueOrThrow({ where: { email: "robin@aurora.example" } });
  await db.membership.deleteMany({ where: { userId: id } });
  expect(await browser().signIn()).toBe("/sign-in?problem=auth.not_admitted&way=oidc");
  await db.membership.create({
    data: { teamId, userId: id, role: "member", createdAt: clock.now() },
  });
  await db.user.update({ where: { id }, data: { disabledAt: clock.now() } });
  expect(await browser().signIn()).toBe("/sign-in?problem=auth.not_admitted&way=oidc");
});

test("[WEB-12] an address that is an account's is not merged: the account's person must prove themselves too", async () => {
  issuer.person = { sub: "u-1", email: " DANA@aurora.example ", email_verified: true };
  const visitor = browser();
  expect(await visitor.signIn()).toBe("/sign-in/link");
  expect(await visitor.principal()).toBeNull();
  expect(await db.identity.count()).toBe(0);
  const token = pendingTokenIn(visitor.headers());
  const rows = await pool.query("select p::text as row from pending_identities p");
  expect(JSON.stringify(rows.rows)).not.toContain(token?.reveal());

  // Another person, signed in, cannot take it, and does not use it up.
  const robin = browser();
  otherIssuer.person = { sub: "r", email: "robin@aurora.example", email_verified: true };
  await robin.signIn("salesforce");
  const link = async (who: typeof robin) => {
    const principal = await who.principal();
    if (!principal || !token) throw new Error("nobody");
    return linkPendingIdentity(deps, principal, token, client);
  };
  await expect(link(robin)).rejects.toMatchObject({ code: "auth.link_expired" });

  await visitor.signInByPassword();
  await link(visitor);
  expect(await db.identity.findFirst({ where: { way: "oidc" } })).toMatchObject({
    userId: dana.userId,
    issuer: issuer.url,
    subject: "u-1",
  });
  await expect(link(visitor)).rejects.toMatchObject({ code: "auth.link_expired" });
  const again = browser();
  await again.signIn();
  expect((await again.principal())?.userId).toBe(dana.userId);
});

test("[WEB-12] what waits to be linked waits ten minutes", async () => {
  issuer.person = { sub: "u-1", email: dana.email, email_verified: true };
  const visitor = browser();
  await visitor.signIn();
  const token = pendingTokenIn(visitor.headers()) ?? new Secret("");
  await visitor.signInByPassword();
  const principal = await visitor.principal();
  if (!principal) throw new Error("not signed in");
  aheadMs = 10 * 60_000 + 1_000;
  await expect(linkPendingIdentity(deps, principal, token, client)).rejects.toMatchObject({
    code: "auth.link_expired",
    status: 410,
  });
});

test("[WEB-12] a signed-in person links another way in, of whatever address, after a recent sign-in", async () => {
  const visitor = browser();
  await visitor.signInByPassword();
  issuer.person = { sub: "u-7", email: "dana.private@elsewhere.example", email_verified: false };
  expect(await visitor.signIn("oidc", { intent: "link" })).toBe("/settings?linked=oidc");
  const again = browser();
  await again.signIn();
  expect((await again.principal())?.userId).toBe(dana.userId);

  aheadMs = 16 * 60_000;
  await expect(visitor.leave("salesforce", { intent: "link" })).rejects.toMatchObject({
    code: "auth.recent_sign_in_needed",
  });
  await expect(browser().leave("oidc", { intent: "link" })).rejects.toMatchObject({
    code: "auth.not_signed_in",
  });
});

test("[WEB-12] an identity of one account is not linked to another", async () => {
  await browser().signIn();
  const visitor = browser();
  await visitor.signInByPassword();
  expect(await visitor.signIn("oidc", { intent: "link" })).toBe(
    "/settings?problem=auth.identity_taken&way=oidc",
  );
  expect(await db.identity.count({ where: { userId: dana.userId } })).toBe(0);
});

test("[WEB-12] a link that another session asked for is not made in this one", async () => {
  const visitor = browser();
  await visitor.signInByPassword();
  const query = issuer.approve(await visitor.leave("oidc", { intent: "link" }));
  await visitor.signInByPassword();
  expect(await visitor.comeBack(query)).toBe("/settings?problem=auth.sign_in_expired&way=oidc");
  expect(await db.identity.count()).toBe(0);
});

test("[WEB-5] without the form's own token nobody is sent away, and a GET begins nothing", async () => {
  const robin = browser();
  for (const csrfToken of ["", "made-up"]) {
    await expect(robin.call("POST", "signin/oidc", { csrfToken })).rejects.toMatchObject({
      code: "auth.form_expired",
    });
  }
  expect((await robin.call("GET", "signin/oidc"))?.headers.get("location")).toBe(
    `${studioUrl}/sign-in`,
  );
  expect(await robin.call("POST", "callback/oidc", {})).toBeNull();
  expect(await robin.call("POST", "signin/google", { csrfToken: "x" })).toBeNull();
  expect([...robin.jar.keys()]).not.toContain("__Host-studio-way");
});

test("[OA-10] a sign-in leads to known paths of ours only", async () => {
  for (const returnTo of ["//evil.example", "https://evil.example/", "/\\evil.example", "/api/x"]) {
    expect(await browser().signIn("oidc", { returnTo })).toBe("/integrations");
  }
});

test("[OA-12] a provider that refuses the code is asked once", async () => {
  const robin = browser();
  const query = issuer.approve(await robin.leave());
  query.set("code", "made-up");
  expect(await robin.comeBack(query)).toBe("/sign-in?problem=auth.way_refused&way=oidc");
  expect(tokenRequests()).toHaveLength(1);
});

test("[WEB-2] one network's failing callbacks are slowed", async () => {
  issuer.lies = { idToken: () => "not.a.token" };
  let to: string | null = null;
  for (let n = 0; n < 51; n++) to = await browser().signIn();
  expect(to).toBe("/sign-in?problem=auth.throttled&way=oidc");
});

test("[WEB-2] whoever guesses passwords on a network does not close this way for the others there", async () => {
  const bucket = { key: throttleKey("sign-in-network", "203.0.113.0/24"), policy: networkPolicy };
  for (let n = 0; n < networkPolicy.freeAttempts; n++) await beginAttempt(deps, [bucket]);
  const robin = browser();
  expect(await robin.signIn()).toBe("/integrations");
  expect(await robin.principal()).not.toBeNull();
});

test("[AUD-2] a sign-in that cannot be recorded does not happen", async () => {
  await pool.query("alter table audit_events rename to audit_events_away");
  const robin = browser();
  const to = await robin.signIn();
  await pool.query("alter table audit_events_away rename to audit_events");
  expect(to).toBe("/sign-in?problem=server_error&way=oidc");
  expect(await robin.principal()).toBeNull();
  expect(await db.user.count()).toBe(1);
});

test("[LOG-1] no code, token, state or secret is logged, whatever went wrong", async () => {
  const robin = browser();
  const leaving = await robin.leave();
  const query = issuer.approve(leaving);
  issuer.lies = { claims: (c) => ({ ...c, nonce: "other" }) };
  await robin.comeBack(query);
  const seen = lines.join();
  const { searchParams } = new URL(leaving);
  for (const secret of [
    query.get("code"),
    searchParams.get("state"),
    searchParams.get("nonce"),
    issuer.clientSecret,
    "eyJ",
  ]) {
    expect(seen).not.toContain(secret);
  }
});
