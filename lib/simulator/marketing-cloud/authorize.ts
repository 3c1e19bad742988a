import { errorPage } from "#lib/simulator/kit/pages.ts";
import { formOf, html, redirect, splitPath } from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { type Call, restError, type Subject, scopeOf, withSubject } from "./core.ts";
import { mintCode, unused } from "./mint.ts";
import { parseScopes } from "./scopes.ts";
import { findSession, providerLabel, startSession, toLogin } from "./sessions.ts";
import type { Code, Session } from "./state.ts";
import { readSwitch } from "./switches.ts";
import { unauthorizedClientText } from "./token-call.ts";
import { isLicensed } from "./tokens.ts";
import type { Package } from "./world.ts";

const codeSeconds = 300;
const invalidScopeText = "The requested scope is not enabled for the package.";
const documented = new Set(["response_type", "client_id", "redirect_uri", "scope", "state"]);

type Asked = Call & {
  params: URLSearchParams;
  made: Package;
  redirectUri: string;
  subject: Subject;
};

/**
 * `GET /v2/authorize`, POST tolerated (contract 2). Whoever asks with an unknown client or redirect is
 * told so on the vendor's own page; every other failure goes back in the redirect.
 */
export function handleAuthorize(call: Call): SimulatorResponse {
  const { core, request, tenant } = call;
  if (!["GET", "POST"].includes(request.method)) {
    return restError(405, 405, "Method Not Allowed", { allow: "GET, POST" });
  }
  const { query } = splitPath(request.path);
  const params =
    request.method === "POST" ? new URLSearchParams([...query, ...formOf(request)]) : query;
  const only = (name: string) => {
    const values = params.getAll(name);
    return values.length === 1 ? values[0] : undefined;
  };
  const made = core.directory.findPackage(tenant, only("client_id") ?? "");
  if (!made) return page(call, "Invalid client identifier", "No installed package has it.");
  const redirectUri = only("redirect_uri");
  if (redirectUri === undefined || !made.redirectUris.includes(redirectUri)) {
    return page(call, "Invalid redirect URI", "It is not one of those registered on the package.");
  }
  const subject = { app: made.clientId };
  const asked: Asked = { ...call, params, made, redirectUri, subject };
  return withSubject(judge(asked), subject);
}

const page = ({ request }: Call, title: string, message: string) =>
  html(400, errorPage({ provider: providerLabel, host: request.host, title, message }));

function judge(asked: Asked): SimulatorResponse {
  const { core, made, params } = asked;
  const read = <Name extends Parameters<typeof readSwitch>[1]>(name: Name) =>
    readSwitch(core.context.faults, name, scopeOf(asked, asked.subject));
  const repeated = [...new Set(params.keys())].find((name) => params.getAll(name).length > 1);
  if (repeated) return refuse(asked, "invalid_request", `Repeated parameter: ${repeated}`);
  if (params.get("response_type") !== "code") {
    return refuse(asked, "unsupported_response_type", "Use code as the response_type.");
  }
  if (made.type === "server-to-server" || !made.isEnabled) {
    return refuse(asked, "unauthorized_client", unauthorizedClientText);
  }
  const pkce = read("pkce");
  const unknown = [...params.keys()].find((name) => !documented.has(name));
  if (pkce === "refuse-unknown" && unknown) {
    return refuse(asked, "invalid_request", `Unknown parameter: ${unknown}`);
  }
  const challenge = pkce === "ignore" ? null : readChallenge(params);
  if (challenge === "malformed") {
    return refuse(asked, "invalid_request", "The code_challenge is not valid.");
  }
  // Absent: all of the package's. Present but empty: a token that may do nothing.
  const scopes = params.has("scope") ? parseScopes(params.get("scope") ?? "") : made.scopes;
  const foreign = scopes.filter((scope) => !made.scopes.includes(scope));
  const isDropped = foreign.length > 0 && read("scopeNotOnPackage") === "drop";
  if (foreign.length > 0 && !isDropped) return refuse(asked, "invalid_scope", invalidScopeText);
  const session = currentSession(asked);
  if (!session) return toLogin(asked, params.toString());
  asked.subject.user = session.username;
  // Switched refusals come after the sign-in: only now is it known whose request this is.
  const fault = read("authorize");
  if (fault === "unauthorized_client") return refuse(asked, fault, unauthorizedClientText);
  if (fault === "invalid_scope") return refuse(asked, fault, invalidScopeText);
  const user = core.directory.findUser(asked.tenant, session.username);
  if (!user || !isLicensed(user, made) || fault === "user_not_licensed") {
    return refuse(asked, "user_not_licensed");
  }
  return grant(asked, session, {
    scopes: scopes.filter((scope) => !foreign.includes(scope)),
    mid: read("signedInMid") ?? session.mid,
    challenge,
  });
}

/** The browser's own session, or the one that a test says it has (somebody else's, say). */
function currentSession(asked: Asked): Session | undefined {
  const { core, tenant } = asked;
  const scope = scopeOf(asked, asked.subject);
  const wrong = readSwitch(core.context.faults, "signedInAs", scope);
  const user = wrong === null ? undefined : core.directory.findUser(tenant, wrong);
  return user ? startSession(asked, user) : findSession(asked);
}

function readChallenge(params: URLSearchParams): Code["challenge"] | "malformed" {
  const value = params.get("code_challenge");
  const method = params.get("code_challenge_method");
  if (value === null) return method === null ? null : "malformed";
  if (method !== null && method !== "S256" && method !== "plain") return "malformed";
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(value)) return "malformed";
  return { method: method ?? "plain", value };
}

function grant(
  asked: Asked,
  session: Session,
  given: Pick<Code, "scopes" | "mid" | "challenge">,
): SimulatorResponse {
  const { core, made, redirectUri, tenant } = asked;
  const { clock, random } = core.context;
  const code: Code = {
    code: unused(
      () => mintCode(random, tenant),
      (value) => core.state.codes.has(value),
    ),
    subdomain: tenant.subdomain,
    clientId: made.clientId,
    username: session.username,
    sessionId: session.id,
    redirectUri,
    expiresAtMs: clock.nowMs() + codeSeconds * 1000,
    familyId: null,
    ...given,
  };
  core.state.codes.set(code.code, code);
  const tssd = readSwitch(core.context.faults, "tssd", scopeOf(asked, asked.subject));
  return goBack(asked, {
    code: code.code,
    ...(tssd === false ? {} : { tssd: tssd === true ? tenant.subdomain : tssd }),
  });
}

function refuse(asked: Asked, error: string, description?: string): SimulatorResponse {
  return goBack(asked, {
    error,
    ...(description === undefined
      ? {}
      : { error_description: description, error_uri: "https://developer.salesforce.com/docs" }),
  });
}

/** The registered address stays as it is, byte for byte: the answer is added behind it. */
function goBack({ params, redirectUri }: Asked, answer: Record<string, string>) {
  const state = params.get("state");
  const query = new URLSearchParams({ ...answer, ...(state === null ? {} : { state }) });
  return redirect(`${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${query}`);
}
