import { expect, test } from "vitest";
import { findPrincipal } from "#lib/auth/find-session.ts";
import { answerAuthRequest } from "#lib/auth/next-auth.ts";
import { hashPassword } from "#lib/auth/password.ts";
import { parseSignInError } from "#lib/auth/schema.ts";
import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { createSignInWays } from "#lib/auth/sign-in-ways.ts";
import { systemRandom } from "#lib/core/ids.ts";
import { createLogger } from "#lib/core/log.ts";
import { Secret } from "#lib/core/secret.ts";
import { createDatabase } from "#lib/db/client.ts";
import { createEgress } from "#lib/egress/egress.ts";
import { testDatabase } from "#lib/testing/database.ts";

const { db, pool } = await testDatabase();
const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
const lines: string[] = [];
const log = createLogger({ level: "debug", destination: { write: (line) => lines.push(line) } });
const studioUrl = "http://localhost:3000";
const key = new Secret(
  Buffer.from("0f1e2d3c4b5a69788796a5b4c3d2e1f00112233445566778899aabbccddeeff1", "hex"),
);
const signInWays = createSignInWays({ settings: [], egress: createEgress(), clock });
const admit = async () => null;
const derivedKeys = { sessions: key };
const deps = { db, clock, random: systemRandom, log, studioUrl, derivedKeys, signInWays, admit };
const password = "velvet otter ninth orbit kayak";
const email = "dana@aurora.example";
const client = { address: "203.0.113.7", userAgent: "Test/1.0" };

const userId = systemRandom.uuid();
const teamId = systemRandom.uuid();
await db.team.create({ data: { id: teamId, name: "Aurora", createdAt: clock.now() } });
const passwordHash = await hashPassword(new Secret(password));
await db.user.create({
  data: { id: userId, email, name: "Dana", passwordHash, createdAt: clock.now() },
});
await db.membership.create({ data: { teamId, userId, role: "owner", createdAt: clock.now() } });

/** A browser as far as cookies go; it keeps what it is given. */
function browser(more: Partial<typeof deps> = {}) {
  const jar = new Map<string, string>();
  const given: string[] = [];
  const headers = () =>
    new Headers({ cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") });
  const call = async (
    method: string,
    path: string,
    body: Record<string, string> = {},
    extra: Record<string, string> = {},
  ) => {
    const sent = headers();
    for (const [name, value] of Object.entries(extra)) sent.set(name, value);
    const request = {
      method,
      headers: sent,
      segments: path.split("/"),
      query: new URLSearchParams(),
    };
    const response = await answerAuthRequest({ ...deps, ...more }, request, body, client);
    for (const cookie of response?.headers.getSetCookie() ?? []) {
      given.push(cookie);
      const [name = "", value = ""] = (cookie.split(";")[0] ?? "").split(/=(.*)/s);
      if (/max-age=0|expires=thu, 01 jan 1970/i.test(cookie) || value === "") jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  const csrfToken = async (): Promise<string> => {
    const response = await call("GET", "csrf");
    return JSON.parse((await response?.text()) ?? "").csrfToken;
  };
  const signIn = async (fields: Record<string, string> = {}) => {
    const form = { email, password, json: "true", csrfToken: await csrfToken(), ...fields };
    return call("POST", "callback/credentials", form);
  };
  const principal = () => findPrincipal({ ...deps, ...more }, headers());
  return { call, csrfToken, given, headers, jar, principal, signIn };
}

/** What next-auth/react makes of an answer. */
async function errorIn(response: Response | null) {
  const { url } = await (response?.json() ?? Promise.resolve({ url: "http://x" }));
  return new URL(url).searchParams.get("error");
}

test("signing in makes a session, the cookie proves it, signing out ends its row", async () => {
  const dana = browser();
  expect(await dana.principal()).toBeNull();
  const response = await dana.signIn();
  expect(response?.status).toBe(200);
  expect(await errorIn(response)).toBeNull();
  expect(await dana.principal()).toMatchObject({ userId, teamId, role: "owner" });
  const stolen = new Headers(dana.headers());
  const visible = await (await dana.call("GET", "session"))?.json();
  expect(visible).toEqual({ user: { name: "Dana", email }, expires: expect.any(String) });
  await dana.call("POST", "signout", { csrfToken: await dana.csrfToken(), json: "true" });
  expect(await dana.principal()).toBeNull();
  expect(await findPrincipal(deps, stolen)).toBeNull();
  expect(await db.session.findFirst({ where: { endedReason: "signed_out" } })).not.toBeNull();
});

test("[WEB-6] every cookie is __Host-, Secure, HttpOnly, SameSite=Lax, for all paths and no domain", async () => {
  const dana = browser();
  await dana.signIn();
  dana.given.push(await sessionSetCookie(deps, new Secret("x".repeat(43))));
  expect(dana.given.some((cookie) => cookie.startsWith("__Host-studio-session="))).toBe(true);
  for (const cookie of dana.given) {
    expect(cookie).toMatch(/^__Host-studio-/);
    expect(cookie).toMatch(/; Secure/i);
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(cookie).toMatch(/; Path=\/(;|$)/i);
    expect(cookie).not.toMatch(/domain=/i);
  }
});

test("[WEB-3] each sign-in has a new id, and the former one of the same browser is dead", async () => {
  const dana = browser();
  await dana.signIn();
  const former = new Headers(dana.headers());
  const first = await dana.principal();
  await dana.signIn();
  expect((await dana.principal())?.sessionId).not.toBe(first?.sessionId);
  expect(await findPrincipal(deps, former)).toBeNull();
});

test("[WEB-1] unknown and wrong get one answer", async () => {
  const answers = [];
  for (const fields of [{ email: "nobody@aurora.example" }, { password: "wrong" }, { email: "" }]) {
    const response = await browser().signIn(fields);
    answers.push([response?.status, await response?.text()]);
  }
  expect(new Set(answers.map(String)).size).toBe(1);
  expect(answers[0]?.[0]).toBe(401);
});

test("[WEB-2] a throttled sign-in says how long to wait", async () => {
  let error: string | null = null;
  for (let n = 0; n < 6; n++) {
    error = await errorIn(await browser().signIn({ email: "slow@aurora.example" }));
  }
  expect(parseSignInError(error)).toEqual({ reason: "throttled", afterSeconds: 15 });
  expect(parseSignInError("CredentialsSignin")).toEqual({ reason: "wrong" });
  expect(parseSignInError("<script>")).toEqual({ reason: "server_error" });
});

test("[WEB-4] the cookie alone proves nothing: without the row, or with another key, nobody is signed in", async () => {
  const dana = browser();
  await dana.signIn();
  const otherKey = { sessions: new Secret(Buffer.from("a1b2".repeat(16), "hex")) };
  expect(await findPrincipal({ ...deps, derivedKeys: otherKey }, dana.headers())).toBeNull();
  const { sessionId } = (await dana.principal()) ?? { sessionId: "" };
  await db.session.delete({ where: { id: sessionId } });
  expect(await dana.principal()).toBeNull();
  expect(await (await dana.call("GET", "session"))?.json()).toEqual({});
});

test("[WEB-4] a missing, short or trivial session key lets nobody in, not even the public pages", async () => {
  const dana = browser();
  await dana.signIn();
  for (const sessions of [
    undefined,
    "text",
    new Secret(""),
    new Secret("short"),
    new Secret(Buffer.alloc(32)),
  ]) {
    const broken = { ...deps, derivedKeys: { sessions: sessions as Secret } };
    await expect(findPrincipal(broken, dana.headers())).rejects.toMatchObject({
      code: "auth.misconfigured",
    });
    await expect(browser(broken).call("GET", "session")).rejects.toMatchObject({ status: 500 });
  }
});

test("[WEB-4] a bearer header, a renamed cookie and next-auth's own names are not looked at", async () => {
  const dana = browser();
  await dana.signIn();
  const value = dana.jar.get("__Host-studio-session") ?? "";
  for (const headers of [
    { authorization: `Bearer ${value}` },
    { cookie: `next-auth.session-token=${value}` },
    { cookie: `studio-session=${value}` },
    { cookie: `__Host-studio-session.0=${value}` },
    { cookie: `__Host-studio-session=${value}; __Host-studio-session=other` },
    { cookie: `__Host-studio-session=${value.slice(0, -3)}` },
    { cookie: "__Host-studio-session=%E0%A4%A" },
  ]) {
    expect(await findPrincipal(deps, new Headers(headers))).toBeNull();
  }
});

test("[WEB-5] a forwarded host does not change where anything leads", async () => {
  const lies = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    host: "evil.example",
  };
  const dana = browser();
  const csrfToken = await dana.csrfToken();
  for (const callbackUrl of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
  ]) {
    const form = { email, password, csrfToken, callbackUrl, json: "true" };
    const response = await dana.call("POST", "callback/credentials", form, lies);
    const { url } = JSON.parse((await response?.text()) ?? "");
    expect(new URL(url).origin).toBe(studioUrl);
  }
  expect(dana.given.join()).not.toContain("evil");
});

test("[WEB-5] without its csrf token the form signs nobody in, and a GET never does", async () => {
  const dana = browser();
  await dana.call("POST", "callback/credentials", { email, password, json: "true" });
  expect(await dana.principal()).toBeNull();
  expect(await dana.call("GET", "callback/credentials", { email, password })).toBeNull();
  await dana.signIn();
  await dana.call("GET", "signout");
  expect(await dana.principal()).not.toBeNull();
});

test("actions of next-auth that we do not use are not there", async () => {
  for (const [method, path] of [
    ["POST", "_log"],
    ["POST", "session"],
    ["POST", "signin/credentials"],
    ["POST", "callback/evil"],
    ["GET", "callback/credentials"],
    ["GET", "__proto__"],
    ["POST", "signout/x"],
    ["GET", "session/x"],
  ] as const) {
    expect(await browser().call(method, path)).toBeNull();
  }
});

test("[WEB-10] hostile cookies are answered without a failure", async () => {
  for (const cookie of [
    "__Host-studio-callback=notaurl",
    "__Host-studio-callback=%E0%A4%A",
    "__Host-studio-callback=javascript%3Aalert(1)",
    "__Host-studio-csrf=|||; __Host-studio-session=a.b.c.d.e",
    `__Host-studio-session=${"x".repeat(7000)}`,
    "=; ;;=;__proto__=1; constructor=2",
  ]) {
    for (const path of ["csrf", "session", "providers"]) {
      const response = await browser().call("GET", path, {}, { cookie });
      expect(response?.status).toBe(200);
    }
  }
});

test("a failure inside says server_error to the browser, and the log has no password", async () => {
  await pool.query("alter table audit_events rename to audit_events_away");
  const error = await errorIn(await browser().signIn());
  await pool.query("alter table audit_events_away rename to audit_events");
  expect(parseSignInError(error)).toEqual({ reason: "server_error" });
  expect(lines.join()).toContain("sign-in failed");
  expect(lines.join()).not.toContain("velvet");
});

test("[WEB-4] when the database is away nobody is signed in and nobody gets in", async () => {
  const dana = browser();
  await dana.signIn();
  const away = createDatabase("postgresql://nobody@127.0.0.1:1/none");
  await expect(findPrincipal({ ...deps, db: away }, dana.headers())).rejects.toThrow();
  const error = await errorIn(await browser({ db: away }).signIn());
  expect(parseSignInError(error)).toEqual({ reason: "server_error" });
});
