import { json, splitPath } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import {
  type Call,
  invalidTokenHeader,
  oauthError,
  rateLimited,
  restError,
  scopeOf,
  serverError,
  userinfoError,
  withSubject,
} from "./core.ts";
import { toPermissions } from "./scopes.ts";
import { readSwitch } from "./switches.ts";
import { type Authenticated, authenticate } from "./tokens.ts";
import { enterpriseId, findBusinessUnit, hostOf, parentOf, type Tenant } from "./world.ts";

export const bearerOf = ({ request }: Call): string | undefined =>
  /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];

export const subjectOf = ({ made, user }: Authenticated) => ({
  app: made.clientId,
  ...(user ? { user: user.username } : {}),
});

/** `GET /v2/userinfo` (contract 4.1). The business unit has an id here and no name. */
export function handleUserinfo(call: Call): SimulatorResponse {
  const { core, request, tenant } = call;
  if (request.method !== "GET") {
    return restError(405, 405, "Method Not Allowed", { allow: "GET" });
  }
  const bearer = bearerOf(call);
  if (bearer === undefined) {
    return userinfoError(400, "invalid_request", "The Authorization header is missing.");
  }
  const caller = authenticate(core, bearer);
  // A token of another tenant is refused like one that never was.
  if (typeof caller === "string" || caller.tenant.subdomain !== tenant.subdomain) {
    return refused();
  }
  const subject = subjectOf(caller);
  const fault = readSwitch(core.context.faults, "userinfo", scopeOf(call, subject));
  if (fault === "unauthorized") return withSubject(refused(), subject);
  if (fault === "rate-limited") return withSubject(rateLimited(), subject);
  if (fault === "server-error") return withSubject(serverError(), subject);
  return withSubject(json(200, userinfo(call, caller)), subject);
}

function refused(): SimulatorResponse {
  const answer = userinfoError(401, "invalid_token", "The access token is invalid or expired.");
  return { ...answer, headers: { ...answer.headers, ...invalidTokenHeader } };
}

/** Server-to-server has no person: the vendor shows the user that the integration runs as. */
const integrationUser = (caller: Authenticated) => ({
  username: caller.made.clientId,
  name: `${caller.made.name} app user`,
  email: "",
  employeeId: 90000000 + (caller.made.homeMid % 100000),
});

export const personOf = (caller: Authenticated) => caller.user ?? integrationUser(caller);

function userinfo({ request }: Call, caller: Authenticated) {
  const { made, tenant, token } = caller;
  const person = personOf(caller);
  const parent = parentOf(tenant);
  const unit = findBusinessUnit(tenant, token.mid) ?? parent;
  const isOidc = splitPath(request.path).query.get("view") === "oidc";
  const url = (role: "rest" | "soap") => `${request.urlFor(hostOf(tenant.subdomain, role))}/`;
  return {
    exp: Math.floor(token.expiresAtMs / 1000),
    iss: "https://mc.exacttarget.com",
    user: {
      sub: isOidc
        ? `https://mc.auth.marketingcloudapis.com/uid/${person.employeeId}`
        : String(person.employeeId),
      name: person.username,
      preferred_username: String(person.employeeId),
      email: person.email,
      locale: unit.locale,
      zoneinfo: unit.timeZone,
      timezone: timeZone(unit.timeZone),
    },
    organization: {
      member_id: token.mid,
      enterprise_id: enterpriseId(tenant),
      enterprise_name: tenant.company,
      account_type: "enterprise",
      stack_key: tenant.stackKey,
      region: tenant.region,
      locale: parent.locale,
      zoneinfo: parent.timeZone,
      timezone: timeZone(parent.timeZone),
    },
    rest: { rest_instance_url: url("rest"), soap_instance_url: url("soap") },
    application: {
      id: made.id,
      name: made.name,
      redirectUrl: made.redirectUris,
      appScopes: [...made.scopes, "openid"],
    },
    permissions: toPermissions(caller.user?.permissions ?? made.scopes),
  };
}

/** Standard time all the year: the vendor's own figure, as far as it is known, has no summer. */
function timeZone(name: string) {
  const january = new Date(Date.UTC(2026, 0, 15, 12));
  const part = (style: "long" | "short" | "longOffset") =>
    new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: style })
      .formatToParts(january)
      .find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(part("longOffset")) ?? [];
  const offset = Number(hours ?? 0) + Number(minutes ?? 0) / 60;
  return {
    longName: part("long"),
    shortName: part("short"),
    offset: sign === "-" ? -offset : offset,
    dst: false,
  };
}

/** `GET /v2/discovery`: which tenant a username belongs to. */
export function handleDiscovery(call: Call): SimulatorResponse {
  const { core, request } = call;
  const { query } = splitPath(request.path);
  const resource = query.get("resource");
  if (!query.get("client_id") || !resource?.startsWith("acct:")) {
    return json(400, { message: "The client_id and resource parameters are required." });
  }
  const knows = (tenant: Tenant) => core.directory.findUser(tenant, resource.slice(5));
  const home = core.directory.tenants().find(knows);
  if (!home) return oauthError(404, "not_found", "There is no such user.");
  const link = (role: "auth" | "rest") => ({
    rel: `${role}_instance_url`,
    href: request.urlFor(hostOf(home.subdomain, role)),
  });
  return json(200, { subject: resource, links: [link("auth"), link("rest")] });
}
