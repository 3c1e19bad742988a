import type { SetupState } from "#lib/simulator/salesforce/setup-state.ts";

export type OrgKind = "production" | "sandbox" | "developer" | "scratch";

export type UserPermissions = {
  /** "API Enabled" on the profile. */
  apiEnabled: boolean;
  viewSetup: boolean;
  manageUsers: boolean;
  approveUninstalledApps: boolean;
};

export type SalesforceUser = {
  /** 18 characters. */
  id: string;
  username: string;
  password: string;
  firstName: string;
  lastName: string;
  email: string;
  profile: string;
  permissionSets: string[];
  isActive: boolean;
  /** An API-only user: may not sign in to approve an app. */
  isIntegration: boolean;
  permissions: UserPermissions;
  timeZone: string;
  locale: string;
  language: string;
  /** Addresses the user may come from; null: any. All requests here come from 127.0.0.1. */
  loginIpRanges: readonly { from: string; to: string }[] | null;
  /** Minutes of the day (UTC), the second not included; null: always. */
  loginHours: { fromMinute: number; toMinute: number } | null;
};

export type Org = {
  id: string;
  /** Tells this org's record ids from others'. */
  pod: string;
  company: string;
  name: string;
  kind: OrgKind;
  /** My Domain. */
  host: string;
  loginHost: "login.salesforce.com" | "test.salesforce.com";
  instanceName: string;
  edition: string;
  status: "active" | "locked";
  /** False: an edition without the API. */
  apiEnabled: boolean;
  /** Rotation for every app of the org, whatever the app says. */
  enforcesRotation: boolean;
  /** PKCE for every app of the org, whatever the app says. */
  enforcesPkce: boolean;
  /** The rule of September 2025: users may not authorize connected apps that nobody installed. */
  blocksUninstalledApps: boolean;
  sessionTimeoutSeconds: number;
  dailyApiRequests: number;
  /** Resources below `/services/data/vXX.X/` whose feature is not switched on. */
  disabledResources: readonly string[];
  users: SalesforceUser[];
  setup: SetupState;
};

export type RotationMode = "strict" | "lenient" | "off";

export type RefreshPolicy =
  | { kind: "infinite" }
  | { kind: "zero" }
  | { kind: "unused"; seconds: number }
  | { kind: "fixed"; seconds: number };

/** Which org holds an app: `everywhere` for Salesforce's own. */
export type AppKind = "connected" | "eca-local" | "eca-packaged" | "built-in";

export type App = {
  clientId: string;
  /** Never empty; of use to a client only when it was told. A public client cannot check signatures. */
  secret: string;
  name: string;
  kind: AppKind;
  /** Org ids in which the app is installed, or which own it. */
  orgs: string[];
  requiresSecretForWeb: boolean;
  requiresSecretForRefresh: boolean;
  /** `unknown`: from before PKCE, drops the challenge and refuses a verifier. */
  pkce: "off" | "optional" | "required" | "unknown";
  rotation: RotationMode;
  refreshPolicy: RefreshPolicy;
  permittedUsers: "all" | "admin-approved";
  /** With `admin-approved`: who may. */
  approvedProfiles: string[];
  approvedPermissionSets: string[];
  approvedUsers: string[];
  scopes: string[];
  callbacks: string[];
  /** Answers as unknown until then: a change takes 2 to 10 minutes to arrive. */
  availableFromMs: number;
  flows: {
    code: boolean;
    device: boolean;
    clientCredentials: boolean;
    jwtBearer: boolean;
    introspectAll: boolean;
  };
  /** Username by org id. */
  runAs: Record<string, string>;
  /** Public key (SPKI PEM) of the certificate on the app, for JWT bearer. */
  certificatePem: string | null;
  /** Overrides the org's session time-out. */
  sessionTimeoutSeconds: number | null;
  /** Access tokens are JWTs, and answers then carry `expires_in`. */
  issuesJwtTokens: boolean;
};

export type World = { orgs: Org[]; apps: App[] };

/** Orgs that a login host serves; a My Domain host serves one. */
export const orgsAt = (world: World, host: string): Org[] =>
  world.orgs.filter((org) => org.host === host || org.loginHost === host);

export const orgById = (world: World, id: string): Org | undefined =>
  world.orgs.find((org) => org.id.slice(0, 15) === id.slice(0, 15));

export const userById = (org: Org, id: string): SalesforceUser | undefined =>
  org.users.find((user) => user.id.slice(0, 15) === id.slice(0, 15));

/** Usernames are unique over all of Salesforce; letter case does not count. */
export function findUser(
  world: World,
  username: string,
): { org: Org; user: SalesforceUser } | undefined {
  for (const org of world.orgs) {
    const user = org.users.find(
      (candidate) => candidate.username.toLowerCase() === username.trim().toLowerCase(),
    );
    if (user) return { org, user };
  }
  return undefined;
}
