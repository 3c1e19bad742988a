import { empty, formOf, json, mediaType, splitPath, text } from "#lib/simulator/kit/responses.ts";
import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { authenticateClient } from "#lib/simulator/salesforce/client.ts";
import { noStore, OAuthRefusal, tokenErrorResponse } from "#lib/simulator/salesforce/errors.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { sameId } from "#lib/simulator/salesforce/ids.ts";
import { holds } from "#lib/simulator/salesforce/scopes.ts";
import {
  findSession,
  isLive,
  revokeGrant,
  type SalesforceCore,
  type Session,
} from "#lib/simulator/salesforce/state.ts";
import { identityUrl } from "#lib/simulator/salesforce/token-answer.ts";
import {
  type Org,
  orgById,
  type SalesforceUser,
  userById,
} from "#lib/simulator/salesforce/world.ts";

/** Either kind of token, no client authentication; a token that is none any more is an error. */
export function revoke(core: SalesforceCore, request: SimulatorRequest): SimulatorResponse {
  const params = request.method === "GET" ? splitPath(request.path).query : formOf(request);
  const token =
    request.method === "POST" && mediaType(request) !== "application/x-www-form-urlencoded"
      ? null
      : params.get("token");
  const refuse = (error: string, description: string) => tokenErrorResponse({ error, description });
  const session = token === null ? undefined : findSession(core, token);
  const approval = core.state.grants.find(({ refreshToken }) => refreshToken === token);
  const of = session ?? approval;
  const org = of && orgById(core.world, of.orgId);
  const user = org && of ? userById(org, of.userId) : undefined;
  const where = {
    host: request.host,
    path: request.path,
    ...(user ? { user: user.username } : {}),
    ...(of ? { app: of.clientId } : {}),
  };
  const forced = core.context.faults.take(salesforceFaults.revokeError, where);
  if (forced) {
    const description = "this token cannot be revoked";
    return tokenErrorResponse({ description, ...forced });
  }
  if (!token) return refuse("unsupported_token_type", "this token type is not supported");
  if (session && isLive(session, core.context.clock.nowMs())) {
    session.isRevoked = true;
    core.changed();
    return { ...empty(200, noStore), subject: { app: session.clientId } };
  }
  if (!approval || approval.isRevoked) return refuse("invalid_token", "invalid token");
  revokeGrant(core, approval);
  return { ...empty(200, noStore), subject: { app: approval.clientId } };
}

/** Own tokens only, unless the app may ask about all; a client without secret may not ask at all. */
export function introspect(core: SalesforceCore, request: SimulatorRequest): SimulatorResponse {
  try {
    if (request.method !== "POST") throw new OAuthRefusal("mustPost");
    const form = formOf(request);
    const app = authenticateClient(core, request, form).require(core, () => true);
    const token = form.get("token") ?? "";
    const nowMs = core.context.clock.nowMs();
    const session = findSession(core, token);
    const grant = core.state.grants.find(({ refreshToken }) => refreshToken === token);
    const found =
      session && isLive(session, nowMs) ? session : grant?.isRevoked ? undefined : grant;
    const org = found && orgById(core.world, found.orgId);
    const user = org && userById(org, found.userId);
    const mayKnow = found?.clientId === app.clientId || app.flows.introspectAll;
    if (!found || !user || !mayKnow) return json(200, { active: false }, noStore);
    const issuedAt = Math.floor(found.createdAtMs / 1000);
    const times =
      "timeoutSeconds" in found
        ? {
            token_type: "access_token",
            exp: Math.floor(found.lastUsedAtMs / 1000) + found.timeoutSeconds,
          }
        : { token_type: "refresh_token" };
    return json(
      200,
      {
        active: true,
        scope: found.scopes.join(" "),
        client_id: found.clientId,
        username: user.username,
        sub: identityUrl(request, org, user),
        ...times,
        iat: issuedAt,
        nbf: issuedAt,
      },
      noStore,
    );
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error;
    return tokenErrorResponse(error.refusal);
  }
}

const serviceUrls = (base: string, org: Org, user: SalesforceUser): Record<string, string> => ({
  enterprise: `${base}/services/Soap/c/{version}/${org.id.slice(0, 15)}`,
  metadata: `${base}/services/Soap/m/{version}/${org.id.slice(0, 15)}`,
  partner: `${base}/services/Soap/u/{version}/${org.id.slice(0, 15)}`,
  rest: `${base}/services/data/v{version}/`,
  sobjects: `${base}/services/data/v{version}/sobjects/`,
  search: `${base}/services/data/v{version}/search/`,
  query: `${base}/services/data/v{version}/query/`,
  recent: `${base}/services/data/v{version}/recent/`,
  tooling_soap: `${base}/services/Soap/T/{version}/${org.id.slice(0, 15)}`,
  tooling_rest: `${base}/services/data/v{version}/tooling/`,
  profile: `${base}/${user.id}`,
  feeds: `${base}/services/data/v{version}/chatter/feeds`,
  groups: `${base}/services/data/v{version}/chatter/groups`,
  users: `${base}/services/data/v{version}/chatter/users`,
  feed_items: `${base}/services/data/v{version}/chatter/feed-items`,
  custom_domain: base,
});

type Named = { session: Session; org: Org; user: SalesforceUser };

/**
 * Whose token a call to the identity service brings: in the header, or in the query as jsforce does.
 *
 * @returns the refusal as these two services put it: 403 and a short text
 */
function nameBearer(core: SalesforceCore, request: SimulatorRequest): Named | SimulatorResponse {
  const refuse = (text_: string, status = 403) => text(status, text_);
  const { query } = splitPath(request.path);
  const header = /^(?:bearer|oauth)\s+(\S+)$/i.exec(request.headers.get("authorization") ?? "");
  const form = request.method === "POST" ? formOf(request) : new URLSearchParams();
  const token =
    header?.[1] ??
    query.get("oauth_token") ??
    query.get("access_token") ??
    form.get("access_token");
  if (!token) return refuse("Missing_OAuth_Token");
  const session = findSession(core, token);
  const org = session && orgById(core.world, session.orgId);
  const user = org && userById(org, session.userId);
  if (!session || !user || !isLive(session, core.context.clock.nowMs())) {
    return refuse("Bad_OAuth_Token");
  }
  const subject = { user: user.username, app: session.clientId };
  const where = { host: request.host, path: request.path, ...subject };
  const forced = core.context.faults.take(salesforceFaults.identityError, where);
  if (forced) return { ...refuse(forced.text, forced.status), subject };
  if (!["id", "openid", "api", "full"].some((scope) => holds(session.scopes, scope))) {
    return { ...refuse("Bad_OAuth_Token"), subject };
  }
  if (!user.isActive) return { ...refuse("Inactive"), subject };
  if (core.context.faults.take(salesforceFaults.identityOfAnother, where)) {
    const another = org.users.find((candidate) => candidate.id !== user.id) ?? user;
    return { session, org, user: another };
  }
  return { session, org, user };
}

const picture = (base: string, name: string) => `${base}/profilephoto/005/${name}`;

export function userinfo(core: SalesforceCore, request: SimulatorRequest): SimulatorResponse {
  const named = nameBearer(core, request);
  if ("status" in named) return named;
  const { org, user, session } = named;
  const base = request.urlFor(org.host);
  return {
    ...json(200, {
      sub: identityUrl(request, org, user),
      user_id: user.id,
      organization_id: org.id,
      preferred_username: user.username,
      nickname: user.username.split("@")[0],
      name: `${user.firstName} ${user.lastName}`,
      email: user.email,
      email_verified: true,
      given_name: user.firstName,
      family_name: user.lastName,
      zoneinfo: user.timeZone,
      photos: { picture: picture(base, "F"), thumbnail: picture(base, "T") },
      profile: `${base}/${user.id}`,
      picture: picture(base, "F"),
      address: {},
      is_salesforce_integration_user: user.isIntegration,
      urls: serviceUrls(base, org, user),
      active: user.isActive,
      user_type: "STANDARD",
      language: user.language,
      locale: user.locale,
      utcOffset: 0,
      updated_at: "2026-01-14T09:30:00Z",
    }),
    subject: { user: user.username, app: session.clientId },
  };
}

/** `/id/{org}/{user}`: the same facts in an older spelling. */
export function identity(
  core: SalesforceCore,
  request: SimulatorRequest,
  orgId: string,
  userId: string,
): SimulatorResponse {
  const named = nameBearer(core, request);
  if ("status" in named) return named;
  const { org, user, session } = named;
  if (!sameId(orgId, org.id)) return text(403, "Wrong_Org");
  if (!sameId(userId, session.userId)) return text(userById(org, userId) ? 403 : 404, "Bad_Id");
  const base = request.urlFor(org.host);
  return {
    ...json(200, {
      id: identityUrl(request, org, user),
      asserted_user: true,
      user_id: user.id,
      organization_id: org.id,
      username: user.username,
      nick_name: user.username.split("@")[0],
      display_name: `${user.firstName} ${user.lastName}`,
      email: user.email,
      email_verified: true,
      first_name: user.firstName,
      last_name: user.lastName,
      timezone: user.timeZone,
      photos: { picture: picture(base, "F"), thumbnail: picture(base, "T") },
      addr_street: null,
      addr_city: null,
      addr_state: null,
      addr_country: "US",
      addr_zip: null,
      mobile_phone: null,
      mobile_phone_verified: false,
      status: { created_date: null, body: null },
      urls: serviceUrls(base, org, user),
      active: user.isActive,
      user_type: "STANDARD",
      language: user.language,
      locale: user.locale,
      utcOffset: 0,
      last_modified_date: "2026-01-14T09:30:00Z",
    }),
    subject: { user: user.username, app: session.clientId },
  };
}

export function discovery(request: SimulatorRequest, scopes: Iterable<string>): SimulatorResponse {
  const base = request.urlFor(request.host);
  const at = (path: string) => `${base}/services/oauth2/${path}`;
  return json(200, {
    issuer: base,
    authorization_endpoint: at("authorize"),
    token_endpoint: at("token"),
    revocation_endpoint: at("revoke"),
    userinfo_endpoint: at("userinfo"),
    introspection_endpoint: at("introspect"),
    jwks_uri: `${base}/id/keys`,
    registration_endpoint: at("register"),
    scopes_supported: [...scopes],
    response_types_supported: ["code", "token", "token id_token"],
    subject_types_supported: ["public"],
    id_token_signing_alg_values_supported: ["RS256"],
    token_endpoint_auth_methods_supported: ["client_secret_post", "client_secret_basic"],
    display_values_supported: ["page", "popup", "touch"],
  });
}
