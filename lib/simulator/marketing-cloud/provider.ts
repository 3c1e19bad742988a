import { text } from "#lib/simulator/kit/responses.ts";
import type {
  Provider,
  SimulatorContext,
  SimulatorRequest,
  SimulatorResponse,
} from "#lib/simulator/kit/types.ts";
import { handleAuthorize } from "./authorize.ts";
import { companies } from "./companies.ts";
import { type Call, type Core, restError } from "./core.ts";
import { createCursors } from "./cursors.ts";
import { createDataStore, type DataSnapshot } from "./data-store.ts";
import type { Send } from "./data-types.ts";
import { createDirectory, type DirectorySnapshot } from "./directory.ts";
import { handleRest } from "./rest.ts";
import { handleLogin, handleLogout } from "./sessions.ts";
import { handleSoap } from "./soap.ts";
import { emptyState, type OAuthSnapshot, restore, signOut, sweep, toSnapshot } from "./state.ts";
import { readSwitch } from "./switches.ts";
import { handleToken } from "./token.ts";
import { issueRefreshToken, startFamily } from "./tokens.ts";
import { createTracking } from "./tracking.ts";
import { handleDiscovery, handleUserinfo } from "./whoami.ts";
import { type Package, parseHost, type Role, type Tenant, type User } from "./world.ts";

export type MarketingCloudOptions = {
  /** Callbacks registered on the demo package; the only ones that may be on loopback. */
  demoRedirectUris?: readonly string[];
  /** The companies instead of the fictional ones. */
  tenants?: readonly Tenant[];
};

export type MarketingCloudState = {
  version: 2;
  oauth: OAuthSnapshot;
  directory: DirectorySnapshot;
  data: DataSnapshot;
};

/** The vendor's three hosts for every tenant, and what an admin or a passing day can change there. */
export type MarketingCloud = Provider & {
  tenants(): readonly Tenant[];
  findTenant(subdomain: string): Tenant | undefined;
  addTenant(tenant: Tenant): void;
  /** As in Setup: checked, and with the switch `slowPropagation` in force after five minutes only. */
  editPackage(clientId: string, change: Partial<Package>): void;
  /** Licence, permissions, business units, default business unit, active or not: in force at once. */
  editUser(subdomain: string, username: string, change: Partial<User>): void;
  /** Signing out in the vendor's interface: tokens without `offline` die. */
  signOut(subdomain: string, username: string): void;
  /** Every token of this person, or of one package, dies: a password reset, an admin's revocation. */
  revoke(which: { username?: string; clientId?: string }): void;
  /**
   * So many sign-ins of one person at once, as if each had been made in a browser of its own.
   *
   * @returns a refresh token each, of families of their own
   */
  signInMany(which: {
    subdomain: string;
    username: string;
    clientId: string;
    count: number;
  }): string[];
  /** Mails that have left a business unit by now, and those refused: each accepted message once. */
  sends(subdomain: string, mid: number): readonly Send[];
  /** Changing the business unit in the vendor's interface: the next sign-in is for that one. */
  switchBusinessUnit(subdomain: string, username: string, mid: number): void;
};

/** Content is the same at every start: what people changed in it is kept by its ids. */
const contentSeed = "content";
const sweepEveryMs = 60 * 60 * 1000;

export function createMarketingCloud(
  context: SimulatorContext,
  options: MarketingCloudOptions = {},
): MarketingCloud {
  const founded = options.tenants ?? companies(options.demoRedirectUris);
  const core: Core = {
    context,
    directory: createDirectory(context.clock, founded),
    state: emptyState(),
    data: createDataStore(contentSeed, context.clock),
    cursors: createCursors(context),
    tracking: createTracking(contentSeed),
  };
  const { directory, state, data } = core;
  let sweptAtMs = context.clock.nowMs();

  return {
    name: "marketing-cloud",
    owns: (host) => parseHost(host) !== undefined,
    async handle(request) {
      const nowMs = context.clock.nowMs();
      if (nowMs - sweptAtMs > sweepEveryMs) {
        sweep(state, nowMs);
        sweptAtMs = nowMs;
      }
      return answer(core, request);
    },
    tenants: () => directory.tenants(),
    findTenant: (subdomain) => directory.findTenant(subdomain),
    addTenant: (tenant) => directory.addTenant(tenant),
    editPackage(clientId, change) {
      const isSlow = readSwitch(context.faults, "slowPropagation", { app: clientId });
      directory.editPackage(clientId, change, isSlow);
    },
    editUser: (subdomain, username, change) => directory.editUser(subdomain, username, change),
    signOut: (subdomain, username) => signOut(state, subdomain, username),
    revoke({ username, clientId }) {
      for (const family of state.families.values()) {
        const isTheirs = username === undefined || family.username === username;
        const isOfApp = clientId === undefined || family.clientId === clientId;
        if (isTheirs && isOfApp) family.isRevoked = true;
      }
    },
    signInMany({ subdomain, username, clientId, count }) {
      const tenant = directory.findTenant(subdomain);
      const made = tenant && directory.findPackage(tenant, clientId);
      const user = tenant && directory.findUser(tenant, username);
      if (!tenant || !made || !user) throw new Error("there is no such tenant, package or person");
      return Array.from({ length: count }, () => {
        const family = startFamily(core, {
          subdomain,
          clientId,
          username: user.username,
          sessionId: null,
          endsWithSession: false,
        });
        const issue = { tenant, made, family, mid: user.defaultMid, scopes: made.scopes };
        return issueRefreshToken(core, issue).token;
      });
    },
    sends(subdomain, mid) {
      const tenant = directory.findTenant(subdomain);
      if (!tenant) throw new Error("there is no such tenant");
      const nowMs = context.clock.nowMs();
      return data
        .unit(tenant, mid)
        .sends.all()
        .filter(({ atMs }) => atMs <= nowMs);
    },
    switchBusinessUnit(subdomain, username, mid) {
      for (const session of state.sessions.values()) {
        if (session.subdomain === subdomain && session.username === username) session.mid = mid;
      }
    },
    exportState: (): MarketingCloudState => ({
      version: 2,
      oauth: structuredClone(toSnapshot(state)),
      directory: directory.exportState(),
      data: data.exportState(),
    }),
    importState(given) {
      const snapshot = given as MarketingCloudState;
      if (snapshot?.version !== 2) throw new Error("not a state of this simulator");
      restore(state, structuredClone(snapshot.oauth));
      directory.importState(snapshot.directory);
      data.importState(snapshot.data);
    },
  };
}

const byRole: Record<Role, (call: Call) => SimulatorResponse> = {
  auth: handleAuth,
  rest: handleRest,
  soap: handleSoap,
};

function answer(core: Core, request: SimulatorRequest): SimulatorResponse {
  const host = parseHost(request.host);
  const tenant = host && core.directory.findTenant(host.subdomain);
  if (!host || !tenant) return text(404, "There is no tenant under this name.");
  return byRole[host.role]({ core, tenant, request });
}

function handleAuth(call: Call): SimulatorResponse {
  const path = call.request.path
    .split("?")[0]
    ?.replaceAll(/\/{2,}/g, "/")
    .toLowerCase();
  switch (path?.replace(/\/$/, "")) {
    case "/v2/authorize":
      return handleAuthorize(call);
    case "/v2/token":
      return handleToken(call);
    case "/v2/userinfo":
      return handleUserinfo(call);
    case "/v2/discovery":
      return handleDiscovery(call);
    case "/login":
      return handleLogin(call);
    case "/logout":
      return handleLogout(call);
    case "/v1/requesttoken":
      return restError(400, 10007, "This integration cannot use the legacy v1/requestToken route.");
    default:
      return restError(404, 404, "Not Found");
  }
}
