import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { findPrincipal } from "#lib/auth/find-session.ts";
import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { createSession } from "#lib/auth/sessions.ts";
import { ForbiddenError, StudioError } from "#lib/core/errors.ts";
import { systemRandom } from "#lib/core/ids.ts";
import { createLogger } from "#lib/core/log.ts";
import { Secret } from "#lib/core/secret.ts";
import { createRoutes } from "#lib/http/route.ts";
import { testDatabase } from "#lib/testing/database.ts";

const { db } = await testDatabase();
const clock = { now: () => new Date(), monotonicMs: () => performance.now() };
const lines: string[] = [];
const log = createLogger({ level: "debug", destination: { write: (line) => lines.push(line) } });
const studioUrl = "https://studio.example";
const sessions = new Secret(Buffer.from("0f1e2d3c4b5a6978".repeat(4), "hex"));
const deps = { db, clock, random: systemRandom, log, studioUrl, derivedKeys: { sessions } };
const { userRoute, publicRoute } = createRoutes(() => deps);

async function givenCookie(teamName: string) {
  const [userId, teamId] = [systemRandom.uuid(), systemRandom.uuid()];
  const createdAt = clock.now();
  await db.team.create({ data: { id: teamId, name: teamName, createdAt } });
  await db.user.create({
    data: { id: userId, email: `${userId}@a.example`, name: "Dana", createdAt },
  });
  await db.membership.create({ data: { teamId, userId, role: "member", createdAt } });
  const place = { userId, teamId, network: "unknown", userAgent: null };
  const { token } = await db.$transaction((tx) => createSession(tx, deps, place));
  const cookie = (await sessionSetCookie(deps, token)).split(";")[0] ?? "";
  return { cookie, userId, teamId };
}
const dana = await givenCookie("Aurora");

const context = { params: Promise.resolve({}) };
const ours = { cookie: dana.cookie, origin: studioUrl, "content-type": "application/json" };
function send(headers: Record<string, string>, body: BodyInit | null = "{}", method = "POST") {
  return new Request(`${studioUrl}/api/things`, {
    method,
    headers,
    ...(body === null ? {} : { body }),
  });
}

let calls = 0;
const thing = z.strictObject({ name: z.string().max(20), size: z.number().int().optional() });
const create = userRoute(
  { allow: "signed-in", body: thing, audit: "connection.created" },
  ({ body, principal }) => {
    calls++;
    return Response.json({ name: body.name, by: principal.userId }, { status: 201 });
  },
);
const named = JSON.stringify({ name: "kite" });

test("a route hands over who asks and what was parsed, and nothing may keep the answer", async () => {
  const response = await create(send(ours, named), context);
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({ name: "kite", by: dana.userId });
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("x-studio-request-id")).toMatch(/^[0-9a-f-]{36}$/);
});

test("no body says as much as an empty object: the schema decides whether that is enough", async () => {
  const { "content-type": _, ...untyped } = ours;
  const refused = await create(send(untyped, null), context);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ code: "input.invalid", issues: [{ path: "name" }] });
  const body = z.strictObject({ reason: z.string().default("none given") });
  const options = { allow: "signed-in", body, audit: "connection.created" } as const;
  const route = userRoute(options, (input) => Response.json(input.body));
  for (const [headers, text] of [
    [untyped, null],
    [ours, ""],
    [ours, "{}"],
  ] as const) {
    const answer = await route(send(headers, text), context);
    expect(await answer.json()).toEqual({ reason: "none given" });
  }
  const typed = { ...untyped, "content-type": "text/plain" };
  expect((await route(send(typed, named), context)).status).toBe(415);
});

test("where no body is taken, an empty object is none, and anything else is refused", async () => {
  const options = { allow: "signed-in", audit: "connection.created" } as const;
  const route = userRoute(options, () => new Response(null, { status: 204 }));
  expect((await route(send(ours, null), context)).status).toBe(204);
  expect((await route(send(ours, "{}"), context)).status).toBe(204);
  const refused = await route(send(ours, named), context);
  expect(await refused.json()).toMatchObject({ status: 400, code: "http.unexpected_body" });
});

test("[WEB-4] a route without a living session answers 401 and does nothing", async () => {
  const before = calls;
  const response = await create(send({ ...ours, cookie: "" }, named), context);
  expect(response.status).toBe(401);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({
    status: 401,
    title: "Unauthorized",
    code: "auth.not_signed_in",
    remedy: { do: "sign-in" },
    requestId: response.headers.get("x-studio-request-id"),
  });
  expect(calls).toBe(before);
});

const foreign: [string, Record<string, string>][] = [
  ["no origin", { origin: "" }],
  ["null", { origin: "null" }],
  ["another site", { origin: "https://evil.example" }],
  ["another scheme", { origin: "http://studio.example" }],
  ["another port", { origin: "https://studio.example:444" }],
  ["a longer host", { origin: "https://studio.example.evil.example" }],
  ["a subdomain", { origin: "https://a.studio.example" }],
  ["a slash more", { origin: "https://studio.example/" }],
  ["capital letters", { origin: "https://STUDIO.example" }],
  ["two origins", { origin: "https://studio.example, https://studio.example" }],
  [
    "a forwarded host that agrees",
    { origin: "https://evil.example", "x-forwarded-host": "evil.example", host: "evil.example" },
  ],
  ["a cross-site fetch", { "sec-fetch-site": "cross-site" }],
  ["a same-site fetch", { "sec-fetch-site": "same-site" }],
];
test.each(foreign)("[WEB-5] a change is refused with %s", async (_, lie) => {
  const before = calls;
  const headers = Object.fromEntries(
    Object.entries({ ...ours, ...lie }).filter(([, value]) => value),
  );
  for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
    const response = await create(send(headers, named, method), context);
    expect(response.status).toBe(403);
    expect((await response.json()).code).toBe("http.foreign_origin");
  }
  expect(calls).toBe(before);
});

test("[WEB-5] JSON is taken only where the request says that it is JSON", async () => {
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/jsonp",
    "",
  ]) {
    const response = await create(send({ ...ours, "content-type": type }, named), context);
    expect(response.status).toBe(415);
  }
  const withCharset = { ...ours, "content-type": "Application/JSON; charset=utf-8" };
  expect((await create(send(withCharset, named), context)).status).toBe(201);
});

test.each([
  ["an unknown field", { name: "kite", role: "owner" }],
  ["a protected field", { name: "kite", teamId: "x" }],
  ["a prototype", JSON.parse('{"name":"kite","__proto__":{"role":"owner"}}')],
  ["a constructor", { name: "kite", constructor: { prototype: {} } }],
])("[TEN-9] %s is refused, not merged", async (_, body) => {
  const response = await create(send(ours, JSON.stringify(body)), context);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    code: "input.invalid",
    remedy: { do: "fix-input" },
  });
});

test("[TEN-9] a schema that would drop unknown fields refuses them as well", async () => {
  const lax = userRoute(
    { allow: "signed-in", body: z.object({ name: z.string() }), audit: "none" },
    () => new Response(),
  );
  expect((await lax(send(ours, '{"name":"a","x":1}'), context)).status).toBe(400);
});

test("[TEN-6] what is not of the wanted type is refused and its field named", async () => {
  for (const name of [null, 7, true, {}, { equals: "x" }, [], ["kite"], undefined]) {
    const response = await create(send(ours, JSON.stringify({ name })), context);
    expect(response.status).toBe(400);
    expect((await response.json()).issues[0].path).toBe("name");
  }
});

// A body is read by the same reader for everybody; whoever is signed in costs the database a look.
const open = publicRoute({ body: thing, audit: "none" }, ({ body }) =>
  Response.json({ name: body.name }, { status: 201 }),
);
test.each([
  ["[WEB-10] any body at all gets an answer below 500", open, 10_000],
  ["[WEB-10] so does whatever a person's browser sends", create, 300],
])("%s", { timeout: 180_000 }, async (_promise, route, numRuns) => {
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.json(), fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 300 })),
      async (body) => {
        const response = await route(send(ours, body as BodyInit), context);
        expect([201, 400]).toContain(response.status);
      },
    ),
    { numRuns },
  );
});

test("[WEB-10] large, deep and broken-off bodies are refused in bounded time", async () => {
  const started = performance.now();
  const large = await create(send(ours, "x".repeat(70_000)), context);
  expect(large.status).toBe(413);
  expect((await create(send(ours, "[".repeat(60_000)), context)).status).toBe(400);
  expect(
    (await create(send(ours, `{"name":${"[".repeat(30_000)}${"]".repeat(30_000)}}`), context))
      .status,
  ).toBe(400);
  const endless = new ReadableStream({ pull: (stream) => stream.enqueue(new Uint8Array(1024)) });
  const drip = new Request(`${studioUrl}/api/things`, {
    method: "POST",
    headers: ours,
    body: endless,
    duplex: "half",
  } as RequestInit);
  expect((await create(drip, context)).status).toBe(413);
  const broken = new ReadableStream({ start: (stream) => stream.error(new Error("cut")) });
  const cut = new Request(`${studioUrl}/api/things`, {
    method: "POST",
    headers: ours,
    body: broken,
    duplex: "half",
  } as RequestInit);
  expect((await create(cut, context)).status).toBe(400);
  expect(performance.now() - started).toBeLessThan(2_000);
});

test("a query is parsed by its schema: lists may come once or often, the unknown is refused", async () => {
  const query = z.strictObject({ q: z.string().default(""), tag: z.array(z.string()).default([]) });
  const list = userRoute({ allow: "signed-in", query, audit: "none" }, ({ query: parsed }) =>
    Response.json(parsed),
  );
  const get = async (search: string) => {
    const request = new Request(`${studioUrl}/api/things${search}`, {
      headers: { cookie: dana.cookie },
    });
    const response = await list(request, context);
    return response.ok ? response.json() : response.status;
  };
  expect(await get("")).toEqual({ q: "", tag: [] });
  expect(await get("?tag=a")).toEqual({ q: "", tag: ["a"] });
  expect(await get("?tag=a&tag=b&q=x")).toEqual({ q: "x", tag: ["a", "b"] });
  expect(await get("?q=a&q=b")).toBe(400);
  expect(await get("?other=1")).toBe(400);
  expect(await get("?__proto__=1")).toBe(400);
});

test("params are parsed; without schemas a query or a body is refused", async () => {
  const remove = userRoute(
    { allow: "signed-in", params: z.strictObject({ id: z.uuid() }), audit: "none" },
    () => new Response(),
  );
  const at = (id: string) => ({ params: Promise.resolve({ id }) });
  expect((await remove(send(ours, null, "DELETE"), at(systemRandom.uuid()))).status).toBe(200);
  expect((await remove(send(ours, null, "DELETE"), at("../1"))).status).toBe(400);
  expect((await remove(send(ours, named, "DELETE"), at(systemRandom.uuid()))).status).toBe(400);
});

test("[LOG-2] a failure that nobody foresaw shows an id, and the log has it without the secret", async () => {
  const failing = userRoute({ allow: "signed-in", audit: "none" }, () => {
    throw new Error("refused refresh_token=canary for 00D5g000004vXyZEAU!canarycanary");
  });
  const response = await failing(send(ours, null, "DELETE"), context);
  const body = await response.text();
  expect(response.status).toBe(500);
  expect(JSON.parse(body).code).toBe("server_error");
  expect(body).not.toMatch(/canary|refused|at /);
  const line = lines.find((text) => text.includes(JSON.parse(body).requestId)) ?? "";
  expect(JSON.parse(line)).toMatchObject({ level: "error" });
  expect(line).not.toContain("canary");
});

test("a failure that was foreseen says its words and its remedy", async () => {
  const refuse = publicRoute({ audit: "none" }, () => {
    throw new ForbiddenError();
  });
  const response = await refuse(new Request(`${studioUrl}/api/things`), context);
  expect(await response.json()).toMatchObject({
    type: "about:blank",
    title: "Forbidden",
    code: "policy.forbidden",
    remedy: { do: "ask-admin" },
  });
});

test("[TEN-8] two people at once and in turn each see themselves, and no answer may be kept", async () => {
  const riley = await givenCookie("Borealis");
  const whoami = userRoute({ allow: "signed-in", audit: "none" }, ({ principal }) =>
    Response.json(principal.teamId),
  );
  const ask = async ({ cookie, teamId }: { cookie: string; teamId: string }) => {
    const response = await whoami(
      new Request(`${studioUrl}/api/me`, { headers: { cookie } }),
      context,
    );
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await response.json()).toBe(teamId);
  };
  await Promise.all(Array.from({ length: 40 }, (_, n) => ask(n % 2 ? riley : dana)));
  expect((await findPrincipal(deps, new Headers({ cookie: riley.cookie })))?.userId).toBe(
    riley.userId,
  );
});

test("[TEN-3] a role that never may is refused before its input is read; the rest is for the use case", async () => {
  const before = calls;
  const invite = userRoute(
    { allow: "team.invitations.change", body: thing, audit: "none" },
    () => new Response(String(++calls)),
  );
  const refused = await invite(send(ours, '{"not":"asked for"}'), context);
  expect(refused.status).toBe(403);
  expect(await refused.json()).toMatchObject({ code: "policy.forbidden" });
  expect(calls).toBe(before);
  const rename = userRoute({ allow: "connection.edit", audit: "none" }, () => new Response());
  expect((await rename(send(ours, null, "PATCH"), context)).status).toBe(200);
  expect([invite.allow, rename.allow]).toEqual(["team.invitations.change", "connection.edit"]);
});

test("a route that does not say whom it allows and what it records does not compile", () => {
  // @ts-expect-error audit is missing
  userRoute({ allow: "signed-in" }, () => new Response());
  // @ts-expect-error allow is missing
  userRoute({ audit: "none" }, () => new Response());
  // @ts-expect-error no such action
  userRoute({ allow: "thing.do", audit: "none" }, () => new Response());
  // @ts-expect-error no such event
  userRoute({ allow: "signed-in", audit: "thing.happened" }, () => new Response());
});

test("a known failure is known also when another copy of its class made it", async () => {
  vi.resetModules();
  const { NotFoundError, StudioError: OtherCopy } = await import("#lib/core/errors.ts");
  expect(OtherCopy).not.toBe(StudioError);
  const refuse = publicRoute({ audit: "none" }, () => {
    throw new NotFoundError();
  });
  const response = await refuse(new Request(`${studioUrl}/api/things`), context);
  expect(await response.json()).toMatchObject({ status: 404, code: "input.not_found" });
});
