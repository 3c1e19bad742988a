import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { errorPage } from "#lib/simulator/kit/pages.ts";
import {
  empty,
  formOf,
  html,
  json,
  redirect,
  setCookie,
  splitPath,
  text,
} from "#lib/simulator/kit/responses.ts";
import type {
  Provider,
  SimulatorContext,
  SimulatorRequest,
  SimulatorResponse,
} from "#lib/simulator/kit/types.ts";
import { seededWorld } from "#lib/simulator/salesforce/companies.ts";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { oauthErrors } from "#lib/simulator/salesforce/errors.ts";
import {
  authorize,
  continueAuthorize,
  liveBrowser,
  refusalPage,
  type SignedIn,
} from "#lib/simulator/salesforce/oauth-authorize.ts";
import { devicePage, devicePath } from "#lib/simulator/salesforce/oauth-device.ts";
import {
  discovery,
  identity,
  introspect,
  revoke,
  userinfo,
} from "#lib/simulator/salesforce/oauth-session.ts";
import { token } from "#lib/simulator/salesforce/oauth-token.ts";
import { createRecordStores, type RecordStores } from "#lib/simulator/salesforce/records.ts";
import { createRest } from "#lib/simulator/salesforce/rest.ts";
import { knownScopes } from "#lib/simulator/salesforce/scopes.ts";
import {
  approvePath,
  askSignIn,
  customDomainPath,
  goToCustomDomain,
  readSignIn,
  signInPath,
} from "#lib/simulator/salesforce/sign-in.ts";
import {
  defaultSettings,
  emptyState,
  type SalesforceCore,
  type SalesforceSettings,
  type SalesforceState,
} from "#lib/simulator/salesforce/state.ts";
import type { SigningKey } from "#lib/simulator/salesforce/token-answer.ts";
import type { App, World } from "#lib/simulator/salesforce/world.ts";

export type SalesforceOptions = {
  /** Origin of the studio: its callbacks are registered with the demo's app. */
  studioUrl: string;
  world?: World;
  settings?: Partial<SalesforceSettings>;
  /** Called after each change that must survive a restart. */
  onChange?: () => void;
};

export type Salesforce = Provider & {
  /** Orgs, people and apps: plain objects, changed by tests as an admin would change them. */
  world: World;
  settings: SalesforceSettings;
  /** Codes, grants and sessions as they are; for tests that look behind the curtain. */
  state(): SalesforceState;
  records: RecordStores;
  /** @throws {Error} there is no such app */
  app(clientId: string): App;
  /** Adds an app that becomes known after 2 to 10 minutes, as a freshly made one does. */
  addFreshApp(app: App): { availableInSeconds: number };
};

const suffixes = [".my.salesforce.com", ".my.salesforce.mil", ".my.sfcrmproducts.cn"];

function signingKey(pem: string): SigningKey {
  const privateKey = createPrivateKey(pem);
  const jwk = createPublicKey(privateKey).export({ format: "jwk" });
  return { privateKey, jwk: { ...jwk, kid: "218", alg: "RS256", use: "sig" } };
}

const newKeyPem = (): string =>
  generateKeyPairSync("rsa", { modulusLength: 2048 })
    .privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();

/** Salesforce: every login host and My Domain of the seeded world. */
export function createSalesforce(
  context: SimulatorContext,
  options: SalesforceOptions,
): Salesforce {
  const world = options.world ?? seededWorld(options.studioUrl);
  const settings = { ...defaultSettings(), ...options.settings };
  const demoUsers = new Set<string>(
    world.orgs
      .filter((org) => org.company === demoSalesforce.company)
      .flatMap((org) => org.users.map((user) => user.username)),
  );
  const core: SalesforceCore = {
    context,
    world,
    settings,
    state: emptyState(),
    inWork: new Set(),
    isDemoUser: (user) => demoUsers.has(user.username),
    changed: () => options.onChange?.(),
  };
  let keyPem: string | null = null;
  const key = (): SigningKey => {
    keyPem ??= newKeyPem();
    return signingKey(keyPem);
  };
  const records = createRecordStores(core);
  const rest = createRest(core, records);

  const isHost = (host: string) =>
    world.orgs.some((org) => org.host === host || org.loginHost === host);

  async function handle(request: SimulatorRequest): Promise<SimulatorResponse> {
    if (!isHost(request.host)) return unknownDomain(request);
    const { pathname } = splitPath(request.path);
    const path = pathname.toLowerCase().replace(/(?<=.)\/$/, "");
    switch (path) {
      case "/services/oauth2/authorize":
        if (!/^(GET|POST)$/.test(request.method)) return refusalPage(request, oauthErrors.mustGet);
        return authorize(core, request);
      case signInPath:
        return signIn(core, request);
      case approvePath:
        return approve(core, request);
      case customDomainPath:
        if (request.method !== "POST") return empty(405, { allow: "POST" });
        return goToCustomDomain(core, request, formOf(request));
      case "/services/oauth2/token":
        return token(core, request, key());
      case "/services/oauth2/revoke":
        return revoke(core, request);
      case "/services/oauth2/introspect":
        return introspect(core, request);
      case "/services/oauth2/userinfo":
        return userinfo(core, request);
      case "/id/keys":
        return json(200, { keys: [key().jwk] });
      case "/.well-known/openid-configuration":
        return discovery(request, knownScopes);
      case devicePath:
        return devicePage(core, request, liveBrowser(core, request));
      default: {
        const named = /^\/id\/(\w{15,18})\/(\w{15,18})$/.exec(pathname);
        if (named) return identity(core, request, named[1] as string, named[2] as string);
        if (path.startsWith("/services/data")) return rest(request);
        return text(404, "Not Found");
      }
    }
  }

  return {
    name: "salesforce",
    owns: (host) =>
      host === "login.salesforce.com" ||
      host === "test.salesforce.com" ||
      suffixes.some((suffix) => host.endsWith(suffix)),
    handle,
    exportState: () => {
      keyPem ??= newKeyPem();
      return { ...core.state, keyPem };
    },
    importState: (exported) => {
      const { keyPem: pem, ...state } = exported as SalesforceState & { keyPem: string };
      keyPem = pem;
      Object.assign(core.state, emptyState(), state);
    },
    world,
    settings,
    state: () => core.state,
    records,
    app: (clientId) => {
      const app = world.apps.find((candidate) => candidate.clientId === clientId);
      if (!app) throw new Error(`there is no app ${clientId}`);
      return app;
    },
    addFreshApp: (app) => {
      const availableInSeconds = context.random.int(120, 600);
      world.apps.push({
        ...app,
        availableFromMs: context.clock.nowMs() + availableInSeconds * 1000,
      });
      return { availableInSeconds };
    },
  };
}

/** A My Domain that nobody has answers with a page, not JSON. */
const unknownDomain = (request: SimulatorRequest) =>
  html(
    404,
    errorPage({
      provider: "Salesforce",
      host: request.host,
      title: "This address is not in use",
      message: "The domain may have been renamed, or the link may be wrong.",
      code: "URL_NOT_RESET",
    }),
  );

function signIn(core: SalesforceCore, request: SimulatorRequest): SimulatorResponse {
  if (request.method !== "POST") return empty(405, { allow: "POST" });
  const form = formOf(request);
  const query = new URLSearchParams(form.get("continue") ?? "");
  const who = readSignIn(core, request, form);
  if ("problem" in who) {
    const app = core.world.apps.find(({ clientId }) => clientId === query.get("client_id"));
    const hint = form.get("username");
    return askSignIn(core, request, { query, ...(app ? { app } : {}), hint, problem: who.problem });
  }
  const id = core.context.random.token(48);
  core.state.browsers = [
    ...core.state.browsers.slice(-999),
    { id, host: request.host, orgId: who.org.id, userId: who.user.id },
  ];
  const cookie = setCookie(request, "sid", id);
  if (query.has("device")) {
    return redirect(`${request.urlFor(request.host)}${devicePath}`, { "set-cookie": cookie });
  }
  const answer = continueAuthorize(core, request, query, who);
  return { ...answer, headers: { ...answer.headers, "set-cookie": cookie } };
}

function approve(core: SalesforceCore, request: SimulatorRequest): SimulatorResponse {
  if (request.method !== "POST") return empty(405, { allow: "POST" });
  const form = formOf(request);
  const query = new URLSearchParams(form.get("continue") ?? "");
  const who: SignedIn | undefined = liveBrowser(core, request);
  if (!who) return continueAuthorize(core, request, query);
  const decision = form.get("decision") === "allow" ? "allow" : "deny";
  return continueAuthorize(core, request, query, who, decision);
}
