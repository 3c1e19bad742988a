import type { BrowserContext, Page } from "@playwright/test";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { rookhopeCloud } from "#lib/simulator/marketing-cloud/rookhope.ts";
import { seededApps, seededPassword } from "#lib/simulator/salesforce/companies.ts";
import { rookhope } from "#lib/simulator/salesforce/rookhope.ts";
import { beginOn, call, isBack, makeConnection } from "./connect.ts";
import { withDatabase } from "./database.ts";
import { demoLog, freshApp, setFault } from "./demo.ts";
import { demoUrl, meantTrouble } from "./studio.ts";
import { expect } from "./test.ts";

/** What is pressed first, and where it leads. */
export type Next =
  | { link: string; to: RegExp }
  /** Another window, of the provider's own: its address is looked at, not opened. */
  | { visit: string; href: string | RegExp }
  | { copy: string; has: string | RegExp }
  /** A new sign-in of the same connection. */
  | { again: string };

export type Stage = {
  page: Page;
  context: BrowserContext;
  /** Name of the connection that this journey makes. */
  name: string;
  /** Undone at the journey's end, whatever happened. */
  undo: (() => Promise<void>)[];
};

export type Journey = {
  reason: ReasonCode;
  /** What a person does, or what happens to them. */
  mistake: string;
  /** Where the simulator holds it. */
  seeded: string;
  heading: string;
  next: Next;
  /** Ends on the explanation. */
  arrive(stage: Stage): Promise<void>;
};

type Json = Record<string, unknown>;

const { users, apps } = rookhope;
const api = ["api", "refresh_token"];
const salesforce = (clientId: string, more: Json = {}): Json => ({
  provider: "salesforce",
  method: "custom-app",
  environment: "production",
  clientId,
  scopes: api,
  ...more,
});
const packaged = (more: Json): Json => salesforce(seededApps.studio, more);
const marketingCloud = (more: Json = {}): Json => ({
  provider: "marketing-cloud",
  clientId: rookhopeCloud.packages.sound,
  authBaseUri: rookhopeCloud.subdomain,
  scopes: ["offline", "accounts_read", "data_extensions_read"],
  ...more,
});

/** Types a password on the provider's page and allows what the app asks, where it asks. */
async function signIn(page: Page, username: string, press: "Allow" | "Deny" = "Allow") {
  await page.getByLabel("Username", { exact: true }).fill(username);
  await page.getByLabel("Password", { exact: true }).fill(seededPassword);
  await page.getByRole("button", { name: "Sign in" }).click();
  const decide = page.getByRole("button", { name: press });
  const isAsked = await Promise.race([
    decide.waitFor().then(() => true),
    page.waitForURL(isBack, { waitUntil: "commit" }).then(() => false),
  ]);
  if (isAsked) await decide.click();
  await page.waitForURL(isBack, { waitUntil: "commit" });
}

/** Makes the connection and goes to the provider, in this very window. */
async function begin({ page, name }: Stage, definition: Json) {
  const id = await makeConnection(page, { name, ...definition });
  const { body } = await call<{ authorizeUrl: string; flowId: string }>(
    page,
    "POST",
    `/api/connections/${id}/flows`,
    {},
  );
  return { id, ...body };
}

/** A whole sign-in by a person who does one thing wrong. */
const signingIn =
  (definition: Json, username: string, press?: "Allow" | "Deny") => async (stage: Stage) => {
    const { authorizeUrl } = await begin(stage, definition);
    await stage.page.goto(authorizeUrl);
    await signIn(stage.page, username, press);
  };

/** The same while something is wrong with the provider, for this person alone. */
const whileFault =
  (
    fault: string,
    value: unknown,
    scope: Record<string, string>,
    arrive: (stage: Stage) => Promise<void>,
  ) =>
  async (stage: Stage) => {
    stage.undo.push(await setFault(fault, value, { scope }));
    await arrive(stage);
  };

const ada = users.admin;
const sound = salesforce(apps.sound);
const ownHost = salesforce(apps.sound, { environment: "custom", customDomain: rookhope.host });
const adaAtSound = { user: ada, app: apps.sound };
const tokenError = (error: string, description: string) =>
  whileFault("salesforce.token-error", { error, description }, adaAtSound, signingIn(sound, ada));

/** The provider keeps the person on its own page, or shows none: told on the page that waits. */
const telling =
  (definition: Json | (() => Promise<Json>), says: string, provider: string | null) =>
  async (stage: Stage) => {
    const { page, name } = stage;
    const given = typeof definition === "function" ? await definition() : definition;
    const id = await makeConnection(page, { name, ...given });
    const { window } = await beginOn(page, id, name);
    if (provider !== null) await expect(window.getByText(provider).first()).toBeVisible();
    await window.close();
    await page.locator("summary", { hasText: "Does it say" }).click();
    await page.getByRole("button", { name: says }).click();
  };

/** Connected, and then a test call that meets something. */
const testing =
  (definition: Json, username: string, meanwhile?: (stage: Stage) => Promise<void>) =>
  async (stage: Stage) => {
    const { page, name } = stage;
    await signingIn(definition, username)(stage);
    await expect(page.getByRole("heading", { level: 1, name: /^Connected as / })).toBeVisible();
    await meanwhile?.(stage);
    await page.getByRole("link", { name: "Open the connection" }).click();
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    await page.getByRole("button", { name: "Test call" }).click();
    await page.getByRole("link", { name: "What to do" }).click();
  };

const restError = (status: number, errorCode: string, message: string) =>
  testing(sound, ada, async ({ undo }) => {
    const scope = { user: ada, path: "/services/data/v60.0/limits" };
    undo.push(await setFault("salesforce.rest-error", { status, errorCode, message }, { scope }));
  });

/** Changes rows as time, another admin or an operator would. */
const inDatabase = (sql: string, values: unknown[]) =>
  withDatabase(async (client) => void (await client.query(sql, values)));

/** A sign-in is under way; `meanwhile` happens, and the person looks at its page. */
const waitingWhile = (meanwhile: (flowId: string) => Promise<unknown>) => async (stage: Stage) => {
  const { flowId } = await begin(stage, sound);
  await meanwhile(flowId);
  await stage.page.goto(`/integrations/flows/${flowId}`);
};

async function tokenSentTo(host: string, path: string): Promise<string> {
  const log = await demoLog();
  const last = log.filter((request) => request.host === host && request.path === path).at(-1);
  const at = last?.rawHeaders.findIndex((name) => name.toLowerCase() === "authorization") ?? -1;
  return (last?.rawHeaders[at + 1] ?? "").replace(/^Bearer /, "");
}

export const journeys: readonly Journey[] = [
  {
    reason: "redirect_uri_mismatch",
    mistake: "connects through an app that has not registered the studio's callback",
    seeded: "Salesforce: app Rookhope depot",
    heading: "The address to come back to is not registered",
    next: { copy: "Copy callback URL", has: "/auth/salesforce-callback" },
    arrive: telling(
      salesforce(apps.otherCallback),
      "redirect_uri must match",
      "error=redirect_uri_mismatch",
    ),
  },
  {
    reason: "app_not_found",
    mistake: "connects through an app that was made this minute",
    seeded: "Salesforce: an app made at the control",
    heading: "Salesforce does not know this app",
    next: { again: "Try anyway" },
    arrive: telling(
      async () => salesforce(await freshApp(apps.sound)),
      "client identifier invalid",
      "error=invalid_client_id",
    ),
  },
  {
    reason: "tenant_not_found",
    mistake: "mistypes the tenant's subdomain",
    seeded: "a name that no resolver knows",
    heading: "There is no tenant under this subdomain",
    next: { link: "Correct the address", to: /provider=marketing-cloud.*from=/ },
    arrive: telling(
      marketingCloud({ authBaseUri: "mcnowhere" }),
      "This site can’t be reached",
      null,
    ),
  },
  {
    reason: "connection_timeout",
    mistake: "sits behind a firewall that lets nothing through to the login host",
    seeded: "the browser alone knows; the person tells",
    heading: "Salesforce did not answer in time",
    next: { copy: "Copy for the operator", has: "login.salesforce.com" },
    arrive: telling(sound, "It takes too long to respond", null),
  },
  {
    reason: "missing_scope",
    mistake: "asks for a scope that the app does not have",
    seeded: "Salesforce: app Rookhope tickets, asked for web",
    heading: "The app does not allow what was asked for",
    next: { copy: "Copy the scopes", has: "web" },
    arrive: async (stage) => {
      const { authorizeUrl } = await begin(
        stage,
        salesforce(apps.narrow, { scopes: [...api, "web"] }),
      );
      await stage.page.goto(authorizeUrl);
    },
  },
  {
    reason: "authorization_failed",
    mistake: "meets a refusal that says nothing known",
    seeded: "fault salesforce.authorize-error",
    heading: "Salesforce did not complete the sign-in",
    next: { again: "Try again" },
    arrive: whileFault(
      "salesforce.authorize-error",
      { error: "something_new", description: "<b>Look here</b>: pwned_by_provider" },
      adaAtSound,
      signingIn(sound, ada),
    ),
  },
  {
    reason: "access_denied",
    mistake: "presses Deny",
    seeded: "Salesforce: any app",
    heading: "The access was declined",
    next: { again: "Try again" },
    arrive: signingIn(salesforce(apps.strict), users.ordinary, "Deny"),
  },
  {
    reason: "api_access_denied",
    mistake: "signs in as a user without API Enabled",
    seeded: "Salesforce: user Cora Wren",
    heading: "This user may not use the API",
    next: { copy: "Copy for an admin", has: "API Enabled" },
    arrive: signingIn(sound, users.noApi),
  },
  {
    reason: "user_not_licensed",
    mistake: "signs in as a user who is not on the package's Access tab",
    seeded: "Marketing Cloud: user Hal Corbet",
    heading: "This user is not licensed for the package",
    next: { copy: "Copy for an admin", has: "Access tab" },
    arrive: signingIn(marketingCloud(), rookhopeCloud.users.unlicensed),
  },
  {
    reason: "user_inactive",
    mistake: "is deactivated by an admin while signing in",
    seeded: "fault salesforce.token-error",
    heading: "This user is inactive",
    next: { again: "Try again" },
    arrive: tokenError("inactive_user", "user is inactive"),
  },
  {
    reason: "org_inactive",
    mistake: "connects a sandbox that was locked",
    seeded: "Salesforce: org rookhoperail--old",
    heading: "The org is locked, closed or suspended",
    next: { link: "Connect another org", to: /environment=sandbox.*from=/ },
    arrive: signingIn(salesforce(apps.sound, { environment: "sandbox" }), users.lockedOrg),
  },
  {
    reason: "app_not_installed",
    mistake: "connects a sandbox in which nobody installed the package",
    seeded: "Salesforce: org rookhoperail--uat lacks the MeshMesh app",
    heading: "The MeshMesh app is not installed in this org",
    next: {
      visit: "Open install page",
      href: "https://test.salesforce.com/packaging/installPackage.apexp?p0=04tfj000000GGiLAAW",
    },
    arrive: signingIn(packaged({ environment: "sandbox" }), users.sandboxAdmin),
  },
  {
    reason: "app_not_installed",
    mistake: "connects a production org in which nobody installed the package",
    seeded: "Salesforce: org casalumbre lacks the MeshMesh app",
    heading: "The MeshMesh app is not installed in this org",
    next: {
      visit: "Open install page",
      href: "https://login.salesforce.com/packaging/installPackage.apexp?p0=04tfj000000GGiLAAW",
    },
    arrive: signingIn(packaged({ environment: "production" }), "ines.barragan@casalumbre.example"),
  },
  {
    reason: "app_not_installed",
    mistake: "connects an org by its My Domain, in which nobody installed the package",
    seeded: "Salesforce: org casalumbre lacks the MeshMesh app",
    heading: "The MeshMesh app is not installed in this org",
    next: {
      visit: "Open install page",
      href: "https://casalumbre.my.salesforce.com/packaging/installPackage.apexp?p0=04tfj000000GGiLAAW",
    },
    arrive: signingIn(
      packaged({ environment: "custom", customDomain: "casalumbre.my.salesforce.com" }),
      "ines.barragan@casalumbre.example",
    ),
  },
  {
    reason: "app_blocked",
    mistake: "connects through an app that nobody installed in the org",
    seeded: "Salesforce: app Rookhope side project, user Ben Hollis",
    heading: "The org blocks this app",
    next: { copy: "Copy for an admin", has: "Connected Apps OAuth Usage" },
    arrive: signingIn(salesforce(apps.uninstalled), users.ordinary),
  },
  {
    reason: "admin_approval_required",
    mistake: "connects through an app that only approved users may use",
    seeded: "Salesforce: app Rookhope board, user Ben Hollis",
    heading: "An admin has to allow you for this app",
    next: { copy: "Copy for an admin", has: "app's policies" },
    arrive: signingIn(salesforce(apps.approved), users.ordinary),
  },
  {
    reason: "user_not_approved",
    mistake: "has the approval taken back while signing in",
    seeded: "fault salesforce.token-error",
    heading: "This user has not approved the app yet",
    next: { again: "Try again" },
    arrive: tokenError("invalid_grant", "user hasn't approved this consumer"),
  },
  {
    reason: "client_rejected",
    mistake: "leaves out the Client Secret of an app that wants it",
    seeded: "Salesforce: app Rookhope ledger",
    heading: "The Client Secret does not fit",
    next: { link: "Enter both again", to: /method=custom-app.*from=/ },
    arrive: signingIn(salesforce(apps.secret), ada),
  },
  {
    reason: "grant_type_refused",
    mistake: "connects through a Server-to-Server package instead of a Public App",
    seeded: "Marketing Cloud: package Rookhope nightly load",
    heading: "The app does not offer this kind of sign-in",
    next: { link: "Enter the new Client ID", to: /provider=marketing-cloud.*from=/ },
    arrive: async (stage) => {
      const { authorizeUrl } = await begin(
        stage,
        marketingCloud({ clientId: rookhopeCloud.packages.serverToServer }),
      );
      await stage.page.goto(authorizeUrl);
    },
  },
  {
    reason: "wrong_environment",
    mistake: "chooses Sandbox and then goes on to a production org by its custom domain",
    seeded: "Salesforce: test.salesforce.com and org rookhoperail",
    heading: "You signed in at another kind of org",
    next: { link: "Use Production", to: /environment=production.*from=/ },
    arrive: async (stage) => {
      const { page } = stage;
      const { authorizeUrl } = await begin(
        stage,
        salesforce(apps.sound, { environment: "sandbox" }),
      );
      await page.goto(authorizeUrl);
      await page.getByLabel("Custom Domain", { exact: true }).fill("rookhoperail");
      await page.getByRole("button", { name: "Continue", exact: true }).click();
      await page.waitForURL(/^https:\/\/rookhoperail\.my\.salesforce\.com\//);
      await signIn(page, ada);
    },
  },
  {
    reason: "cross_org",
    mistake: "uses an app that lives in the sandbox to connect production",
    seeded: "Salesforce: app Rookhope rehearsal",
    heading: "The app lives in another org",
    next: { again: "Try again" },
    arrive: signingIn(salesforce(apps.sandboxLocal), ada),
  },
  {
    reason: "pkce_required",
    mistake: "ticks “This app refuses PKCE” for an app that wants it",
    seeded: "Salesforce: app Rookhope stations",
    heading: "The app wants PKCE, and this connection leaves it out",
    next: { link: "Connect with PKCE", to: /method=custom-app.*from=/ },
    arrive: async (stage) => {
      const { authorizeUrl } = await begin(stage, salesforce(apps.strict, { pkce: "off" }));
      await stage.page.goto(authorizeUrl);
    },
  },
  {
    reason: "pkce_refused",
    mistake: "connects through an app from before PKCE",
    seeded: "Salesforce: app Rookhope freight (2014)",
    heading: "The app refused the proof key",
    next: { link: "Enter another app", to: /method=custom-app.*from=/ },
    arrive: signingIn(salesforce(apps.old), ada),
  },
  {
    reason: "code_expired",
    mistake: "comes back after the code ran out",
    seeded: "fault salesforce.token-error",
    heading: "The sign-in took too long to hand over",
    next: { again: "Try again" },
    arrive: tokenError("invalid_grant", "expired authorization code"),
  },
  {
    reason: "flow_expired",
    mistake: "leaves the sign-in open for more than ten minutes",
    seeded: "time",
    heading: "This sign-in ran out of time",
    next: { again: "Try again" },
    arrive: waitingWhile((flowId) =>
      inDatabase("update flows set expires_at = now() - interval '1 second' where id = $1", [
        flowId,
      ]),
    ),
  },
  {
    reason: "flow_not_yours",
    mistake: "finishes a sign-in in another browser than the one that began it",
    seeded: "Salesforce: any app",
    heading: "This sign-in was begun elsewhere",
    next: { link: "Integrations", to: /\/integrations$/ },
    arrive: async (stage) => {
      const { authorizeUrl } = await begin(stage, sound);
      await stage.context.clearCookies({ name: /^__Host-studio-flow-/ });
      await stage.page.goto(authorizeUrl);
      await signIn(stage.page, ada);
    },
  },
  {
    reason: "flow_unknown",
    mistake: "opens an old bookmark of a callback",
    seeded: "nothing",
    heading: "No sign-in belongs to this address",
    next: { link: "Integrations", to: /\/integrations$/ },
    arrive: async ({ page }) => {
      await page.goto("/auth/salesforce-callback?code=long-ago&state=forgotten");
    },
  },
  {
    reason: "flow_interrupted",
    mistake: "meets a restart of the studio between sign-in and confirmation",
    seeded: "time",
    heading: "The sign-in broke off on our side",
    next: { again: "Try again" },
    arrive: waitingWhile((flowId) =>
      inDatabase(
        "update flows set status = 'exchanging', claimed_at = now() - interval '5 minutes' where id = $1",
        [flowId],
      ),
    ),
  },
  {
    reason: "cancelled",
    mistake: "cancels",
    seeded: "nothing",
    heading: "You cancelled this sign-in",
    next: { again: "Connect" },
    arrive: async (stage) => {
      const { flowId } = await begin(stage, sound);
      await call(stage.page, "DELETE", `/api/flows/${flowId}`);
      await stage.page.goto(`/integrations/flows/${flowId}`);
    },
  },
  {
    reason: "cli_required",
    mistake: "presses Connect for a connection that is for the desktop alone",
    seeded: "nothing",
    heading: "This connection signs in on a computer, not in the browser",
    next: { link: "Use the MeshMesh app", to: /method=packaged-app.*surface=web.*from=/ },
    arrive: async ({ page, name }) => {
      const definition = { name, ...salesforce("PlatformCLI"), surfaces: ["desktop"] };
      const id = await makeConnection(page, definition);
      await page.goto(`/integrations/${id}`);
      await page.getByRole("link", { name: `Connect ${name}` }).click();
    },
  },
  {
    reason: "reconnect_required",
    mistake: "takes the studio's access back in Salesforce",
    seeded: "Salesforce: the token is revoked there",
    heading: "Salesforce no longer accepts this connection",
    next: { again: "Reconnect" },
    arrive: testing(ownHost, ada, async ({ undo }) => {
      const token = await tokenSentTo(rookhope.host, "/services/oauth2/userinfo");
      await fetch(`${demoUrl}/${rookhope.host}/services/oauth2/revoke`, {
        method: "POST",
        body: new URLSearchParams({ token }),
      });
      // The studio tries a refresh first.
      const refused = { error: "invalid_grant", error_description: "expired access/refresh token" };
      const answer = {
        status: 400,
        body: JSON.stringify(refused),
        contentType: "application/json",
      };
      const scope = { host: rookhope.host, path: "/services/oauth2/token" };
      undo.push(await setFault("wire.answer", answer, { scope, times: 1 }));
    }),
  },
  {
    reason: "refresh_interrupted",
    mistake: "comes back after a refresh was cut off halfway",
    seeded: "a grant whose one further try was refused",
    heading: "A refresh broke off halfway",
    next: { again: "Reconnect" },
    arrive: async (stage) => {
      const { page, name } = stage;
      await signingIn(sound, ada)(stage);
      await expect(page.getByRole("heading", { level: 1, name: /^Connected as / })).toBeVisible();
      const id = await connectionNamed(page, name);
      await inDatabase(
        "update grants set state = 'needs_reconnect', reason = 'refresh_interrupted', generation = generation + 1, refresh_token_sealed = null where connection_id = $1",
        [id],
      );
      await page.goto(`/integrations/${id}`);
      await page.getByRole("link", { name: "What happened" }).click();
    },
  },
  {
    reason: "grant_pushed_out",
    mistake: "connects a sixth time through the same app",
    seeded: "Salesforce: five approvals a user and app",
    heading: "A newer sign-in pushed this one out",
    next: { again: "Reconnect" },
    arrive: async (stage) => {
      const { page, name } = stage;
      const definition = salesforce(apps.approved);
      for (let at = 1; at <= 6; at += 1) {
        await signingIn(definition, ada)({ ...stage, name: at === 1 ? name : `${name} ${at}` });
      }
      const id = await connectionNamed(page, name);
      await page.goto(`/integrations/${id}`);
      await page.getByRole("link", { name: "What happened" }).click();
    },
  },
  {
    reason: "definition_changed",
    mistake: "signs in while a teammate edits the connection",
    seeded: "another definition than the one noted",
    heading: "The connection changed while you signed in",
    next: { link: "Integrations", to: /\/integrations/ },
    arrive: async (stage) => {
      const { id, authorizeUrl } = await begin(stage, sound);
      await inDatabase("update connections set client_id = $2 where id = $1", [id, apps.strict]);
      await stage.page.goto(authorizeUrl);
      await signIn(stage.page, ada);
    },
  },
  {
    reason: "ip_restricted",
    mistake: "signs in as a user who may come from the company's network only",
    seeded: "Salesforce: user Dilys Marsh",
    heading: "Sign-ins from this network are not allowed",
    next: { copy: "Copy for an admin", has: "IP restriction" },
    arrive: signingIn(sound, users.otherNetwork),
  },
  {
    reason: "login_hours",
    mistake: "signs in outside the hours of the profile",
    seeded: "Salesforce: user Edwin Pike",
    heading: "Outside this user's login hours",
    next: { copy: "Copy for an admin", has: "login hours" },
    arrive: signingIn(sound, users.otherHours),
  },
  {
    reason: "wrong_business_unit",
    mistake: "is in another business unit, and the tenant does not switch",
    seeded: "Marketing Cloud: user Fred Alder, switch account-id ignore",
    heading: "You are in another business unit",
    next: { again: "Try again" },
    arrive: whileFault(
      "marketing-cloud.account-id",
      "ignore",
      { user: rookhopeCloud.users.freight },
      signingIn(
        marketingCloud({ accountId: rookhopeCloud.mids.parent }),
        rookhopeCloud.users.freight,
      ),
    ),
  },
  {
    reason: "business_unit_denied",
    mistake: "enters the MID of a business unit that the user may not enter",
    seeded: "Marketing Cloud: user Fred Alder",
    heading: "This user may not enter the business unit",
    next: { copy: "Copy for an admin", has: String(rookhopeCloud.mids.parent) },
    arrive: signingIn(
      marketingCloud({ accountId: rookhopeCloud.mids.parent }),
      rookhopeCloud.users.freight,
    ),
  },
  {
    reason: "wrong_identity",
    mistake: "has a token that answers for somebody else",
    seeded: "fault salesforce.identity-of-another",
    heading: "Somebody else came back than before",
    next: { again: "Try again" },
    arrive: testing(sound, ada, async ({ undo }) => {
      undo.push(await setFault("salesforce.identity-of-another", true, { scope: { user: ada } }));
    }),
  },
  {
    reason: "provider_down",
    mistake: "connects while the org is in maintenance",
    seeded: "fault wire.answer at rookhoperail.my.salesforce.com",
    heading: "Salesforce is not answering right now",
    next: { again: "Try again" },
    arrive: whileFault(
      "wire.answer",
      { status: 503, body: "<html>Maintenance</html>", contentType: "text/html" },
      { host: rookhope.host, path: "/services/oauth2/token" },
      signingIn(ownHost, ada),
    ),
  },
  {
    reason: "rate_limited",
    mistake: "shares the user with a script that signs in all the time",
    seeded: "fault salesforce.token-error",
    heading: "Too many sign-ins in a short time",
    next: { again: "Try anyway" },
    arrive: tokenError("rate_limit_exceeded", "number of logins exceeded"),
  },
  {
    reason: "api_limit_reached",
    mistake: "connects an org that has used up its API calls",
    seeded: "Salesforce: org rookhope-dev-ed",
    heading: "The org has used up its API calls",
    next: { copy: "Copy for an admin", has: "API request limit" },
    arrive: signingIn(sound, users.usedUp),
  },
  {
    reason: "feature_not_enabled",
    mistake: "calls something that is not enabled in the org",
    seeded: "Salesforce: org rookhoperail--lite",
    heading: "Connected, but the org lacks a feature",
    next: { copy: "Copy for an admin", has: "not enabled" },
    arrive: testing(salesforce(apps.sound, { environment: "sandbox" }), users.fewFeatures),
  },
  {
    reason: "no_refresh_token",
    mistake: "connects through an app whose policy keeps no tokens",
    seeded: "fault salesforce.token-lie",
    heading: "The provider gave no lasting access",
    next: { copy: "Copy for an admin", has: "refresh_token" },
    arrive: whileFault(
      "salesforce.token-lie",
      { lie: "missing-refresh-token" },
      adaAtSound,
      signingIn(sound, ada),
    ),
  },
  {
    reason: "answer_not_trusted",
    mistake: "has somebody in between who changes answers",
    seeded: "fault salesforce.token-lie",
    heading: "The answer did not fit what was asked",
    next: { link: "Check the details", to: /from=/ },
    arrive: whileFault(
      "salesforce.token-lie",
      { lie: "foreign-instance-url" },
      adaAtSound,
      signingIn(sound, ada),
    ),
  },
  {
    reason: "unreadable_secret",
    mistake: "connects after the operator lost the key",
    seeded: "a sealed secret that no key opens",
    heading: "The studio cannot open what it stored",
    next: { copy: "Copy for the operator", has: "unreadable_secret" },
    arrive: async (stage) => {
      const { id, authorizeUrl } = await begin(
        stage,
        salesforce(apps.secret, { clientSecret: "it-was-right-once" }),
      );
      await inDatabase(
        "update connections set client_secret_sealed = overlay(client_secret_sealed placing 'AAAA' from length(client_secret_sealed) - 12) where id = $1",
        [id],
      );
      await stage.page.goto(authorizeUrl);
      await signIn(stage.page, ada);
    },
  },
  {
    reason: "server_error",
    mistake: "meets a studio that cannot write",
    seeded: "a table that refuses the row",
    heading: "Something went wrong in the studio",
    next: { link: "Integrations", to: /\/integrations$/ },
    arrive: async (stage) => {
      const { id, authorizeUrl } = await begin(stage, sound);
      await inDatabase(
        `create function refuse_grant() returns trigger language plpgsql as $$
         begin raise exception '${meantTrouble}'; end $$`,
        [],
      );
      stage.undo.push(() => inDatabase("drop function refuse_grant() cascade", []));
      await inDatabase(
        `create trigger refuse_grant before insert on grants for each row
         when (new.connection_id = '${id}') execute function refuse_grant()`,
        [],
      );
      await stage.page.goto(authorizeUrl);
      await signIn(stage.page, ada);
    },
  },
  {
    reason: "api_bad_request",
    mistake: "sends what the API cannot read",
    seeded: "fault salesforce.rest-error",
    heading: "The request was not understood",
    next: { visit: "Open the API documentation", href: /^https:\/\/developer\.salesforce\.com\// },
    arrive: restError(400, "JSON_PARSER_ERROR", "Unexpected character"),
  },
  {
    reason: "api_unauthorized",
    mistake: "calls with a header that something in between took away",
    seeded: "fault salesforce.rest-error",
    heading: "The session was not accepted",
    next: { again: "Reconnect" },
    arrive: restError(401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
  },
  {
    reason: "api_forbidden",
    mistake: "calls what the user's roles do not allow",
    seeded: "Marketing Cloud: user Gwen Byrne",
    heading: "The call is not allowed",
    next: { copy: "Copy the scopes", has: "documents_and_images_read" },
    arrive: testing(
      marketingCloud({ scopes: ["offline", "documents_and_images_read"] }),
      rookhopeCloud.users.noContent,
    ),
  },
  {
    reason: "api_not_found",
    mistake: "calls an address that is not there",
    seeded: "fault salesforce.rest-error",
    heading: "Nothing was found at that address",
    next: { link: "Open the connection", to: /\/integrations\/[0-9a-f-]{36}$/ },
    arrive: restError(404, "NOT_FOUND", "The requested resource does not exist"),
  },
];

async function connectionNamed(page: Page, name: string): Promise<string> {
  const { body } = await call<{ items: { id: string; name: string }[] }>(
    page,
    "GET",
    `/api/connections?q=${encodeURIComponent(name)}`,
  );
  return body.items.find((item) => item.name === name)?.id as string;
}
