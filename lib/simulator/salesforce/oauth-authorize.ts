import { errorPage } from "#lib/simulator/kit/pages.ts";
import { cookieOf, formOf, html, redirect, splitPath } from "#lib/simulator/kit/responses.ts";
import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { approvalKey, requireAccess } from "#lib/simulator/salesforce/access.ts";
import { type OAuthError, OAuthRefusal, oauthErrors } from "#lib/simulator/salesforce/errors.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import { grantedScopes } from "#lib/simulator/salesforce/scopes.ts";
import { askApproval, askSignIn } from "#lib/simulator/salesforce/sign-in.ts";
import { findApp, type SalesforceCore, subjectOf } from "#lib/simulator/salesforce/state.ts";
import {
  type App,
  type Org,
  orgById,
  type SalesforceUser,
  userById,
} from "#lib/simulator/salesforce/world.ts";

export type AuthorizeRequest = {
  app: App;
  redirectUri: string;
  state: string | null;
  scopes: string[];
  challenge: string | null;
  nonce: string | null;
  prompts: string[];
  loginHint: string | null;
  isImmediate: boolean;
};

/** Who signed in, and where. */
export type SignedIn = { org: Org; user: SalesforceUser };

const challengePattern = /^[A-Za-z0-9_-]{43}$/;

/** Errors about the client or its callback never reach the app: they stay on a page (H-err). */
export function refusalPage(request: SimulatorRequest, refusal: OAuthError): SimulatorResponse {
  return html(
    400,
    errorPage({
      provider: "Salesforce",
      host: request.host,
      title: "We can’t authorize you because of an OAuth error",
      message: "The app that sent you here is not set up as this login host expects.",
      code: `error=${refusal.error}&error_description=${encodeURIComponent(refusal.description)}`,
    }),
  );
}

/** Sends the browser back to the app; the query keeps what the callback already had. */
function redirectToApp(
  core: SalesforceCore,
  request: SimulatorRequest,
  asked: Pick<AuthorizeRequest, "redirectUri" | "state">,
  params: Record<string, string>,
  subject: { user?: string; app?: string },
): SimulatorResponse {
  const where = { host: request.host, path: request.path, ...subject };
  const changed: Record<string, string | null> = {
    ...params,
    ...(asked.state === null ? {} : { state: asked.state }),
    ...core.context.faults.take(salesforceFaults.redirectParams, where)?.set,
  };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(changed)) if (value !== null) query.set(name, value);
  const appended = core.context.faults.take(salesforceFaults.redirectAppend, where)?.text ?? "";
  const joint = asked.redirectUri.includes("?") ? "&" : "?";
  return { ...redirect(`${asked.redirectUri}${joint}${query}${appended}`), subject };
}

const refusalToApp = (
  core: SalesforceCore,
  request: SimulatorRequest,
  asked: Pick<AuthorizeRequest, "redirectUri" | "state">,
  refusal: OAuthError,
  subject: { user?: string; app?: string },
) =>
  redirectToApp(
    core,
    request,
    asked,
    { error: refusal.error, error_description: refusal.description },
    subject,
  );

/** Client and callback, on whose word everything else may be redirected. */
function readTarget(
  core: SalesforceCore,
  query: URLSearchParams,
): { app: App; redirectUri: string } | OAuthError {
  const app = findApp(core, query.get("client_id"));
  if (!app) return oauthErrors.unknownClient;
  const redirectUri = query.get("redirect_uri");
  if (!redirectUri) return oauthErrors.redirectMissing;
  if (!app.callbacks.includes(redirectUri)) return oauthErrors.redirectMismatch;
  return { app, redirectUri };
}

function readRequest(query: URLSearchParams, app: App, redirectUri: string): AuthorizeRequest {
  if (!app.flows.code) throw new OAuthRefusal("unauthorizedClient");
  if (query.get("response_type") !== "code") throw new OAuthRefusal("unsupportedResponse");
  const challenge = query.get("code_challenge");
  const method = query.get("code_challenge_method");
  // Without a method S256 is meant: jsforce and the CLI send none (RFC 7636 would say plain).
  if (challenge !== null && (!challengePattern.test(challenge) || (method ?? "S256") !== "S256")) {
    throw new OAuthRefusal("invalidChallenge");
  }
  if (challenge === null && app.pkce === "required") throw new OAuthRefusal("missingChallenge");
  return {
    app,
    redirectUri,
    state: query.get("state"),
    scopes: grantedScopes(app, query.get("scope")),
    challenge: app.pkce === "unknown" ? null : challenge,
    nonce: query.get("nonce"),
    prompts: (query.get("prompt") ?? "").split(/\s+/).filter(Boolean),
    loginHint: query.get("login_hint"),
    isImmediate: query.get("immediate") === "true",
  };
}

export function liveBrowser(core: SalesforceCore, request: SimulatorRequest): SignedIn | undefined {
  const id = cookieOf(request, "sid");
  const browser = core.state.browsers.find(
    (candidate) => candidate.id === id && candidate.host === request.host,
  );
  const org = browser && orgById(core.world, browser.orgId);
  const user = org && userById(org, browser.userId);
  return org && user?.isActive ? { org, user } : undefined;
}

/** `/services/oauth2/authorize`, by GET or as a form. */
export const authorize = (core: SalesforceCore, request: SimulatorRequest): SimulatorResponse =>
  continueAuthorize(
    core,
    request,
    request.method === "POST" ? formOf(request) : splitPath(request.path).query,
  );

/**
 * Judges an authorize request, then asks who is there and whether they agree. The request travels
 * whole through the pages and is judged anew at each step, so a page in an old tab still works.
 *
 * @param signedInNow - who just signed in or decided; `prompt` is then met
 */
export function continueAuthorize(
  core: SalesforceCore,
  request: SimulatorRequest,
  query: URLSearchParams,
  signedInNow?: SignedIn,
  decision?: "allow" | "deny",
): SimulatorResponse {
  const target = readTarget(core, query);
  const where = { host: request.host, path: request.path };
  if ("error" in target) return refusalPage(request, target);
  const onPage = core.context.faults.take(salesforceFaults.authorizePage, {
    ...where,
    app: target.app.clientId,
  });
  if (onPage) return refusalPage(request, onPage);
  const back = { redirectUri: target.redirectUri, state: query.get("state") };
  let signedIn = signedInNow ?? liveBrowser(core, request);
  try {
    const asked = readRequest(query, target.app, target.redirectUri);
    const mustSignIn = asked.prompts.some((prompt) => /^(login|select_account)$/.test(prompt));
    if (!signedInNow && mustSignIn) signedIn = undefined;
    if (!signedIn) {
      if (asked.isImmediate) throw new OAuthRefusal("immediate");
      return askSignIn(core, request, { query, app: asked.app, hint: asked.loginHint });
    }
    return finish(core, request, query, asked, signedIn, decision);
  } catch (error) {
    if (!(error instanceof OAuthRefusal)) throw error;
    return refusalToApp(core, request, back, error.refusal, subjectOf(signedIn?.user, target.app));
  }
}

function finish(
  core: SalesforceCore,
  request: SimulatorRequest,
  query: URLSearchParams,
  asked: AuthorizeRequest,
  { org, user }: SignedIn,
  decision: "allow" | "deny" | undefined,
): SimulatorResponse {
  const { app } = asked;
  const subject = subjectOf(user, app);
  const forced = core.context.faults.take(salesforceFaults.authorizeError, {
    host: request.host,
    path: request.path,
    ...subject,
  });
  if (forced) throw new OAuthRefusal(forced);
  requireAccess(core, app, org, user, "redirect");
  if (org.enforcesPkce && asked.challenge === null) throw new OAuthRefusal("missingChallenge");
  if (decision === "deny") throw new OAuthRefusal("denied");
  const known = core.state.approvals[approvalKey(app, user)];
  const isApproved =
    app.permittedUsers === "admin-approved" ||
    (known !== undefined && asked.scopes.every((scope) => known.includes(scope)));
  if (decision !== "allow" && (!isApproved || asked.prompts.includes("consent"))) {
    if (asked.isImmediate) throw new OAuthRefusal("immediate");
    return askApproval(request, { query, app, org, user, scopes: asked.scopes });
  }
  core.state.approvals[approvalKey(app, user)] = [...new Set([...(known ?? []), ...asked.scopes])];
  const code = `aPrx${core.context.random.token(80)}==`;
  const nowMs = core.context.clock.nowMs();
  core.state.codes = core.state.codes.filter((old) => nowMs < old.expiresAtMs + 86_400_000);
  core.state.codes.push({
    code,
    clientId: app.clientId,
    redirectUri: asked.redirectUri,
    challenge: asked.challenge,
    host: request.host,
    orgId: org.id,
    userId: user.id,
    scopes: asked.scopes,
    nonce: asked.nonce,
    expiresAtMs: nowMs + core.settings.codeLifetimeSeconds * 1000,
    isUsed: false,
  });
  core.changed();
  return redirectToApp(core, request, asked, { code }, subject);
}
