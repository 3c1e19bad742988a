import "server-only";
import { z } from "zod";
import {
  type AuthDeps,
  type AuthRequest,
  callNextAuth,
  optionsFor,
} from "#lib/auth/call-next-auth.ts";
import { proveIdentity, settleRun, type WayOutcome } from "#lib/auth/complete-way.ts";
import { FormExpiredError, NotSignedInError, WayUnavailableError } from "#lib/auth/errors.ts";
import { findPrincipal } from "#lib/auth/find-session.ts";
import type { Client } from "#lib/auth/open-session.ts";
import { requireRecentSignIn } from "#lib/auth/recent-sign-in.ts";
import { beginWaySchema, type SignInProblem } from "#lib/auth/schema.ts";
import { readSessionToken, SESSION_COOKIE } from "#lib/auth/session-cookie.ts";
import type { ProvenIdentity, WayId } from "#lib/auth/sign-in-ways.ts";
import {
  clearedRunCookies,
  pendingSetCookie,
  readRun,
  runSetCookie,
  stateHashOf,
  type WayRun,
} from "#lib/auth/way-cookies.ts";
import { wayProvider } from "#lib/auth/way-provider.ts";
import { parseReturnTo } from "#lib/core/return-to.ts";
import type { Secret } from "#lib/core/secret.ts";
import { parseAuthorizationResponse } from "#lib/oauth/authorization-response.ts";

/**
 * Sends somebody to an identity provider, and notes in their browser that they went.
 *
 * @returns next-auth's `{url}`, and the cookies of the run
 * @throws {FormExpiredError} the form's csrf token is not this browser's
 * @throws {WayUnavailableError} the provider does not answer, or is not set up as it must be
 * @throws {NotSignedInError | RecentSignInNeededError} `intent=link` without a recent sign-in
 */
export async function beginWay(
  deps: AuthDeps,
  id: WayId,
  headers: Headers,
  body: Readonly<Record<string, string>>,
): Promise<Response> {
  const { data } = beginWaySchema.safeParse(body);
  if (!data) throw new FormExpiredError();
  let sessionId: string | null = null;
  if (data.intent === "link") {
    const principal = await findPrincipal(deps, headers);
    if (!principal) throw new NotSignedInError();
    await requireRecentSignIn(deps, principal);
    sessionId = principal.sessionId;
  }
  const { name } = deps.signInWays.list().find((way) => way.id === id) ?? { name: id };
  const found = await deps.signInWays.locate(id);
  if (found.kind === "failed") {
    const reason = found.reason === "unreachable" ? "unreachable" : "misconfigured";
    throw new WayUnavailableError(reason, name, found.fault);
  }
  const provider = wayProvider({ id, name, ...found }, neverProven);
  const answer = await callNextAuth(optionsFor(deps, provider), deps, {
    method: "POST",
    query: { nextauth: ["signin", id] },
    body: { csrfToken: body.csrfToken ?? "", json: "true" },
    headers,
  });
  const { url } = z.object({ url: z.url() }).parse(await answer.clone().json());
  const state = new URL(url).searchParams.get("state");
  // Where the form's token is not this browser's, next-auth answers with a page of its own.
  if (!state || new URL(url).origin !== new URL(found.endpoint).origin) {
    throw new FormExpiredError();
  }
  const { intent, returnTo } = data;
  const run = { way: id, intent, returnTo, sessionId, stateHash: stateHashOf(state) };
  answer.headers.append("set-cookie", await runSetCookie(deps, run));
  return answer;
}

const neverProven = () => Promise.reject(new Error("a beginning proves nobody"));

/**
 * Answers where an identity provider sent somebody back to: always a 303 to a clean address of ours
 * (OA-9). A callback that this browser did not ask for, or whose time is over, uses nothing up and
 * calls nobody (OA-3).
 */
export async function completeWay(
  deps: AuthDeps,
  id: WayId,
  request: AuthRequest,
  client: Client,
): Promise<Response> {
  const run = await readRun(deps, request.headers);
  const asked = parseAuthorizationResponse(request.query);
  if (!run || run.way !== id || asked.kind === "malformed") return refused("auth.sign_in_expired");
  if (stateHashOf(asked.state) !== run.stateHash) return refused("auth.sign_in_expired");
  if (asked.kind === "error")
    return ended(run, [], { kind: "problem", problem: wordOf(asked.error) });

  const token = await readSessionToken(deps, request.headers);
  const { cookies, outcome } = await runWay(deps, run, request, token, client).catch(
    (error: unknown) => {
      deps.log.error("sign-in failed", { requestId: client.requestId, error });
      return { cookies: [], outcome: { kind: "problem", problem: "server_error" } as const };
    },
  );
  return ended(run, cookies, outcome);
}

async function runWay(
  deps: AuthDeps,
  run: WayRun,
  request: AuthRequest,
  token: Secret | null,
  client: Client,
): Promise<{ cookies: string[]; outcome: WayOutcome }> {
  // What next-auth would swallow on its way is kept here.
  const kept: { outcome: WayOutcome; identity: ProvenIdentity | null; failure: unknown } = {
    outcome: { kind: "problem", problem: "auth.sign_in_expired" },
    identity: null,
    failure: null,
  };
  const fail = (error: unknown) => {
    kept.failure = error;
    throw error;
  };
  const way = deps.signInWays.list().find(({ id }) => id === run.way);
  if (!way) return { cookies: [], outcome: kept.outcome };
  // The client id goes out at the beginning only; the exchange brings its own.
  const provider = wayProvider({ ...way, clientId: run.way, endpoint: null }, async (callback) => {
    const answer = await proveIdentity(deps, run, callback, client).catch(fail);
    if (answer.kind === "proven") {
      kept.identity = answer.identity;
      return answer.identity;
    }
    kept.outcome = answer;
    throw new Error("the callback proves nobody");
  });
  const options = optionsFor(deps, provider, async (user) => {
    if (!kept.identity) return false;
    const outcome = await settleRun(deps, run, kept.identity, token, client).catch(fail);
    kept.outcome = outcome;
    if (outcome.kind === "signed-in") user.sid = outcome.opened.token.reveal();
    return outcome.kind === "signed-in";
  });
  const answer = await callNextAuth(options, deps, {
    method: "GET",
    query: { ...Object.fromEntries(request.query), nextauth: ["callback", run.way] },
    body: {},
    headers: request.headers,
  });
  if (kept.failure) throw kept.failure;
  const session = answer.headers
    .getSetCookie()
    .filter((cookie) => cookie.startsWith(`${SESSION_COOKIE}=`));
  return {
    cookies: kept.outcome.kind === "signed-in" ? session : [],
    outcome: kept.outcome,
  };
}

function refused(problem: SignInProblem): Response {
  const headers = { location: `/sign-in?problem=${problem}`, "cache-control": "no-store" };
  return new Response(null, { status: 303, headers });
}

/** The end of a run: its cookies go, whatever came of it. */
function ended(run: WayRun, cookies: readonly string[], outcome: WayOutcome): Response {
  const headers = new Headers({ "cache-control": "no-store" });
  for (const cookie of [...cookies, ...clearedRunCookies]) headers.append("set-cookie", cookie);
  if (outcome.kind === "needs-linking")
    headers.append("set-cookie", pendingSetCookie(outcome.token));
  headers.set("location", landing(run, outcome));
  return new Response(null, { status: 303, headers });
}

function landing(run: WayRun, outcome: WayOutcome): string {
  const isLink = run.intent === "link";
  switch (outcome.kind) {
    case "signed-in":
      return parseReturnTo(run.returnTo);
    case "linked":
      return `/settings?linked=${run.way}`;
    case "needs-linking":
      return "/sign-in/link";
    case "problem":
      return `${isLink ? "/settings" : "/sign-in"}?problem=${outcome.problem}&way=${run.way}`;
  }
}

// The provider's own code decides which of our words are shown; its text is not (OA-7).
function wordOf(error: string): SignInProblem {
  if (error === "access_denied") return "auth.way_declined";
  const isDown = error === "temporarily_unavailable" || error === "server_error";
  return isDown ? "auth.way_unreachable" : "auth.way_refused";
}
