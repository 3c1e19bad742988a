import { json, splitPath, text } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import {
  blocked,
  type Call,
  notAuthorized,
  rateLimited,
  restError,
  scopeOf,
  serverError,
  unavailable,
  withSubject,
} from "./core.ts";
import { assetRoutes } from "./rest-assets.ts";
import { automationRoutes } from "./rest-automations.ts";
import { legacyAutomationRoutes } from "./rest-automations-legacy.ts";
import { categoryRoutes } from "./rest-categories.ts";
import { contactRoutes } from "./rest-contacts.ts";
import { dataRoutes } from "./rest-data.ts";
import { dataAsyncRoutes } from "./rest-data-async.ts";
import { dataDefineRoutes } from "./rest-data-define.ts";
import { dataWriteRoutes } from "./rest-data-write.ts";
import { definitionRoutes } from "./rest-definitions.ts";
import { emptyRoutes } from "./rest-empty.ts";
import { eventDefinitionRoutes } from "./rest-event-definitions.ts";
import { FilterError } from "./rest-filter.ts";
import { journeyDraftRoutes } from "./rest-journey-drafts.ts";
import { journeyRunRoutes } from "./rest-journey-runs.ts";
import { journeyRoutes } from "./rest-journeys.ts";
import { messageRoutes } from "./rest-messages.ts";
import { platformRoutes } from "./rest-platform.ts";
import { queryRoutes } from "./rest-queries.ts";
import { type RestCall, RestProblem, type RestRoute } from "./rest-route.ts";
import { readSwitch } from "./switches.ts";
import { authenticate, may } from "./tokens.ts";
import { bearerOf, subjectOf } from "./whoami.ts";

const routes: readonly RestRoute[] = [
  ...platformRoutes,
  ...dataRoutes,
  ...dataDefineRoutes,
  ...dataWriteRoutes,
  ...dataAsyncRoutes,
  ...journeyRoutes,
  ...journeyDraftRoutes,
  ...journeyRunRoutes,
  ...eventDefinitionRoutes,
  ...automationRoutes,
  ...legacyAutomationRoutes,
  ...queryRoutes,
  ...assetRoutes,
  ...categoryRoutes,
  ...definitionRoutes,
  ...messageRoutes,
  ...contactRoutes,
  ...emptyRoutes,
];

/** What the gateway forwards; anything else never reaches a service. */
const families =
  /^\/(platform|data|hub|interaction|automation|asset|messaging|contacts|legacy|push|address|sms|email)\/v1(\/|$)/;

/** The REST host: the gateway's checks in the order the vendor makes them, then the route. */
export function handleRest(call: Call): SimulatorResponse {
  const { core, request, tenant } = call;
  const { pathname, query } = splitPath(request.path);
  // Paths and parameter names are not case-sensitive; trailing slashes are fine. Keys keep their case.
  const path = pathname.length > 1 ? pathname.replace(/\/+$/, "") : pathname;
  if (path.toLowerCase() === "/v1/requesttoken") return legacyToken();
  if (!families.test(path.toLowerCase())) return text(596, "<h1>596 Service Not Found</h1>");
  if (query.has("access_token")) return restError(401, 40004, "Token in the query string.");
  const bearer = bearerOf(call);
  if (bearer === undefined) {
    return hasTokenInBody(request.body)
      ? restError(403, 40003, "Token in the request body.")
      : notAuthorized();
  }
  const caller = authenticate(core, bearer);
  if (typeof caller === "string") return notAuthorized();
  const subject = subjectOf(caller);
  if (caller.tenant.subdomain !== tenant.subdomain) {
    return withSubject(restError(403, 40002, "Token used on the wrong stack."), subject);
  }
  const fault = readSwitch(core.context.faults, "rest", scopeOf(call, subject));
  const switched = faultAnswers[fault]?.();
  if (switched) return withSubject(switched, subject);
  return withSubject(
    dispatch({ ...call, caller, query: new Map(), parameters: {}, path }, query),
    subject,
  );
}

const insufficientPrivileges = () =>
  json(403, { message: "Insufficient privileges to complete this action." });

const faultAnswers: Partial<Record<string, () => SimulatorResponse>> = {
  "not-authorized": notAuthorized,
  "insufficient-privileges": insufficientPrivileges,
  "rate-limited": rateLimited,
  blocked,
  "server-error": serverError,
  unavailable,
};

const legacyToken = () =>
  restError(400, 10007, "This integration cannot use the legacy v1/requestToken route.");

/** Only a short look: a token that somebody put into the body instead of the header. */
const hasTokenInBody = (body: Buffer): boolean =>
  body.length > 0 &&
  body.length < 65536 &&
  /"?access_?token"?\s*[=:]/i.test(body.toString("latin1"));

const indexed = /^\/(data|asset|automation|interaction|hub|messaging|push|platform)\/v1\/rest$/i;

/** What a family answers to (contract 6); nobody wrote down in which form. */
function indexOf(family: string): SimulatorResponse {
  const items = routes.flatMap(({ method, path, scopes }) => {
    const template = path.source.slice(1, -1).replaceAll(/\(\?<(\w+)>[^)]*\)/g, "{$1}");
    const url = template.replaceAll("\\", "");
    return url.startsWith(`/${family}/`) ? [{ method, url, scopes }] : [];
  });
  return json(200, { count: items.length, items });
}

function dispatch(call: RestCall, query: URLSearchParams): SimulatorResponse {
  const family = indexed.exec(call.path)?.[1]?.toLowerCase();
  if (family !== undefined && call.request.method === "GET") return indexOf(family);
  let isPathKnown = false;
  for (const route of routes) {
    const match = route.path.exec(call.path);
    if (!match) continue;
    isPathKnown = true;
    if (route.method !== call.request.method) continue;
    // Scope first, then whether the thing exists: nobody learns about keys without the right.
    if (!route.scopes.every((scope) => may(call.caller, scope))) return insufficientPrivileges();
    try {
      const parameters = Object.fromEntries(
        Object.entries(match.groups ?? {}).map(([name, value]) => [name, decode(value)]),
      );
      const names = [...query].map(([name, value]) => [name.toLowerCase(), value] as const);
      return route.answer({ ...call, parameters, query: new Map(names) });
    } catch (error) {
      if (error instanceof RestProblem) return error.response;
      if (error instanceof FilterError) return restError(400, 10003, error.message);
      throw error;
    }
  }
  return isPathKnown ? restError(405, 405, "Method Not Allowed") : restError(404, 404, "Not Found");
}

function decode(value: string | undefined): string {
  try {
    return decodeURIComponent(value ?? "");
  } catch {
    throw new RestProblem(restError(400, 10003, "The path is not encoded properly."));
  }
}
