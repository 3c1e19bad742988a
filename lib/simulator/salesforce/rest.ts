import { json, splitPath } from "#lib/simulator/kit/responses.ts";
import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { notFound, RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import type { RecordStores } from "#lib/simulator/salesforce/records.ts";
import { methodNotAllowed } from "#lib/simulator/salesforce/rest-body.ts";
import type { RestCall } from "#lib/simulator/salesforce/rest-call.ts";
import { compositeResource, type Part } from "#lib/simulator/salesforce/rest-composite.ts";
import {
  type Locators,
  nextPage,
  queryColumns,
  runQuery,
} from "#lib/simulator/salesforce/rest-query.ts";
import { sobjects } from "#lib/simulator/salesforce/rest-records.ts";
import { parameterizedSearch, search } from "#lib/simulator/salesforce/rest-search.ts";
import { holds } from "#lib/simulator/salesforce/scopes.ts";
import {
  findSession,
  isLive,
  type SalesforceCore,
  type Session,
  subjectOf,
} from "#lib/simulator/salesforce/state.ts";
import { type Org, orgById, userById } from "#lib/simulator/salesforce/world.ts";

// Those before are retired; jsforce defaults to v50.0, the CLI uses v51.0 at login.
const firstVersion = 31;
const lastVersion = 64;
const seasons = ["Winter", "Spring", "Summer"] as const;

/** Three releases a year: 62 is Winter '25. */
const versionLabel = (version: number): string => {
  const since = version - 62 + 300;
  return `${seasons[since % 3]} '${25 + Math.floor(since / 3) - 100}`;
};

const versions = Array.from({ length: lastVersion - firstVersion + 1 }, (_, at) => ({
  label: versionLabel(firstVersion + at),
  url: `/services/data/v${firstVersion + at}.0`,
  version: `${firstVersion + at}.0`,
}));

/**
 * Who calls: `Bearer` or the older `OAuth` in the header, nothing else.
 *
 * @throws {RestRefusal} the two texts of 401, and the refusals of people and orgs without the API
 */
function requireSession(
  core: SalesforceCore,
  request: SimulatorRequest,
): Pick<RestCall, "session" | "org" | "user"> {
  const header = request.headers.get("authorization") ?? "";
  const token = /^(?:bearer|oauth)\s+(\S+)$/i.exec(header)?.[1];
  if (!token) throw new RestRefusal(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE");
  const session = findSession(core, token);
  const org = session && orgById(core.world, session.orgId);
  const user = org && userById(org, session.userId);
  const nowMs = core.context.clock.nowMs();
  // A session is good at its own org's My Domain only; other hosts do not know it.
  if (!user || org.host !== request.host || !isLive(session, nowMs) || !user.isActive) {
    throw new RestRefusal(401, "INVALID_SESSION_ID", "Session expired or invalid");
  }
  if (!holds(session.scopes, "api")) {
    throw new RestRefusal(
      401,
      "INVALID_SESSION_ID",
      "This session is not valid for use with the REST API",
    );
  }
  if (!org.apiEnabled) {
    throw new RestRefusal(
      403,
      "API_DISABLED_FOR_ORG",
      "API is not enabled for this Organization or Partner",
    );
  }
  if (!user.permissions.apiEnabled) {
    throw new RestRefusal(403, "API_CURRENTLY_DISABLED", "API is disabled for this User");
  }
  session.lastUsedAtMs = nowMs;
  return { session, org, user };
}

const dayMs = 86_400_000;
const longestPath = 16_384;
/** Headers that speak of one record, not of the parts of a composite. */
const conditional = ["if-modified-since", "if-unmodified-since", "if-match", "if-none-match"];
const jsonMethods = new Set(["POST", "PATCH", "PUT"]);

/** `/services/data/…`: letter case and doubled slashes do not matter. */
export function createRest(core: SalesforceCore, records: RecordStores) {
  const locators: Locators = new Map();
  /** Calls of the last 24 hours, counted from the first; by org, and by app in it. */
  const used = new Map<string, { count: number; sinceMs: number }>();

  const counted = (key: string) => {
    const nowMs = core.context.clock.nowMs();
    const old = used.get(key);
    const now = old && nowMs - old.sinceMs < dayMs ? old : { count: 0, sinceMs: nowMs };
    used.set(key, now);
    return now;
  };
  const countCall = (org: Org, session: Session): { count: number; max: number } => {
    const now = counted(org.id);
    counted(`${org.id} ${session.clientId}`).count += 1;
    now.count += 1;
    if (now.count > org.dailyApiRequests) {
      throw new RestRefusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    }
    return { count: now.count, max: org.dailyApiRequests };
  };
  const limits = ({ org, session, store }: RestCall) => {
    const max = org.dailyApiRequests;
    const left = (key: string) => ({ Max: max, Remaining: Math.max(0, max - counted(key).count) });
    const app = core.world.apps.find(({ clientId }) => clientId === session.clientId);
    const unused = (Max: number) => ({ Max, Remaining: Max });
    return {
      DailyApiRequests: {
        ...left(org.id),
        ...(app ? { [app.name]: left(`${org.id} ${app.clientId}`) } : {}),
      },
      DailyAsyncApexExecutions: unused(250_000),
      DailyBulkApiBatches: unused(15_000),
      DailyBulkV2QueryJobs: unused(10_000),
      // Two kilobytes a row, whatever is in it.
      DataStorageMB: { Max: 1024, Remaining: 1024 - Math.ceil((store.size() * 2) / 1024) },
      FileStorageMB: { Max: 1024, Remaining: 1001 },
      HourlySyncReportRuns: unused(500),
      SingleEmail: unused(5000),
    };
  };

  function resource(call: RestCall, parts: readonly string[]): SimulatorResponse {
    const [name, ...rest] = parts;
    if (call.org.disabledResources.includes(name?.toLowerCase() ?? "")) {
      throw new RestRefusal(
        403,
        "FUNCTIONALITY_NOT_ENABLED",
        "This feature is not currently enabled for this organization",
      );
    }
    const soql = call.query.get("q");
    switch (name?.toLowerCase()) {
      case undefined:
        return json(200, resourcesOf(call));
      case "limits":
        if (call.request.method !== "GET") throw methodNotAllowed(call.request.method, "GET");
        return json(200, limits(call));
      case "query":
      case "queryall":
        if (call.request.method !== "GET") throw methodNotAllowed(call.request.method, "GET");
        if (rest[0]) return json(200, nextPage(call, locators, rest[0]));
        if (!soql)
          throw new RestRefusal(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null");
        if (call.query.get("columns") === "true") return json(200, queryColumns(call, soql));
        return json(200, runQuery(call, soql, locators, name?.toLowerCase() === "queryall"));
      case "sobjects":
        return sobjects(call, rest);
      case "search":
        return search(call);
      case "parameterizedsearch":
        return parameterizedSearch(call);
      case "composite":
        return compositeResource(call, rest, dispatch);
      case "tooling":
        return resource({ ...call, isTooling: true }, rest);
      default:
        throw notFound();
    }
  }

  /** A part of a composite request: same caller, another address and body. */
  function dispatch(call: RestCall, { method, url, body, headers }: Part): SimulatorResponse {
    const { pathname, query } = splitPath(url);
    const match = /^\/services\/data\/v(\d+\.0)(\/.*)?$/i.exec(pathname);
    if (!match || !versions.some(({ version }) => version === match[1])) throw notFound();
    const merged = new Headers(call.request.headers);
    for (const name of conditional) merged.delete(name);
    for (const [name, value] of Object.entries(headers)) merged.set(name, value);
    const text = JSON.stringify(body ?? {});
    const request = { ...call.request, method, headers: merged, body: Buffer.from(text) };
    return resource(
      { ...call, request, query, version: match[1] as string, isTooling: false },
      partsOf(match[2]),
    );
  }

  return async function rest(request: SimulatorRequest): Promise<SimulatorResponse> {
    const { pathname, query } = splitPath(request.path);
    const tail = pathname.replace(/^\/services\/data\/?/i, "");
    if (tail === "") return json(200, versions);
    let known: Pick<RestCall, "session" | "org" | "user"> | undefined;
    let limit = {};
    const subject = () => subjectOf(known?.user, undefined);
    try {
      known = requireSession(core, request);
      const where = {
        host: request.host,
        path: request.path,
        user: known.user.username,
        app: known.session.clientId,
      };
      const forced = core.context.faults.take(salesforceFaults.restError, where);
      if (forced) throw new RestRefusal(forced.status, forced.errorCode, forced.message);
      const count = countCall(known.org, known.session);
      limit = { "sforce-limit-info": `api-usage=${count.count}/${count.max}` };
      if (request.path.length > longestPath) {
        throw new RestRefusal(414, "URI_TOO_LONG", "The request URI is too long");
      }
      const match = /^v(\d+\.0)(?:\/(.*))?$/i.exec(tail);
      if (!match || !versions.some(({ version }) => version === match[1])) throw notFound();
      const type = request.headers.get("content-type") ?? "application/json";
      if (jsonMethods.has(request.method) && request.body.length && !/json/i.test(type)) {
        throw new RestRefusal(
          415,
          "UNSUPPORTED_MEDIA_TYPE",
          `The request entity is in a format that is not supported by this method: ${type}`,
        );
      }
      const store = records.of(known.org);
      const call: RestCall = {
        core,
        request,
        ...known,
        store,
        version: match[1] as string,
        isTooling: false,
        query,
      };
      const answer = resource(call, partsOf(match[2]));
      return {
        ...answer,
        headers: { ...answer.headers, ...limit },
        subject: { ...subject(), app: known.session.clientId },
      };
    } catch (error) {
      if (!(error instanceof RestRefusal)) throw error;
      return { ...json(error.status, error.toBody(), limit), subject: subject() };
    }
  };
}

const partsOf = (path: string | undefined): string[] => {
  try {
    return (path ?? "").split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    throw notFound();
  }
};

const resourcesOf = ({ version, org, user, request }: RestCall) => {
  const at = `/services/data/v${version}`;
  const names = [
    "tooling",
    "query",
    "queryAll",
    "search",
    "parameterizedSearch",
    "sobjects",
    "limits",
    "composite",
  ];
  return {
    ...Object.fromEntries(names.map((name) => [name, `${at}/${name}`])),
    identity: `${request.urlFor(org.loginHost)}/id/${org.id}/${user.id}`,
  };
};
