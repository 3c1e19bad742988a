import { loginPage, plainPage } from "#lib/simulator/kit/pages.ts";
import {
  cookieOf,
  formOf,
  html,
  redirect,
  setCookie,
  splitPath,
} from "#lib/simulator/kit/responses.ts";
import type { SimulatorResponse } from "#lib/simulator/kit/types.ts";
import type { Call } from "./core.ts";
import { restError } from "./core.ts";
import { unused } from "./mint.ts";
import { type Session, signOut } from "./state.ts";
import { findBusinessUnit, type User } from "./world.ts";

const cookieName = "mc_session";
const sessionSeconds = 8 * 60 * 60;
export const providerLabel = "Marketing Cloud Engagement";

/** The live session of this browser at this tenant. */
export function findSession({ core, tenant, request }: Call): Session | undefined {
  const session = core.state.sessions.get(cookieOf(request, cookieName) ?? "");
  if (session?.subdomain !== tenant.subdomain) return undefined;
  if (session.expiresAtMs <= core.context.clock.nowMs()) return undefined;
  return core.directory.findUser(tenant, session.username)?.isActive ? session : undefined;
}

export function startSession({ core, tenant }: Call, user: User): Session {
  const { clock, random } = core.context;
  const session: Session = {
    id: unused(
      () => random.token(40),
      (id) => core.state.sessions.has(id),
    ),
    subdomain: tenant.subdomain,
    username: user.username,
    mid: user.defaultMid,
    expiresAtMs: clock.nowMs() + sessionSeconds * 1000,
  };
  core.state.sessions.set(session.id, session);
  return session;
}

/** Where an unknown browser goes first; afterwards it comes back to the same authorize address. */
export const toLogin = ({ request }: Call, query: string): SimulatorResponse =>
  redirect(
    `${request.urlFor(request.host)}/login?${new URLSearchParams({ next: `/v2/authorize?${query}` })}`,
  );

/** `/login`: the page with the demo's people or a password form, and what its buttons send. */
export function handleLogin(call: Call): SimulatorResponse {
  const { core, request, tenant } = call;
  const isPost = request.method === "POST";
  const input = isPost ? formOf(request) : splitPath(request.path).query;
  const next = input.get("next") ?? "";
  // Only ever back to where it came from: not an open redirect.
  if (!next.startsWith("/v2/authorize?") || next.length > 8000) {
    return restError(400, 10002, "The next parameter is missing or wrong.");
  }
  if (!isPost) return show(call, next);
  const chosen = input.get("choose");
  const username = chosen ?? input.get("username") ?? "";
  const user = core.directory.findUser(tenant, username);
  const isProven =
    chosen === null ? user?.password === input.get("password") : tenant.login === "choose";
  if (!user?.isActive || !isProven) {
    return show(call, next, "The username or the password is not right.", username);
  }
  const session = startSession(call, user);
  return redirect(`${request.urlFor(request.host)}${next}`, {
    "set-cookie": setCookie(request, cookieName, session.id, sessionSeconds),
  });
}

function show(call: Call, next: string, problem?: string, usernameHint?: string) {
  const { core, request, tenant } = call;
  const clientId = splitPath(next).query.get("client_id") ?? "";
  const appName = core.directory.findPackage(tenant, clientId)?.name;
  const people = tenant.login === "choose" ? tenant.users : [];
  return html(
    200,
    loginPage({
      provider: providerLabel,
      host: request.host,
      action: `${request.urlFor(request.host)}/login`,
      hidden: { next },
      people: people.map((user) => ({
        username: user.username,
        name: user.name,
        detail: describe(call, user),
      })),
      ...(appName ? { appName } : {}),
      ...(problem ? { problem } : {}),
      ...(usernameHint ? { usernameHint } : {}),
    }),
  );
}

function describe({ tenant }: Call, user: User): string {
  const home = findBusinessUnit(tenant, user.defaultMid)?.name ?? "";
  const others = user.mids.length - 1;
  const reach =
    others > 0 ? `${home} and ${others} more business unit${others === 1 ? "" : "s"}` : home;
  return user.licences === "all" ? reach : `${reach}, not licensed for the app`;
}

/** `/logout`: signing out of the tenant ends every pair of tokens that was made without `offline`. */
export function handleLogout(call: Call): SimulatorResponse {
  const { core, request, tenant } = call;
  const session = findSession(call);
  if (session) signOut(core.state, tenant.subdomain, session.username);
  return html(
    200,
    plainPage({
      provider: providerLabel,
      host: request.host,
      title: "Signed out",
      message: "You can close this page.",
    }),
    { "set-cookie": setCookie(request, cookieName, "", 0) },
  );
}
