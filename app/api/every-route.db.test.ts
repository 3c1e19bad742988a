import { randomUUID } from "node:crypto";
import { globSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { createSession } from "#lib/auth/sessions.ts";
import { type Principal, type Role, roles } from "#lib/core/principal.ts";
import type { RouteHandler, UserRouteHandler } from "#lib/http/route.ts";
import { type Action, type Reach, reachOf } from "#lib/policy/role-matrix.ts";
import {
  exampleBody,
  exampleQueries,
  givenOneOfEach,
  type RouteIds,
  registryNames,
  routesWithoutRole,
} from "#lib/testing/route-examples.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
Object.assign(globalThis, { studioDeps: deps });

type Route = { name: string; method: string; pattern: string; handler: RouteHandler };
const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Every method of every route in the folder that the build makes its routes of. */
const routes: Route[] = await Promise.all(
  globSync("app/api/**/route.ts").map(async (file) => {
    const exported = (await import(path.resolve(file))) as Record<string, RouteHandler>;
    const pattern = `/${path.dirname(file).replace(/^app\//, "")}`;
    return methods.flatMap((method) => {
      const handler = exported[method];
      return handler ? [{ name: `${method} ${pattern}`, method, pattern, handler }] : [];
    });
  }),
).then((found) => found.flat().sort((a, b) => a.name.localeCompare(b.name)));

const allowOf = ({ handler }: Route) => (handler as Partial<UserRouteHandler>).allow;
const userRoutes = routes.filter((route) => allowOf(route) !== undefined);
/** Ids whose rows are somebody's own, by the first word of an action that is about them. */
const ownRows: Record<string, readonly string[]> = {
  agent: ["agentId", "keyId", "approvalId"],
  connection: ["connectionId"],
  connection_request: ["requestId"],
  flow: ["flowId"],
  grant: ["grantId", "revocationId"],
  lease: ["leaseId"],
  plan: ["planId"],
  team: ["userId", "invitationId", "domainId"],
};
const namesIn = (pattern: string) => [...pattern.matchAll(/\[(\w+)\]/g)].map(([, id]) => id ?? "");

/** Calls the route as this person's browser does. */
async function call(route: Route, person: Principal, ids: RouteIds) {
  const params: Record<string, string> = {};
  for (const name of namesIn(route.pattern)) {
    const id = ids[name] ?? registryNames[name];
    if (id === undefined) throw new Error(`${route.name}: lib/testing has no example of ${name}`);
    params[name] = id;
  }
  const { token } = await createSession(deps.db, deps, {
    userId: person.userId,
    teamId: person.teamId,
    network: "127.0.0.0/24",
    userAgent: null,
    secondFactorAt: person.secondFactorAt,
  });
  const body = exampleBody(route.name, ids);
  const [cookie = ""] = (await sessionSetCookie(deps, token)).split(";");
  const address = route.pattern.replace(/\[(\w+)\]/g, (_, name: string) => params[name] ?? "");
  const request = new Request(
    `${deps.studioUrl}${address}${exampleQueries[route.name]?.(ids) ?? ""}`,
    {
      method: route.method,
      headers: { cookie, origin: deps.studioUrl, "content-type": "application/json" },
      ...(body === undefined || route.method === "GET" ? {} : { body: JSON.stringify(body) }),
    },
  );
  const response = await route.handler(request, { params: Promise.resolve(params) });
  // A stream of events goes on until somebody leaves.
  const isEndless = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  if (isEndless) await response.body?.cancel();
  const text = isEndless ? "" : await response.text();
  const answer =
    (/^application\/(problem\+)?json/.test(response.headers.get("content-type") ?? "") &&
      JSON.parse(text)) ||
    {};
  const { requestId: _, ...rest } = answer;
  const isUnready = response.status === 400 && answer.code === "input.invalid";
  if (isUnready) throw new Error(`${route.name}: lib/testing/route-examples.ts has no body for it`);
  return { status: response.status, code: String(answer.code ?? ""), body: rest };
}

const isRefused = ({ code }: { code: string }) =>
  code === "policy.forbidden" || code === "input.not_found";

async function givenTeam(role: Role) {
  const owner = await given.person({ secondFactor: true });
  const { teamId } = owner;
  return {
    owner,
    actor: await given.person({ teamId, role, secondFactor: true }),
    other: await given.person({ teamId, role: "member", secondFactor: true }),
  };
}

test("[TEN-3] every route says whom it lets in, or is known to be for strangers", () => {
  const without = routes.filter((route) => allowOf(route) === undefined).map(({ name }) => name);
  expect(new Set(without)).toEqual(routesWithoutRole);
  expect(userRoutes.length).toBeGreaterThan(20);
});

const cases = userRoutes.flatMap((route) => roles.map((role) => ({ ...route, route, role })));

test.each(cases)(
  "[TEN-3] $name lets a $role in as far as the matrix says",
  async ({ route, role }) => {
    const allow = allowOf(route);
    const isAction = allow !== undefined && allow !== "self" && allow !== "signed-in";
    const reach: Reach = isAction ? reachOf({ role }, allow as Action) : "own";
    const { owner, actor, other } = await givenTeam(role);
    const own = await givenOneOfEach(studio, actor, owner);
    const theirs = await givenOneOfEach(studio, other, owner);

    if (reach === "no") {
      for (const ids of [own, theirs]) {
        expect(await call(route, actor, ids)).toMatchObject({
          status: 403,
          code: "policy.forbidden",
        });
      }
      return;
    }
    const names = namesIn(route.pattern);
    if (allow === "self" && names.length > 0) return;
    const rows = ownRows[String(allow).split(".")[0] ?? ""] ?? [];
    if (isAction && names.some((name) => rows.includes(name))) {
      const answer = await call(route, actor, theirs);
      expect(isRefused(answer), JSON.stringify(answer)).toBe(reach === "own");
    }
    // One's own row, except where nobody acts on themselves by that way.
    const isOnlyForOthers = reach === "any" && names.includes("userId");
    if (isOnlyForOthers) return;
    const answer = await call(route, actor, own);
    expect(isRefused(answer), JSON.stringify(answer)).toBe(false);
  },
);

/** All that a team holds, row by row. */
async function everythingOf(teamId: string): Promise<string> {
  const parts: string[] = [];
  for (const table of [
    "teams",
    "memberships",
    "sessions",
    "connections",
    "connection_requests",
    "standing_approvals",
    "plans",
    "agents",
    "agent_keys",
    "grants",
    "flows",
    "leases",
    "invitations",
    "revocations",
  ]) {
    const column = table === "teams" ? "id" : "team_id";
    const { rows } = await studio.database.pool.query(
      `select t::text as row from ${table} t where ${column} = $1 order by 1`,
      [teamId],
    );
    parts.push(table, ...rows.map(({ row }) => row));
  }
  return parts.join("\n");
}

const withIds = userRoutes.filter(({ pattern }) => namesIn(pattern).length > 0);
test.each(withIds.map((route) => ({ ...route, route })))(
  "[TEN-2] $name answers a foreign id as an absent one, and leaves it as it was",
  async ({ route }) => {
    const owner = await given.person({ secondFactor: true });
    const stranger = await given.person({ secondFactor: true });
    const foreign = await givenOneOfEach(studio, stranger, stranger);
    const before = await everythingOf(stranger.teamId);
    const own = await givenOneOfEach(studio, owner, owner);
    for (const name of namesIn(route.pattern)) {
      const absentAnswer = await call(route, owner, { ...own, [name]: randomUUID() });
      expect(absentAnswer.status, `${name} of nobody`).toBe(404);
      if (name in registryNames) continue;
      const foreignAnswer = await call(route, owner, { ...own, [name]: foreign[name] ?? "" });
      expect(foreignAnswer).toEqual(absentAnswer);
    }
    expect(await everythingOf(stranger.teamId)).toBe(before);
  },
);

const reads = userRoutes.filter(({ method }) => method === "GET");
test.each(reads.map((route) => ({ ...route, route })))(
  "[TEN-2] $name shows nothing of another team",
  async ({ route }) => {
    const owner = await given.person({ secondFactor: true });
    const stranger = await given.person({ secondFactor: true, name: "Somebody of elsewhere" });
    const foreign = await givenOneOfEach(studio, stranger, stranger);
    const own = await givenOneOfEach(studio, owner, owner);
    const text = JSON.stringify(await call(route, owner, own));
    for (const id of [...Object.values(foreign), "Somebody of elsewhere"]) {
      expect(text).not.toContain(id);
    }
  },
);
