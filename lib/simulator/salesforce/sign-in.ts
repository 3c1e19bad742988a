import { approvalPage, loginPage } from "#lib/simulator/kit/pages.ts";
import { html, redirect } from "#lib/simulator/kit/responses.ts";
import type { SimulatorRequest, SimulatorResponse } from "#lib/simulator/kit/types.ts";
import { sentences } from "#lib/simulator/salesforce/scopes.ts";
import type { SalesforceCore } from "#lib/simulator/salesforce/state.ts";
import {
  type App,
  findUser,
  type Org,
  orgsAt,
  type SalesforceUser,
} from "#lib/simulator/salesforce/world.ts";

/** Where the pages' forms go. */
export const customDomainPath = "/services/oauth2/custom-domain";
export const signInPath = "/services/oauth2/sign-in";
export const approvePath = "/services/oauth2/approve";

const kindNames: Record<Org["kind"], string> = {
  production: "production",
  sandbox: "sandbox",
  developer: "Developer Edition",
  scratch: "scratch org",
};

export function askSignIn(
  core: SalesforceCore,
  request: SimulatorRequest,
  view: {
    query: URLSearchParams;
    app?: App;
    hint: string | null;
    problem?: string;
    action?: string;
  },
): SimulatorResponse {
  const people = orgsAt(core.world, request.host).flatMap((org) =>
    org.users
      .filter((user) => user.isActive && core.isDemoUser(user))
      .map((user) => ({
        username: user.username,
        name: `${user.firstName} ${user.lastName}`,
        detail: `${user.profile} · ${org.company}, ${kindNames[org.kind]}`,
      })),
  );
  return html(
    200,
    loginPage({
      provider: "Salesforce",
      host: request.host,
      ...(view.app ? { appName: view.app.name } : {}),
      action: `${request.urlFor(request.host)}${view.action ?? signInPath}`,
      hidden: { continue: view.query.toString() },
      people,
      ...(view.problem ? { problem: view.problem } : {}),
      ...(view.hint ? { usernameHint: view.hint } : {}),
      ...(isLoginHost(request.host) && view.app
        ? {
            customDomain: {
              action: `${request.urlFor(request.host)}${customDomainPath}`,
              name: "domain",
              suffix: myDomainSuffix,
            },
          }
        : {}),
    }),
    view.app ? { "x-frame-options": "DENY" } : {},
  );
}

const myDomainSuffix = ".my.salesforce.com";
const isLoginHost = (host: string) => /^(login|test)\.salesforce\.com$/.test(host);

/** "Use Custom Domain": the same request goes on at the org's own host. */
export function goToCustomDomain(
  core: SalesforceCore,
  request: SimulatorRequest,
  form: URLSearchParams,
): SimulatorResponse {
  const query = form.get("continue") ?? "";
  const asked = (form.get("domain") ?? "").trim().toLowerCase();
  const host = asked.endsWith(myDomainSuffix) ? asked : `${asked}${myDomainSuffix}`;
  if (!core.world.orgs.some((org) => org.host === host)) {
    const problem = "This domain could not be found.";
    const params = new URLSearchParams(query);
    const app = core.world.apps.find(({ clientId }) => clientId === params.get("client_id"));
    return askSignIn(core, request, {
      query: params,
      ...(app ? { app } : {}),
      hint: null,
      problem,
    });
  }
  return redirect(`${request.urlFor(host)}/services/oauth2/authorize?${query}`);
}

export function askApproval(
  request: SimulatorRequest,
  view: {
    query: URLSearchParams;
    app: App;
    org: Org;
    user: SalesforceUser;
    scopes: readonly string[];
  },
): SimulatorResponse {
  return {
    ...html(
      200,
      approvalPage({
        provider: "Salesforce",
        host: request.host,
        appName: view.app.name,
        userName: `${view.user.firstName} ${view.user.lastName} (${view.user.username})`,
        place: `${view.org.name}, ${kindNames[view.org.kind]}`,
        permissions: sentences(view.scopes),
        action: `${request.urlFor(request.host)}${approvePath}`,
        hidden: { continue: view.query.toString() },
      }),
    ),
    subject: { user: view.user.username, app: view.app.clientId },
  };
}

/**
 * Who the form says is there; a text for the page when nobody is. People of other orgs are refused
 * like a wrong password: a login host knows its own orgs only.
 */
export function readSignIn(
  core: SalesforceCore,
  request: SimulatorRequest,
  form: URLSearchParams,
): { org: Org; user: SalesforceUser } | { problem: string } {
  const problem =
    "Please check your username and password. If you still can’t sign in, contact your administrator.";
  const chosen = form.get("choose");
  const found = findUser(core.world, chosen ?? form.get("username") ?? "");
  if (!found || !orgsAt(core.world, request.host).includes(found.org)) return { problem };
  const mayPass =
    chosen !== null ? core.isDemoUser(found.user) : form.get("password") === found.user.password;
  if (!mayPass || !found.user.isActive) return { problem };
  return found;
}
