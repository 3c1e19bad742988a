import { makeApp } from "#lib/simulator/salesforce/apps.ts";
import { org, type Person, people, sandboxed } from "#lib/simulator/salesforce/make-org.ts";
import type { App, Org } from "#lib/simulator/salesforce/world.ts";

/**
 * Rookhope Rail: a company where each thing that can stand in the way stands in somebody's way. Its
 * apps have the studio's callback, wherever the studio runs, so that a browser can walk into each.
 */
export const rookhope = {
  host: "rookhoperail.my.salesforce.com",
  sandboxHost: "rookhoperail--uat.sandbox.my.salesforce.com",
  users: {
    /** Nothing stands in her way. */
    admin: "ada.fenwick@rookhope.example",
    ordinary: "ben.hollis@rookhope.example",
    noApi: "cora.wren@rookhope.example",
    /** Only from the company's own network. */
    otherNetwork: "dilys.marsh@rookhope.example",
    /** At no hour of the day. */
    otherHours: "edwin.pike@rookhope.example",
    integration: "rail.integration@rookhope.example",
    sandboxAdmin: "ada.fenwick@rookhope.example.uat",
    /** In a sandbox that is locked. */
    lockedOrg: "ada.fenwick@rookhope.example.old",
    /** In a sandbox without the limits resource. */
    fewFeatures: "ada.fenwick@rookhope.example.lite",
    /** In an org that has used up its API calls. */
    usedUp: "ada.fenwick@rookhope.example.dev",
  },
  apps: {
    /** In order, and in every org of the company. */
    sound: "3MVG9RookhopeSound.connected.app.00000000000001",
    /** Has the scopes api and refresh_token only. */
    narrow: "3MVG9RookhopeNarrow.connected.app.0000000000002",
    /** Wants its secret. */
    secret: "3MVG9RookhopeSecret.connected.app.0000000000003",
    /** Its authorization code flow is switched off. */
    noCodeFlow: "3MVG9RookhopeNoCode.connected.app.0000000000004",
    /** From before PKCE: takes no verifier. */
    old: "3MVG9RookhopeOld.connected.app.0000000000000005",
    /** Wants PKCE. */
    strict: "3MVG9RookhopeStrict.connected.app.0000000000006",
    /** External client app that lives in the sandbox alone. */
    sandboxLocal: "3MVG9RookhopeLocal.eca.00000000000000000000007",
    /** For admin-approved users. */
    approved: "3MVG9RookhopeApproved.connected.app.00000000008",
    /** Nobody installed it. */
    uninstalled: "3MVG9RookhopeSide.connected.app.000000000000009",
    /** Has somebody else's callback only. */
    otherCallback: "3MVG9RookhopeDepot.connected.app.00000000000010",
  },
} as const;

const staff: Person[] = [
  ...people("rookhope.example", [
    ["Ada", "Fenwick", "admin"],
    ["Ben", "Hollis", "ordinary"],
    ["Cora", "Wren", "no-api"],
    ["Rail", "Integration", "integration"],
  ]),
  {
    first: "Dilys",
    last: "Marsh",
    role: "ordinary",
    username: rookhope.users.otherNetwork,
    limits: { loginIpRanges: [{ from: "203.0.113.0", to: "203.0.113.255" }] },
  },
  {
    first: "Edwin",
    last: "Pike",
    role: "ordinary",
    username: rookhope.users.otherHours,
    limits: { loginHours: { fromMinute: 0, toMinute: 0 } },
  },
];

const timeZone = "Europe/London";
const company = "Rookhope Rail";

export function rookhopeOrgs(): Org[] {
  const admins = staff.slice(0, 1);
  const sandbox = (pod: string, name: string, more: Partial<Org> = {}) =>
    org({
      pod,
      company,
      kind: "sandbox",
      host: `rookhoperail--${name}.sandbox.my.salesforce.com`,
      people: sandboxed(admins, name),
      timeZone,
      ...more,
    });
  return [
    org({
      pod: "Rp",
      company,
      kind: "production",
      host: rookhope.host,
      people: staff,
      timeZone,
    }),
    sandbox("Rs", "uat"),
    sandbox("Ro", "old", { status: "locked" }),
    sandbox("Rl", "lite", { disabledResources: ["limits"] }),
    org({
      pod: "Rd",
      company,
      kind: "developer",
      host: "rookhope-dev-ed.develop.my.salesforce.com",
      people: sandboxed(admins, "dev"),
      timeZone,
      dailyApiRequests: 0,
    }),
  ];
}

/** @param orgs - all of the world's; @param callbacks - where the studio's people come back to */
export function rookhopeApps(orgs: readonly Org[], callbacks: string[]): App[] {
  const own = orgs.filter((candidate) => candidate.company === company);
  const made = (clientId: string, name: string, more: Partial<App> = {}) =>
    makeApp({
      clientId,
      name,
      kind: "connected",
      orgs: own.map(({ id }) => id),
      callbacks,
      pkce: "optional",
      scopes: ["api", "refresh_token", "id", "openid", "web"],
      ...more,
    });
  const { apps } = rookhope;
  return [
    made(apps.sound, "Rookhope timetable"),
    made(apps.narrow, "Rookhope tickets", { scopes: ["api", "refresh_token"] }),
    made(apps.secret, "Rookhope ledger", { requiresSecretForWeb: true }),
    made(apps.noCodeFlow, "Rookhope signals", {
      flows: {
        code: false,
        device: false,
        clientCredentials: true,
        jwtBearer: true,
        introspectAll: false,
      },
    }),
    made(apps.old, "Rookhope freight (2014)", { pkce: "unknown", rotation: "off" }),
    made(apps.strict, "Rookhope stations", { pkce: "required" }),
    made(apps.sandboxLocal, "Rookhope rehearsal", {
      kind: "eca-local",
      orgs: own.filter(({ pod }) => pod === "Rs").map(({ id }) => id),
    }),
    made(apps.approved, "Rookhope board", {
      permittedUsers: "admin-approved",
      approvedProfiles: ["System Administrator"],
    }),
    made(apps.uninstalled, "Rookhope side project", { orgs: [] }),
    made(apps.otherCallback, "Rookhope depot", {
      callbacks: ["https://depot.rookhope.example/callback"],
    }),
  ];
}
