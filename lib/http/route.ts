import { z } from "zod";
import type { AuditAction } from "#lib/audit/actions.ts";
import { NotSignedInError } from "#lib/auth/errors.ts";
import { type FindSessionDeps, findHalf, findPrincipal } from "#lib/auth/find-session.ts";
import type { Client } from "#lib/auth/open-session.ts";
import type { SessionHolder } from "#lib/auth/sessions.ts";
import { isStudioError } from "#lib/core/errors.ts";
import { invalidInput } from "#lib/core/invalid-input.ts";
import type { Logger } from "#lib/core/log.ts";
import type { Principal } from "#lib/core/principal.ts";
import { CLIENT_ADDRESS_HEADER, REQUEST_ID_HEADER } from "#lib/http/client-address.ts";
import { toProblem } from "#lib/http/problem.ts";
import { readJson, readNothing } from "#lib/http/read-body.ts";
import { requireSameOrigin } from "#lib/http/same-origin.ts";
import { type Action, requireAtEntrance } from "#lib/policy/role-matrix.ts";
import { TeamSwitchedError } from "#lib/team/errors.ts";
import { TEAM_HEADER } from "#lib/team/team-header.ts";

export type RouteDeps = FindSessionDeps & { log: Logger; studioUrl: string };

export type RouteOptions<Body, Query, Params> = {
  /** JSON; without a schema a body is refused. */
  body?: z.ZodType<Body>;
  /** The longest body, where what a page usually sends is not enough. */
  mostBytes?: number;
  /** Without a schema a query is refused. */
  query?: z.ZodType<Query>;
  params?: z.ZodType<Params>;
  /** What a success leaves in the audit trail; the use case writes it in its transaction. */
  audit: AuditAction | "none";
};

/**
 * Who may come: an action of the role matrix, refused here where the role never may and decided by the
 * use case where it is about a row; `"self"` for what is only ever about the caller; `"signed-in"` for
 * anybody who is.
 */
export type Allow = Action | "self" | "signed-in";

export type RouteInput<Body, Query, Params> = {
  body: Body;
  query: Query;
  params: Params;
  request: Request;
  requestId: string;
  client: Client & { requestId: string };
};

type Context = { params: Promise<Record<string, string | string[] | undefined>> };
export type RouteHandler = (request: Request, context: Context) => Promise<Response>;
/** Tells whom it lets in, so that tests can try it with every role. */
export type UserRouteHandler = RouteHandler & { readonly allow: Allow };

const safeMethods = new Set(["GET", "HEAD"]);

/**
 * Makes the kinds of routes over the given dependencies. In all: a change needs our exact
 * `Origin`; input is parsed once, and what is not asked for is refused; a failure becomes a problem with
 * a request id; nothing is cached.
 */
export function createRoutes(getDeps: () => RouteDeps) {
  /** A route for people: a stranger gets 401, a role that never may 403, before their input is read. */
  function userRoute<Body = undefined, Query = undefined, Params = undefined>(
    options: RouteOptions<Body, Query, Params> & { allow: Allow },
    handler: (
      input: RouteInput<Body, Query, Params> & { principal: Principal },
    ) => Response | Promise<Response>,
  ): UserRouteHandler {
    const { allow } = options;
    const handle = guarded(getDeps, async (deps, request, context, requestId) => {
      const principal = await findPrincipal(deps, request.headers);
      if (!principal) throw new NotSignedInError();
      // A page made for another team than the session's: nothing of it may land in this one.
      const madeFor = request.headers.get(TEAM_HEADER);
      if (madeFor !== null && madeFor !== principal.teamId) throw new TeamSwitchedError();
      if (allow !== "self" && allow !== "signed-in") requireAtEntrance(principal, allow);
      const input = await parseInput(options, request, context, requestId);
      return handler({ ...input, principal });
    });
    return Object.assign(handle, { allow });
  }

  /**
   * A route of the second step of signing in: the only kind that knows somebody who waits for it. Whoever
   * is past it may come too, to confirm it again.
   */
  function secondStepRoute<Body = undefined, Query = undefined, Params = undefined>(
    options: RouteOptions<Body, Query, Params>,
    handler: (
      input: RouteInput<Body, Query, Params> & { holder: SessionHolder },
    ) => Response | Promise<Response>,
  ): UserRouteHandler {
    const handle = guarded(getDeps, async (deps, request, context, requestId) => {
      const { headers } = request;
      const holder = (await findPrincipal(deps, headers)) ?? (await findHalf(deps, headers));
      if (!holder) throw new NotSignedInError();
      const input = await parseInput(options, request, context, requestId);
      return handler({ ...input, holder });
    });
    return Object.assign(handle, { allow: "self" as const });
  }

  /** A route for strangers: before there is an owner, say. */
  function publicRoute<Body = undefined, Query = undefined, Params = undefined>(
    options: RouteOptions<Body, Query, Params>,
    handler: (input: RouteInput<Body, Query, Params>) => Response | Promise<Response>,
  ): RouteHandler {
    return guarded(getDeps, async (_deps, request, context, requestId) =>
      handler(await parseInput(options, request, context, requestId)),
    );
  }

  return { userRoute, secondStepRoute, publicRoute };
}

/** Origin before, `no-store` and the request's id after, and a problem for each failure. */
export function guarded<Deps extends { log: Logger; studioUrl: string }>(
  getDeps: () => Deps,
  work: (
    deps: Deps,
    request: Request,
    context: Context,
    requestId: string,
  ) => Response | Promise<Response>,
): RouteHandler {
  return async (request, context) => {
    const requestId = requestIdOf(request);
    let log: Logger | null = null;
    try {
      const deps = getDeps();
      log = deps.log;
      if (!safeMethods.has(request.method)) requireSameOrigin(request.headers, deps.studioUrl);
      const response = await work(deps, request, context, requestId);
      if (!response.headers.has("cache-control")) response.headers.set("cache-control", "no-store");
      response.headers.set(REQUEST_ID_HEADER, requestId);
      return response;
    } catch (error) {
      logFailure(log, request, requestId, error);
      return toProblem(error, requestId);
    }
  };
}

/** Where a request came from, as the server saw it. */
export function clientOf(request: Request, requestId: string): Client & { requestId: string } {
  return {
    address: request.headers.get(CLIENT_ADDRESS_HEADER),
    userAgent: request.headers.get("user-agent"),
    requestId,
  };
}

// server.ts gave the request its id; a request that did not pass there gets its own.
function requestIdOf(request: Request): string {
  const given = z.uuid().safeParse(request.headers.get(REQUEST_ID_HEADER));
  return given.success ? given.data : crypto.randomUUID();
}

async function parseInput<Body, Query, Params>(
  options: RouteOptions<Body, Query, Params>,
  request: Request,
  context: Context,
  requestId: string,
): Promise<RouteInput<Body, Query, Params>> {
  const { searchParams } = new URL(request.url);
  const params = parse(options.params, dropAbsent(await context.params));
  const query = parse(options.query, queryRecord(options.query, searchParams));
  const body = options.body
    ? parse(options.body, await readJson(request, options.mostBytes))
    : await noBody(request);
  return {
    params,
    query,
    body: body as Body,
    request,
    requestId,
    client: clientOf(request, requestId),
  };
}

// Even a schema that would drop unknown fields refuses them here (TEN-9).
function parse<T>(schema: z.ZodType<T> | undefined, value: unknown): T {
  const strict = schema instanceof z.ZodObject ? schema.strict() : (schema ?? z.strictObject({}));
  const parsed = strict.safeParse(value);
  if (!parsed.success) throw invalidInput(parsed.error);
  return (schema ? parsed.data : undefined) as T;
}

async function noBody(request: Request): Promise<undefined> {
  if (!safeMethods.has(request.method)) await readNothing(request);
}

function dropAbsent(record: Record<string, unknown> | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(record ?? {}).filter(([, value]) => value !== undefined),
  );
}

/** Repeated names as a list, and also a single one where the schema wants a list. */
function queryRecord(schema: unknown, search: URLSearchParams): Record<string, unknown> {
  const shape = schema instanceof z.ZodObject ? schema.shape : {};
  return Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const values = search.getAll(name);
      const wantsList = Object.hasOwn(shape, name) && innermost(shape[name]) instanceof z.ZodArray;
      return [name, wantsList || values.length > 1 ? values : values[0]];
    }),
  );
}

function innermost(schema: unknown): unknown {
  const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodDefault;
  return isWrapped ? innermost(schema.unwrap()) : schema;
}

function logFailure(log: Logger | null, request: Request, requestId: string, error: unknown): void {
  const fields = { requestId, method: request.method, route: new URL(request.url).pathname };
  if (isStudioError(error) && error.status < 500)
    log?.info("request refused", { ...fields, code: error.code });
  else log?.error("request failed", { ...fields, error });
}
