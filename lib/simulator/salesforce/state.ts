import type { SimulatorContext } from "#lib/simulator/kit/types.ts";
import type { App, Org, SalesforceUser, World } from "#lib/simulator/salesforce/world.ts";

export type AuthorizationCode = {
  code: string;
  clientId: string;
  redirectUri: string;
  challenge: string | null;
  /** Host of the authorize call: the code is good there only. */
  host: string;
  orgId: string;
  userId: string;
  scopes: string[];
  nonce: string | null;
  expiresAtMs: number;
  isUsed: boolean;
};

/** One approval: a refresh token and what came of it. Rotation changes the token, not the grant. */
export type Grant = {
  id: string;
  clientId: string;
  orgId: string;
  userId: string;
  scopes: string[];
  loginHost: string;
  refreshToken: string;
  /** Replaced tokens: with strict rotation one of these coming back ends the grant. */
  spent: { token: string; atMs: number }[];
  createdAtMs: number;
  lastUsedAtMs: number;
  isRevoked: boolean;
};

export type Session = {
  token: string;
  clientId: string;
  orgId: string;
  userId: string;
  scopes: string[];
  grantId: string | null;
  loginHost: string;
  createdAtMs: number;
  lastUsedAtMs: number;
  timeoutSeconds: number;
  isRevoked: boolean;
};

/** A person's browser, signed in at one host. */
export type BrowserSession = { id: string; host: string; orgId: string; userId: string };

export type DeviceRequest = {
  deviceCode: string;
  userCode: string;
  clientId: string;
  host: string;
  scopes: string[];
  expiresAtMs: number;
  lastPollMs: number;
  decision: "pending" | "denied" | { orgId: string; userId: string };
};

export type SalesforceState = {
  codes: AuthorizationCode[];
  grants: Grant[];
  sessions: Session[];
  browsers: BrowserSession[];
  devices: DeviceRequest[];
  /** `${clientId} ${userId}` → approved scopes. */
  approvals: Record<string, string[]>;
  /** Times of token answers by user, for the hourly limit. */
  logins: Record<string, number[]>;
};

export const emptyState = (): SalesforceState => ({
  codes: [],
  grants: [],
  sessions: [],
  browsers: [],
  devices: [],
  approvals: {},
  logins: {},
});

/** How the whole simulator of Salesforce behaves; tests change it as they like. */
export type SalesforceSettings = {
  codeLifetimeSeconds: number;
  /** How many approvals a user has per app before the oldest is dropped silently. */
  approvalsPerUser: number;
  loginsPerHour: number;
  /**
   * A refresh token that comes again within so many seconds of its first use is answered "token
   * request is already being processed". While a request is in work it is, whatever this says.
   */
  processingWindowSeconds: number;
  /** Rotation `lenient`: how long the replaced token stays good. */
  lenientWindowSeconds: number;
  /** Rows on a page of a query at most. */
  queryBatchSize: number;
};

export const defaultSettings = (): SalesforceSettings => ({
  codeLifetimeSeconds: 15 * 60,
  approvalsPerUser: 5,
  loginsPerHour: 3600,
  processingWindowSeconds: 0,
  lenientWindowSeconds: 120,
  queryBatchSize: 2000,
});

/** What the parts of the provider share. */
export type SalesforceCore = {
  context: SimulatorContext;
  world: World;
  settings: SalesforceSettings;
  state: SalesforceState;
  /** Refresh tokens whose request is in work: its answer is not out yet. */
  inWork: Set<string>;
  /** Users whose password is on the page: anyone may be them. */
  isDemoUser(user: SalesforceUser): boolean;
  /** Says that something changed which must survive a restart. */
  changed(): void;
};

export function findApp(core: SalesforceCore, clientId: string | null): App | undefined {
  const app = core.world.apps.find((candidate) => candidate.clientId === clientId);
  return app && core.context.clock.nowMs() >= app.availableFromMs ? app : undefined;
}

export const subjectOf = (user: SalesforceUser | undefined, app: App | undefined) => ({
  ...(user ? { user: user.username } : {}),
  ...(app ? { app: app.clientId } : {}),
});

const tokenAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";

export const isLive = (session: Session, nowMs: number): boolean =>
  !session.isRevoked && nowMs < session.lastUsedAtMs + session.timeoutSeconds * 1000;

export function openSession(
  core: SalesforceCore,
  given: Pick<Session, "clientId" | "scopes" | "grantId" | "loginHost">,
  org: Org,
  user: SalesforceUser,
  app: App,
): Session {
  const nowMs = core.context.clock.nowMs();
  const opaque = core.context.random.token(96, tokenAlphabet);
  const session: Session = {
    ...given,
    token: app.issuesJwtTokens ? fakeJwt(opaque) : `${org.id.slice(0, 15)}!AQ${opaque}`,
    orgId: org.id,
    userId: user.id,
    createdAtMs: nowMs,
    lastUsedAtMs: nowMs,
    timeoutSeconds: app.sessionTimeoutSeconds ?? org.sessionTimeoutSeconds,
    isRevoked: false,
  };
  // Sessions that ended a day ago answer like unknown ones anyway.
  core.state.sessions = core.state.sessions.filter(
    (old) => nowMs < old.lastUsedAtMs + old.timeoutSeconds * 1000 + 86_400_000,
  );
  core.state.sessions.push(session);
  core.changed();
  return session;
}

/** Looks like a JWT and is opaque all the same: resource servers here look tokens up. */
const fakeJwt = (opaque: string): string =>
  [
    Buffer.from('{"alg":"RS256","typ":"JWT","kid":"sim"}').toString("base64url"),
    Buffer.from(JSON.stringify({ jti: opaque.slice(0, 40) })).toString("base64url"),
    opaque.replaceAll(".", "-").slice(40),
  ].join(".");

export const findSession = (core: SalesforceCore, token: string): Session | undefined =>
  core.state.sessions.find((session) => session.token === token);

/** A new approval; the sixth of a user and app drops the oldest without a word. */
export function openGrant(
  core: SalesforceCore,
  given: Pick<Grant, "clientId" | "orgId" | "userId" | "scopes" | "loginHost">,
): Grant {
  const nowMs = core.context.clock.nowMs();
  const grant: Grant = {
    ...given,
    id: core.context.random.uuid(),
    refreshToken: newRefreshToken(core),
    spent: [],
    createdAtMs: nowMs,
    lastUsedAtMs: nowMs,
    isRevoked: false,
  };
  core.state.grants.push(grant);
  const same = core.state.grants.filter(
    (other) =>
      !other.isRevoked && other.clientId === given.clientId && other.userId === given.userId,
  );
  // Silent: the access tokens of the dropped approval live on until they time out.
  for (const old of same.slice(0, Math.max(0, same.length - core.settings.approvalsPerUser))) {
    old.isRevoked = true;
  }
  core.changed();
  return grant;
}

export const newRefreshToken = (core: SalesforceCore): string =>
  `5Aep861${core.context.random.token(80, tokenAlphabet)}`;

/** Ends a grant with all its access tokens. */
export function revokeGrant(core: SalesforceCore, grant: Grant): void {
  grant.isRevoked = true;
  for (const session of core.state.sessions) {
    if (session.grantId === grant.id) session.isRevoked = true;
  }
  core.changed();
}
