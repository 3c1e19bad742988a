import { makeId } from "#lib/simulator/salesforce/ids.ts";
import { setupMissing } from "#lib/simulator/salesforce/setup-state.ts";
import type { Org, OrgKind, SalesforceUser } from "#lib/simulator/salesforce/world.ts";

/** Every seeded person signs in with it; nothing real hangs on it. */
export const seededPassword = "Harbour-lantern-42";

export type Person = {
  first: string;
  last: string;
  username: string;
  role: "admin" | "ordinary" | "no-api" | "inactive" | "integration" | "marketer";
  /** "Login IP Ranges" and "Login Hours" of the profile. */
  limits?: Partial<Pick<SalesforceUser, "loginIpRanges" | "loginHours">>;
};

const profiles: Record<Person["role"], string> = {
  admin: "System Administrator",
  ordinary: "Standard User",
  "no-api": "Standard User",
  inactive: "Standard User",
  integration: "Minimum Access - API Only Integrations",
  marketer: "Marketing User",
};

function user(pod: string, serial: number, person: Person, timeZone: string): SalesforceUser {
  const isAdmin = person.role === "admin";
  return {
    id: makeId("005", pod, serial),
    username: person.username,
    password: seededPassword,
    firstName: person.first,
    lastName: person.last,
    email: `${person.first}.${person.last}@${person.username.split("@")[1]}`
      .toLowerCase()
      .normalize("NFKD")
      .replaceAll(/[^a-z0-9.@-]/g, ""),
    profile: profiles[person.role],
    permissionSets: isAdmin ? ["Data Steward"] : [],
    isActive: person.role !== "inactive",
    isIntegration: person.role === "integration",
    permissions: {
      apiEnabled: person.role !== "no-api",
      viewSetup: isAdmin,
      manageUsers: isAdmin,
      approveUninstalledApps: isAdmin,
    },
    timeZone,
    locale: "en_US",
    language: "en_US",
    loginIpRanges: null,
    loginHours: null,
    ...person.limits,
  };
}

type OrgGiven = {
  pod: string;
  company: string;
  kind: OrgKind;
  host: string;
  people: readonly Person[];
  timeZone: string;
} & Partial<Org>;

const named: Record<OrgKind, (company: string) => string> = {
  production: (company) => company,
  sandbox: (company) => company,
  developer: (company) => `${company} Developer Edition`,
  scratch: (company) => `${company} (scratch)`,
};

/** An org as Salesforce makes it, with what the seed says otherwise. */
export function org({ people, timeZone, ...given }: OrgGiven): Org {
  const isTest = given.kind === "sandbox" || given.kind === "scratch";
  return {
    id: makeId("00D", given.pod, 1),
    name: named[given.kind](given.company),
    loginHost: isTest ? "test.salesforce.com" : "login.salesforce.com",
    instanceName: isTest ? "USA254S" : given.kind === "developer" ? "CAN98" : "USA654",
    edition: given.kind === "developer" ? "Developer Edition" : "Enterprise Edition",
    status: "active",
    apiEnabled: true,
    enforcesRotation: false,
    enforcesPkce: false,
    blocksUninstalledApps: true,
    sessionTimeoutSeconds: 7200,
    disabledResources: [],
    dailyApiRequests: given.kind === "developer" ? 15_000 : 100_000,
    users: people.map((person, at) => user(given.pod, at + 1, person, timeZone)),
    setup: setupMissing,
    ...given,
  };
}

/** Names and roles of one company; usernames follow from them. */
export const people = (
  domain: string,
  list: readonly [string, string, Person["role"]][],
): Person[] =>
  list.map(([first, last, role]) => ({
    first,
    last,
    role,
    username: `${first}.${last}@${domain}`
      .toLowerCase()
      .normalize("NFKD")
      .replaceAll(/[^a-z0-9.@-]/g, ""),
  }));

/** The same people in a sandbox, whose name their usernames end in. */
export const sandboxed = (list: readonly Person[], sandbox: string): Person[] =>
  list.map((person) => ({ ...person, username: `${person.username}.${sandbox}` }));
