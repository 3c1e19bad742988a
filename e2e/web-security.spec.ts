import { globSync, readFileSync } from "node:fs";
import {
  call,
  connectDirectly,
  grantOf,
  makeConnection,
  marketingCloudDemo,
  salesforceDemo,
} from "./support/connect.ts";
import { colleague, freshenSession } from "./support/people.ts";
import { raw, rawBytes } from "./support/raw.ts";
import {
  type Ids,
  jsonRoutes,
  methodsOf,
  pagesBehindSignIn,
  type Route,
  routesOfBuild,
} from "./support/routes.ts";
import { owner, ownerCookie, ownerState, studioLog, studioUrl } from "./support/studio.ts";
import { expect, test } from "./support/test.ts";

test.describe.configure({ timeout: 120_000 });

const name = "Seen by its owner only";
const evil = "evil.example";
/** What strangers may send; anything else they are refused. */
const forStrangers = new Set(["/api/setup", "/api/invitations/accept", "/api/openapi.json"]);
const changing = new Set(["POST", "PUT", "PATCH", "DELETE"]);
let ids: Ids;
let routes: Route[];
let cookie: string;

test.beforeAll(async ({ browser }) => {
  const context = await browser.newContext({ storageState: ownerState, baseURL: studioUrl });
  const page = await context.newPage();
  const connectionId = await makeConnection(page, salesforceDemo(name));
  await connectDirectly(page, connectionId, "Theo Brandt");
  const grant = await grantOf(page, connectionId);
  const flow = await call<{ flowId: string }>(
    page,
    "POST",
    `/api/connections/${connectionId}/flows`,
    {},
  );
  const sessions = await call<{ items: { id: string; isCurrent: boolean }[] }>(
    page,
    "GET",
    "/api/sessions",
  );
  const current = sessions.body.items.find(({ isCurrent }) => isCurrent);
  const members = await call<{ items: { id: string; isMe: boolean }[] }>(
    page,
    "GET",
    "/api/team/members",
  );
  const me = members.body.items.find(({ isMe }) => isMe);
  const teams = await call<{ items: { id: string }[] }>(page, "GET", "/api/teams");
  // A key wants a person just proven, and this sign-in may be from long before.
  await freshenSession(owner.email);
  const agent = await call<{ id: string }>(page, "POST", "/api/agents", { name });
  const key = await call<{ id: string }>(page, "POST", `/api/agents/${agent.body.id}/keys`, {});
  expect(key.status, JSON.stringify(key.body)).toBe(201);
  const plan = await call<{ id: string }>(page, "POST", "/api/plans", {
    title: name,
    operations: [
      {
        operationId: "salesforce.records.create",
        connectionId,
        input: { object: "Contact", values: { LastName: name } },
      },
    ],
  });
  expect(plan.status, JSON.stringify(plan.body)).toBe(201);
  ids = {
    agentId: agent.body.id,
    keyId: key.body.id,
    connectionId,
    unitsConnectionId: await makeConnection(page, marketingCloudDemo(name)),
    flowId: flow.body.flowId,
    grantId: grant?.id as string,
    sessionId: current?.id as string,
    // Nobody's: removing it would ask for a second factor, and there is none.
    factorId: "00000000-0000-4000-8000-00000000fac7",
    identityId: "00000000-0000-4000-8000-0000001de171",
    domainId: "00000000-0000-4000-8000-00000000d0a1",
    userId: me?.id as string,
    teamId: teams.body.items[0]?.id as string,
    // Nobody's: what is tried here looks at no row.
    invitationId: "00000000-0000-4000-8000-0000000017ce",
    revocationId: "00000000-0000-4000-8000-00000000e70c",
    leaseId: "00000000-0000-4000-8000-00000001ea5e",
    requestId: "00000000-0000-4000-8000-000000a5ced0",
    planId: plan.body.id,
    position: "1",
    approvalId: "00000000-0000-4000-8000-0000000a9906",
    token: "no-invitation-has-this-token",
  };
  routes = routesOfBuild(ids);
  cookie = ownerCookie();
  await context.close();
});

test.afterAll(async () => {
  const headers = { cookie, origin: studioUrl };
  await raw(`/api/flows/${ids.flowId}`, { method: "DELETE", headers });
  await raw(`/api/agents/${ids.agentId}`, { method: "DELETE", headers });
  for (const id of [ids.connectionId, ids.unitsConnectionId]) {
    await raw(`/api/connections/${id}`, { method: "DELETE", headers });
  }
});

/** Texts that only a signed-in person may see. */
const markers = [owner.email, owner.name, owner.teamName, name];
const seen = (body: string) => markers.filter((marker) => body.includes(marker));

test("[WEB-4] no variant of a request that skips the middleware shows signed-in content without a session", async () => {
  const buildId = readFileSync(".next/BUILD_ID", "utf8").trim();
  const headerVariants: Record<string, string>[] = [
    {},
    ...["middleware", "src/middleware", "proxy", "src/proxy", "pages/_middleware"].map((file) => ({
      "x-middleware-subrequest": Array(5).fill(file).join(":"),
    })),
    { "x-middleware-next": "1", "x-middleware-invoke": "1" },
    { "x-middleware-prefetch": "1", purpose: "prefetch" },
    { "x-nextjs-data": "1" },
    { rsc: "1" },
    { rsc: "1", "next-router-prefetch": "1" },
    { rsc: "1", "next-router-segment-prefetch": "/_tree" },
    { "next-action": "00000000000000000000000000000000000000000000" },
    {
      "x-forwarded-user": owner.email,
      "x-studio-client-address": "127.0.0.1",
      "x-studio-path": "/",
    },
    { cookie: "__Host-studio-session=made-up; next-auth.session-token=made-up" },
    {
      cookie: `__Host-studio-session=${encodeURIComponent(Buffer.from('{"sid":"x"}').toString("base64url"))}.a.b.c`,
    },
  ];
  const pathVariants = (path: string) => [
    path,
    `/${path}`,
    `/.${path}`,
    `/%2e${path}`,
    `/x/..${path}`,
    `/x/%2e%2e${path}`,
    `${path}/`,
    `${path}//`,
    `${path}/.`,
    `${path}%2f`,
    `${path};x`,
    `${path}%3fx`,
    `${path}.rsc`,
    `${path}.segments/_tree.segment.rsc`,
    `${path}?_rsc=abc12`,
    `/_next/data/${buildId}${path}.json`,
    path.toUpperCase(),
    path.replace("n", "%6e").replace("t", "%74"),
    path.replaceAll("/", "%2f").replace("%2f", "/"),
  ];
  const pages = pagesBehindSignIn(routes);
  expect(pages.length).toBeGreaterThan(5);
  for (const { path } of pages) {
    if (path === "/") continue;
    const control = await raw(path, { headers: { cookie } });
    expect(control.status, path).toBe(200);
    expect(seen(control.body), `${path} shows its owner something`).not.toEqual([]);
  }
  const shown: string[] = [];
  const look = async (path: string, request: Parameters<typeof raw>[1]) => {
    const answer = await raw(path, request);
    const what = `${request?.method ?? "GET"} ${path} ${JSON.stringify(request?.headers ?? {})}`;
    if (seen(answer.body).length > 0) shown.push(what);
    if (answer.status >= 500) shown.push(`${answer.status} ${what}`);
  };
  for (const { path } of [...pages, ...jsonRoutes(routes)]) {
    for (const headers of headerVariants) await look(path, { headers });
    for (const variant of pathVariants(path)) await look(variant, {});
    for (const method of ["HEAD", "OPTIONS", "POST", "PUT"]) {
      await look(path, { method, headers: { origin: studioUrl }, body: "" });
    }
  }
  expect(shown).toEqual([]);
});

test("[WEB-4] every JSON route answers a stranger with 401 and nothing else", async () => {
  for (const { path, pattern } of jsonRoutes(routes)) {
    if (pattern.startsWith("/api/auth/") || forStrangers.has(pattern)) continue;
    for (const method of await methodsOf(path)) {
      if (method === "OPTIONS" || method === "HEAD") continue;
      const answer = await raw(path, {
        method,
        headers: { origin: studioUrl, "content-type": "application/json" },
        ...(method === "GET" ? {} : { body: "{}" }),
      });
      expect(answer.status, `${method} ${path}`).toBe(401);
      expect(JSON.parse(answer.body)).toMatchObject({ remedy: { do: "sign-in" } });
    }
  }
});

test("[WEB-10] below /api no address and no method are told as problems, not as pages", async () => {
  for (const [method, path, status, code] of [
    ["GET", "/api/nothing", 404, "input.not_found"],
    ["POST", "/api/nothing/at/all", 404, "input.not_found"],
    ["PUT", "/api/connections", 405, "http.method_not_allowed"],
    ["DELETE", "/api/openapi.json", 405, "http.method_not_allowed"],
  ] as const) {
    const answer = await raw(path, { method, headers: { cookie, origin: studioUrl } });
    expect(answer.headers["content-type"], path).toBe("application/problem+json");
    expect({ ...JSON.parse(answer.body), http: answer.status }).toMatchObject({
      ...{ http: status, status, code, type: "about:blank", remedy: expect.anything() },
      requestId: answer.headers["x-studio-request-id"],
    });
  }
});

test("[WEB-5] every changing route refuses a foreign, absent or null origin, whatever the forwarded headers say", async () => {
  const foreign: Record<string, string>[] = [
    {},
    { origin: "null" },
    { origin: `http://${evil}` },
    { origin: studioUrl.replace("http:", "https:") },
    { origin: studioUrl.replace("localhost", "127.0.0.1") },
    { origin: `${studioUrl}.${evil}` },
    { origin: `${studioUrl}/` },
    { origin: studioUrl.toUpperCase() },
    { origin: `${studioUrl}, http://${evil}` },
    { origin: `http://${evil}`, host: evil },
    { origin: `http://${evil}`, "x-forwarded-host": evil, "x-forwarded-proto": "http" },
    { origin: `http://${evil}`, forwarded: `host=${evil};proto=http` },
    { referer: `${studioUrl}/integrations` },
    { origin: studioUrl, "sec-fetch-site": "cross-site" },
    { origin: studioUrl, "sec-fetch-site": "same-site" },
  ];
  const taken: string[] = [];
  let tried = 0;
  for (const { path } of jsonRoutes(routes)) {
    const target = path === "/api/auth/session" ? "/api/auth/signout" : path;
    for (const method of await methodsOf(path)) {
      if (!changing.has(method)) continue;
      for (const headers of foreign) {
        const answer = await raw(target, {
          method,
          headers: { cookie, "content-type": "application/json", ...headers },
          body: "{}",
        });
        tried++;
        if (answer.status !== 403 || !answer.body.includes("http.foreign_origin")) {
          taken.push(`${method} ${target} ${JSON.stringify(headers)}: ${answer.status}`);
        }
      }
    }
  }
  expect(taken).toEqual([]);
  expect(tried).toBeGreaterThan(100);
});

test("[WEB-5] a changing route takes JSON where JSON is meant, and nothing else", async () => {
  const kinds: Record<string, string>[] = [
    {},
    { "content-type": "text/plain" },
    { "content-type": "multipart/form-data; boundary=x" },
    { "content-type": "text/html" },
    { "content-type": "application/jsonx" },
    { "content-type": "text/plain; application/json" },
  ];
  for (const { path } of jsonRoutes(routes)) {
    const target = path === "/api/auth/session" ? "/api/auth/signout" : path;
    for (const method of await methodsOf(path)) {
      if (!changing.has(method)) continue;
      for (const headers of kinds) {
        const answer = await raw(target, {
          method,
          headers: { cookie, origin: studioUrl, ...headers },
          body: '{"name":"changed"}',
        });
        // 415 where a body is meant, 400 where none is.
        expect([400, 415], `${method} ${target} ${JSON.stringify(headers)}`).toContain(
          answer.status,
        );
      }
    }
  }
});

test("[WEB-5] reading changes nothing, with whatever override it comes", async () => {
  const state = async () =>
    Promise.all(
      [`connections/${ids.connectionId}`, `flows/${ids.flowId}`, `grants/${ids.grantId}`].map(
        async (path) => (await raw(`/api/${path}`, { headers: { cookie } })).body,
      ),
    );
  const before = await state();
  for (const { path } of routes) {
    for (const method of ["GET", "HEAD"]) {
      for (const headers of [
        {},
        { "x-http-method-override": "DELETE", "x-method-override": "DELETE" },
      ]) {
        await raw(path, { method, headers: { cookie, origin: studioUrl, ...headers } });
        await raw(`${path}?_method=DELETE`, { method, headers: { cookie, ...headers } });
      }
    }
  }
  expect(await state()).toEqual(before);
  expect((await raw("/api/auth/signout", { headers: { cookie } })).status).not.toBe(200);
  expect((await raw("/api/sessions", { headers: { cookie } })).status).toBe(200);
});

test("[WEB-6] every cookie is bound to this origin, out of reach for scripts, and not sent from other sites", async () => {
  const set: string[] = [];
  const keep = (answer: Awaited<ReturnType<typeof raw>>) => {
    set.push(...(answer.headers["set-cookie"] ?? []));
    return answer;
  };
  const csrf = keep(await raw("/api/auth/csrf"));
  const csrfCookie = (csrf.headers["set-cookie"] ?? []).map((one) => one.split(";")[0]).join("; ");
  const signedIn = keep(
    await raw("/api/auth/callback/credentials", {
      method: "POST",
      headers: {
        origin: studioUrl,
        cookie: csrfCookie,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({
        csrfToken: JSON.parse(csrf.body).csrfToken,
        email: colleague.email,
        password: colleague.password,
        json: "true",
      }).toString(),
    }),
  );
  const session = (signedIn.headers["set-cookie"] ?? []).find((one) =>
    one.startsWith("__Host-studio-session="),
  );
  expect(session).toBeDefined();
  const own = `${csrfCookie}; ${session?.split(";")[0]}`;
  const begun = keep(
    await raw(`/api/connections/${ids.connectionId}/flows`, {
      method: "POST",
      headers: { origin: studioUrl, cookie: own, "content-type": "application/json" },
      body: "{}",
    }),
  );
  expect(begun.status).toBe(201);
  keep(
    await raw(`/api/flows/${JSON.parse(begun.body).flowId}`, {
      method: "DELETE",
      headers: { origin: studioUrl, cookie: own },
    }),
  );
  keep(
    await raw("/api/auth/signout", {
      method: "POST",
      headers: {
        origin: studioUrl,
        cookie: own,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({
        csrfToken: JSON.parse(csrf.body).csrfToken,
        json: "true",
      }).toString(),
    }),
  );
  for (const path of ["/sign-in", "/integrations", "/"]) keep(await raw(path));
  expect(set.length).toBeGreaterThanOrEqual(5);
  for (const one of set) {
    const attributes = one
      .split(/;\s*/)
      .slice(1)
      .map((attribute) => attribute.toLowerCase());
    expect(one.startsWith("__Host-"), one).toBe(true);
    expect(attributes, one).toEqual(expect.arrayContaining(["path=/", "secure", "httponly"]));
    expect(
      attributes.some((attribute) => /^samesite=(lax|strict)$/.test(attribute)),
      one,
    ).toBe(true);
    expect(
      attributes.some((attribute) => attribute.startsWith("domain")),
      one,
    ).toBe(false);
  }
});

test("[WEB-7] every answer carries the security headers: pages, JSON, callbacks, files, errors", async () => {
  const [script] = globSync(".next/static/**/*.js");
  const paths = [
    ...routes.map(({ path }) => path),
    "/nothing-here",
    "/api/nothing-here",
    "/integrations/not-a-uuid",
    "/integrations/00000000-0000-4000-8000-000000000000",
    "/api/health/live",
    "/api/health/ready",
    "/auth/sfmc-callback?error=x&state=y",
    `/${String(script).replace(".next", "_next")}`,
    "/icon.svg",
    "/%zz",
    `/${"x".repeat(9_000)}`,
  ];
  const bare: string[] = [];
  for (const path of paths) {
    for (const headers of [{}, { cookie }]) {
      const answer = await raw(path, { headers });
      const lacks = Object.entries({
        "x-content-type-options": /^nosniff$/,
        "referrer-policy": /^no-referrer$/,
        "cross-origin-opener-policy": /^same-origin$/,
        "x-frame-options": /^DENY$/,
        // A built file is no page: nothing can be framed or run inside it.
        "content-security-policy": path.startsWith("/_next/static/")
          ? /^/
          : /frame-ancestors 'none'/,
      }).filter(([header, wanted]) => !wanted.test(String(answer.headers[header] ?? "")));
      if (answer.headers["x-powered-by"]) lacks.push(["x-powered-by", /^$/]);
      if (lacks.length > 0)
        bare.push(`${answer.status} ${path.slice(0, 60)}: ${lacks.map(([header]) => header)}`);
    }
  }
  expect([...new Set(bare)]).toEqual([]);
});

test("[WEB-7] scripts run by a nonce that no other answer has, and nothing inline runs without it", async () => {
  const nonces = new Set<string>();
  const pages = [...pagesBehindSignIn(routes).map(({ path }) => path), "/sign-in", "/nothing-here"];
  for (const path of pages) {
    const { headers, body, status } = await raw(path, { headers: { cookie } });
    if (status !== 200 && status !== 404) continue;
    const policy = String(headers["content-security-policy"]);
    const directive = (directiveName: string) =>
      policy.split("; ").find((one) => one.startsWith(`${directiveName} `)) ?? "";
    expect(directive("script-src"), path).not.toMatch(/unsafe-inline|unsafe-eval|\*|data:/);
    expect(directive("object-src")).toBe("object-src 'none'");
    expect(directive("base-uri")).toBe("base-uri 'none'");
    expect(directive("form-action")).toBe("form-action 'self'");
    expect(directive("frame-ancestors")).toBe("frame-ancestors 'none'");
    const nonce = /'nonce-([^']+)'/.exec(directive("script-src"))?.[1];
    expect(nonce, path).toBeDefined();
    expect(nonces.has(nonce as string), "a nonce is used once").toBe(false);
    nonces.add(nonce as string);
    for (const [tag] of body.matchAll(/<script\b[^>]*>/g)) {
      expect(tag, path).toContain(`nonce="${nonce}"`);
    }
    expect(body).not.toMatch(/<[a-z][^>]*\son[a-z]+=/i);
    expect(body).not.toMatch(/href="javascript:/i);
  }
  expect(nonces.size).toBeGreaterThan(5);
});

test("[WEB-8] neither source maps nor anything beside the build is served", async () => {
  const files = globSync(".next/static/**/*.{js,css}");
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) {
    expect(readFileSync(file, "utf8"), file).not.toMatch(/sourceMappingURL=(?!data:,)/);
    const map = await raw(`/${file.replace(".next", "_next")}.map`);
    expect(map.status, file).toBe(404);
  }
  for (const path of [
    "/package.json",
    "/.env",
    "/.next/BUILD_ID",
    "/_next/server/app-paths-manifest.json",
    "/_next/static/../server/middleware.js.map",
    "/_next/static/%2e%2e/server/middleware.js.map",
    "/_next/static/..%2f..%2fpackage.json",
    "/.cache/e2e/data/keys",
    "/lib/deps.ts",
    "/prisma/schema.prisma",
  ]) {
    const answer = await raw(path);
    expect([400, 404], path).toContain(answer.status);
    expect(answer.body).not.toMatch(/"dependencies"|datasource|"version":3/);
  }
});

/** `a.b[].c` for every field that occurs. */
function fieldsOf(value: unknown, at = ""): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((one) => fieldsOf(one, `${at}[]`)))];
  if (typeof value !== "object" || value === null) return [at];
  return Object.entries(value).flatMap(([key, inner]) =>
    fieldsOf(inner, at ? `${at}.${key}` : key),
  );
}

const identity = "userId username email displayName orgId memberId enterpriseId orgName".split(" ");
const grantFields = [
  ..."id connectionId state reason surface".split(" "),
  ...identity.map((field) => `identity.${field}`),
  ..."scopes[] missingScopes instanceUrl restInstanceUrl soapInstanceUrl connectedAt lastRefreshedAt lastProvenAt lastUsedAt accessTokenExpiresAt idleDeadline allowsRawLeases".split(
    " ",
  ),
  ...["failures", "problem", "retryAt", "dueAt"].map((field) => `refresh.${field}`),
];
const connectionFields = [
  ..."id provider method name environment surfaces[] loginHost authBaseUri restBaseUri tenantSubdomain accountId enterpriseId clientId hasClientSecret scopes[] pkce groupKey groupName orgId orgName host createdBy.id createdBy.name createdAt version canEdit redirectUris.web redirectUris.desktop".split(
    " ",
  ),
  ...grantFields.map((field) => `myGrant.${field}`),
  ..."health problem grants[].user.id grants[].user.name grants[].state grants[].connectedAt grants[].isMine".split(
    " ",
  ),
];

test("[WEB-8] only the listed fields leave the server", async () => {
  const get = async (path: string) => {
    const answer = await raw(path, { headers: { cookie } });
    expect(answer.status, path).toBe(200);
    return fieldsOf(JSON.parse(answer.body))
      .filter((field) => field !== "")
      .sort();
  };
  const sorted = (fields: string[]) => fields.toSorted();
  // An empty list has no fields of its own.
  const without = (fields: string[]) => fields.filter((field) => !/missingScopes/.test(field));
  expect(without(await get(`/api/connections/${ids.connectionId}`))).toEqual(
    sorted(without(connectionFields)),
  );
  expect(without(await get(`/api/grants/${ids.grantId}`))).toEqual(sorted(without(grantFields)));
  expect(await get(`/api/flows/${ids.flowId}`)).toEqual(
    sorted(
      "id connectionId state reason providerCode authorizeHost redirectUri scopes[] createdAt expiresAt endedAt returnTo grant identities".split(
        " ",
      ),
    ),
  );
  expect(await get("/api/sessions")).toEqual(
    sorted([
      ..."id isCurrent createdAt lastSeenAt expiresAt network userAgent"
        .split(" ")
        .map((field) => `items[].${field}`),
      "nextCursor",
    ]),
  );
  expect(await get("/api/inbox")).toEqual(["agents", "plans", "requests"]);
  for (const { path } of pagesBehindSignIn(routes)) {
    const { body } = await raw(path, { headers: { cookie } });
    expect(body, path).not.toMatch(
      /Sealed|passwordHash|password_hash|tokenHash|codeHash|stateHash|bindingHash|\$argon2|refreshToken|accessToken"/,
    );
  }
});

test("[WEB-10] whatever is sent is refused with a 4xx in bounded time, and the studio goes on", async () => {
  const json = { cookie, origin: studioUrl, "content-type": "application/json" };
  const bodies: (string | Buffer)[] = [
    "",
    "{",
    "nul",
    "null",
    "[]",
    '"text"',
    "0",
    '{"provider":"salesforce"',
    '{"provider":["salesforce"]}',
    '{"provider":{"$ne":null}}',
    '{"provider":"constructor"}',
    '{"__proto__":{"provider":"salesforce"},"constructor":{"prototype":{}}}',
    `{"provider":"salesforce","method":"quick","name":"a\\u0000b\\ud800","environment":"demo","extra":1}`,
    `{"provider":"salesforce","method":"quick","name":${JSON.stringify("n".repeat(81))},"environment":"demo"}`,
    "[".repeat(60_000),
    `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`,
    `{"name":"${"x".repeat(70_000)}"}`,
    Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    "x".repeat(1_048_577),
  ];
  const slow: string[] = [];
  const wrong: string[] = [];
  const judge = (what: string, { status, ms }: { status: number; ms: number }) => {
    if (status < 400 || status > 499) wrong.push(`${status} ${what.slice(0, 100)}`);
    if (ms > 3_000) slow.push(`${ms} ${what.slice(0, 100)}`);
  };
  for (const path of [
    "/api/connections",
    `/api/connections/${ids.connectionId}/flows`,
    "/api/password",
    "/api/setup",
    "/api/auth/callback/credentials",
  ]) {
    for (const body of bodies) {
      // A flow needs nothing said: no body at all begins one.
      if (body === "" && path.endsWith("/flows")) continue;
      // The server may close before the whole of a refused body is written.
      const answer = await raw(path, { method: "POST", headers: json, body }).catch(() => null);
      // A form of next-auth's without its token is sent to the sign-in page.
      const isSentBack = /^\S+\/sign-?in\?csrf=true$/.test(answer?.headers.location ?? "");
      if (answer && !isSentBack) judge(`POST ${path} ${body.toString("latin1")}`, answer);
    }
  }
  const paths = [
    "/%",
    "/%zz",
    "/%00",
    "/integrations/%00",
    "/%c0%af",
    "/%ff",
    "/integrations\\..\\x",
    `/${"x".repeat(8_300)}`,
    `/integrations?q=${"x".repeat(8_300)}`,
    "/api/connections?limit=0",
    "/api/connections?limit=abc",
    "/api/connections?limit=1&limit=2",
    "/api/connections?provider=nobody",
    "/api/connections?unknown=1",
    "/api/connections?q[]=x&q=y",
    "/api/connections/not-a-uuid",
    "/api/connections/00000000-0000-4000-8000-000000000000",
    "/api/grants?cursor='--",
    "/api/flows/%27%20or%201=1",
    "/api/auth/a/b/c/d/e/f",
  ];
  for (const path of paths) judge(`GET ${path}`, await raw(path, { headers: { cookie } }));
  for (const method of ["TRACE", "PROPFIND", "REPORT"]) {
    judge(`${method} /`, await raw("/integrations", { method, headers: { cookie } }));
  }
  judge("a header too large", await raw("/", { headers: { "x-large": "x".repeat(20_000) } }));
  const host = new URL(studioUrl).host;
  for (const bytes of [
    "GET /\u0000 HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET http://evil.example/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    `GET / HTTP/1.1\r\nHost: ${host}\r\nHost: ${evil}\r\n\r\n`,
    `POST /api/setup HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    `POST /api/setup HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `POST /api/setup HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 99999999999\r\n\r\nx`,
    `POST /api/setup HTTP/1.1\r\nHost: ${host}\r\nContent-Length: -1\r\n\r\nx`,
    `GET / HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
    "\u0016\u0003\u0001\u0002\u0000\u0001\u0000",
    "not http at all\r\n\r\n",
  ]) {
    const status = await rawBytes(Buffer.from(bytes, "latin1"));
    if (status < 400 || status > 499) wrong.push(`${status} ${JSON.stringify(bytes)}`);
  }
  expect(wrong).toEqual([]);
  expect(slow).toEqual([]);
  expect((await raw("/api/health/ready")).status).toBe(200);
  expect(studioLog(), "nothing here surprised the studio").not.toMatch(/"event":"request failed"/);
});

test("[WEB-10] a page of an id that is no id, or nobody's, says so and nothing else", async () => {
  for (const folder of ["/integrations", "/integrations/flows"]) {
    const answers = await Promise.all(
      ["not-a-uuid", "00000000-0000-4000-8000-000000000000", "%27--", "x".repeat(500)].map((id) =>
        raw(`${folder}/${id}`, { headers: { cookie } }),
      ),
    );
    for (const { body, status } of answers) {
      expect(status).toBe(404);
      expect(body).toContain('name="robots" content="noindex"');
      expect(body).not.toContain(name);
    }
  }
});

test("[WEB-10] the image optimiser and the framework's own surfaces are off", async () => {
  for (const path of [
    "/_next/image?url=%2Ficon.svg&w=64&q=75",
    "/_next/image?url=https%3A%2F%2Fevil.example%2Fx.png&w=64&q=75",
    `/_next/image?url=${encodeURIComponent(`${studioUrl}/api/sessions`)}&w=64&q=75`,
    "/__nextjs_original-stack-frames",
    "/_next/webpack-hmr",
  ]) {
    const answer = await raw(path, { headers: { cookie } });
    expect([400, 404], path).toContain(answer.status);
  }
});

test("[OA-6] forged host headers reach neither a redirect URI nor a page nor a redirect", async () => {
  const forged: Record<string, string>[] = [
    { host: evil },
    { "x-forwarded-host": evil, "x-forwarded-proto": "https", "x-forwarded-port": "443" },
    { host: evil, "x-forwarded-host": evil, forwarded: `host=${evil};proto=https` },
    { "x-original-host": evil, "x-host": evil, "x-forwarded-server": evil },
  ];
  for (const headers of forged) {
    const begun = await raw(`/api/connections/${ids.connectionId}/flows`, {
      method: "POST",
      headers: { cookie, origin: studioUrl, "content-type": "application/json", ...headers },
      body: "{}",
    });
    expect(begun.status).toBe(201);
    const { authorizeUrl, flowId } = JSON.parse(begun.body);
    expect(new URL(authorizeUrl).searchParams.get("redirect_uri")).toBe(
      `${studioUrl}/auth/salesforce-callback`,
    );
    await raw(`/api/flows/${flowId}`, { method: "DELETE", headers: { cookie, origin: studioUrl } });
    for (const { path } of routes) {
      for (const session of [{}, { cookie }]) {
        const answer = await raw(path, { headers: { ...headers, ...session } });
        expect(answer.body, path).not.toContain(evil);
        expect(answer.headers.location ?? "", path).not.toContain(evil);
        expect((answer.headers["set-cookie"] ?? []).join(), path).not.toContain(evil);
      }
    }
  }
});

test("[TEN-8] nothing behind the sign-in may be kept by any cache", async () => {
  const kept: string[] = [];
  for (const { path } of routes) {
    for (const headers of [{}, { cookie }, { cookie, rsc: "1" }]) {
      const answer = await raw(path, { headers });
      const policy = String(answer.headers["cache-control"] ?? "");
      if (!policy.includes("no-store") || /public|s-maxage/.test(policy)) {
        kept.push(`${path} ${answer.status} ${policy}`);
      }
      expect(answer.headers["x-nextjs-cache"] ?? "", path).not.toBe("HIT");
    }
  }
  expect(kept).toEqual([]);
  const { routes: prerendered } = JSON.parse(readFileSync(".next/prerender-manifest.json", "utf8"));
  expect(Object.keys(prerendered).filter((path) => !/^\/(_|icon)/.test(path))).toEqual([]);
});
