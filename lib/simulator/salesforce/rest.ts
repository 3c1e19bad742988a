import { json, splitPath } from "#lib/simulator/kit/responses.ts";
import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { notFound, RestRefusal } from "#lib/simulator/salesforce/errors.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { objectSpecs } from "#lib/simulator/salesforce/objects.ts";
import type { RecordStore, RecordStores } from "#lib/simulator/salesforce/records.ts";
import { compositeResource } from "#lib/simulator/salesforce/rest-composite.ts";
import {
  type Locators,
  nextPage,
  queryColumns,
  runQuery,
} from "#lib/simulator/salesforce/rest-query.ts";
import { sobjects } from "#lib/simulator/salesforce/rest-records.ts";
import { holds } from "#lib/simulator/salesforce/scopes.ts";
import {
  findSession,
  isLive,
  type SalesforceCore,
  type Session,
  subjectOf,
} from "#lib/simulator/salesforce/state.ts";
import {
  type Org,
  orgById,
  type SalesforceUser,
  userById,
} from "#lib/simulator/salesforce/world.ts";

/** A call of the REST API whose token has been looked at. */
export type RestCall = {
  core: SalesforceCore;
  request: SimulatorRequest;
  session: Session;
  org: Org;
  user: SalesforceUser;
  store: RecordStore;
  /** Without the `v`: `64.0`. */
  version: string;
  isTooling: boolean;
  query: URLSearchParams;
};

// jsforce defaults to v50.0, the CLI uses v51.0 at login: everything from there on answers.
const firstVersion = 50;
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

const jsonMethods = new Set(["POST", "PATCH", "PUT"]);

/** `/services/data/…`: letter case and doubled slashes do not matter. */
export function createRest(core: SalesforceCore, records: RecordStores) {
  const locators: Locators = new Map();
  /** Calls of the last 24 hours, counted from the first. */
  const used = new Map<string, { count: number; sinceMs: number }>();

  const countCall = (org: Org): { count: number; max: number } => {
    const nowMs = core.context.clock.nowMs();
    const old = used.get(org.id);
    const now = old && nowMs - old.sinceMs < 86_400_000 ? old : { count: 0, sinceMs: nowMs };
    used.set(org.id, now);
    now.count += 1;
    if (now.count > org.dailyApiRequests) {
      throw new RestRefusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
    }
    return { count: now.count, max: org.dailyApiRequests };
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
      case "limits": {
        const { count = 0 } = used.get(call.org.id) ?? {};
        const max = call.org.dailyApiRequests;
        return json(200, {
          DailyApiRequests: { Max: max, Remaining: max - count },
          DailyBulkV2QueryJobs: { Max: 10_000, Remaining: 10_000 },
          DataStorageMB: { Max: 1024, Remaining: 987 },
          FileStorageMB: { Max: 1024, Remaining: 1001 },
        });
      }
      case "query":
      case "queryall":
        if (rest[0]) return json(200, nextPage(call, locators, rest[0]));
        if (!soql)
          throw new RestRefusal(400, "MALFORMED_QUERY", "SOQL statements cannot be empty or null");
        if (call.query.get("columns") === "true") return json(200, queryColumns(call, soql));
        return json(200, runQuery(call, soql, locators));
      case "sobjects":
        return sobjects(call, rest);
      case "search":
      case "parameterizedsearch":
        return search(call, soql ?? "");
      case "composite":
        return compositeResource(call, rest, dispatch);
      case "tooling":
        return resource({ ...call, isTooling: true }, rest);
      default:
        throw notFound();
    }
  }

  /** A part of a composite request: same caller, another address and body. */
  function dispatch(call: RestCall, method: string, url: string, body: unknown): SimulatorResponse {
    const { pathname, query } = splitPath(url);
    const match = /^\/services\/data\/v(\d+\.0)(\/.*)?$/i.exec(pathname);
    if (!match) throw notFound();
    const request = { ...call.request, method, body: Buffer.from(JSON.stringify(body ?? {})) };
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
      const count = countCall(known.org);
      limit = { "sforce-limit-info": `api-usage=${count.count}/${count.max}` };
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

/** `FIND {word} …` or a bare word: rows whose name holds it. */
function search(call: RestCall, q: string): SimulatorResponse {
  const word = (/\{([^}]*)\}/.exec(q)?.[1] ?? q)
    .replaceAll(/[*"\\]/g, "")
    .trim()
    .toLowerCase();
  if (word.length < 2)
    throw new RestRefusal(400, "MALFORMED_SEARCH", "search term must be longer than one character");
  const specs = objectSpecs.filter((spec) =>
    /^(Account|Contact|Lead|Opportunity)$/.test(spec.name),
  );
  const searchRecords = specs.flatMap((spec) =>
    call.store
      .rows(spec)
      .filter((row) => String(row.Name).toLowerCase().includes(word))
      .slice(0, 200)
      .map((row) => ({
        attributes: {
          type: spec.name,
          url: `/services/data/v${call.version}/sobjects/${spec.name}/${row.Id}`,
        },
        Id: row.Id,
      })),
  );
  return json(200, { searchRecords });
}
