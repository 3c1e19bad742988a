import { makeApp, platformCli } from "#lib/simulator/salesforce/apps.ts";
import { demoSalesforce } from "#lib/simulator/salesforce/demo.ts";
import { org, type Person, people, sandboxed } from "#lib/simulator/salesforce/make-org.ts";
import { rookhopeApps, rookhopeOrgs } from "#lib/simulator/salesforce/rookhope.ts";
import { setupComplete, setupHalfWay } from "#lib/simulator/salesforce/setup-state.ts";
import type { Org, World } from "#lib/simulator/salesforce/world.ts";

export { seededPassword } from "#lib/simulator/salesforce/make-org.ts";

/** Client ids of the seeded apps, by what they are for. */
export const seededApps = {
  /** Packaged external client app: public, PKCE required, strict rotation; not in every org. */
  studio: "3MVG9MeshMeshStudioPackaged.public.client.000001",
  /** Halden's own app, Local to its production org. */
  haldenLocal: "3MVG9HaldenLocalOnly.eca.000000000000000000002",
  /** Admin-approved users only. */
  haldenApproved: "3MVG9HaldenAdminApproved.app.0000000000000003",
  /** Old connected app: secret needed, no PKCE, no rotation. */
  brightwaterPortal: "3MVG9BrightwaterMemberPortal.app.00000000000004",
  /** Connected app that nobody installed. */
  uninstalled: "3MVG9SideProject.uninstalled.app.0000000000005",
  /** Client credentials, JWT bearer, device: an integration's app with a secret. */
  nightlySync: "3MVG9OrrinNightlySync.server.app.00000000000006",
  /** Rotation in which the replaced token stays good for a while. */
  lenient: "3MVG9CasaLumbreTablet.lenient.app.00000000000007",
} as const;

const halden = people("halden.example", [
  ["Dana", "Kowalczyk", "admin"],
  ["Jonas", "Mäkelä", "ordinary"],
  ["Rosa", "Ortega", "no-api"],
  ["Piet", "Verhoeven", "inactive"],
  ["Halden", "Integration", "integration"],
]);
const lumbre = people("casalumbre.example", [
  ["Inés", "Barragán", "admin"],
  ["Tomás", "Quiroga", "ordinary"],
  ["Lucía", "Peralta", "no-api"],
  ["Mateo", "Sosa", "inactive"],
  ["Lumbre", "Integration", "integration"],
]);
const brightwater = people("brightwatercu.example", [
  ["Walter", "Nakamura", "admin"],
  ["Grace", "Adeyemi", "ordinary"],
  ["Colin", "Frost", "no-api"],
  ["Hattie", "Boyle", "inactive"],
  ["Core", "Banking", "integration"],
]);
const orrin = people("orrinvale.example", [
  ["Sylvie", "Orrin", "admin"],
  ["Dev", "Malhotra", "ordinary"],
  ["Nora", "Vale", "no-api"],
  ["Basil", "Crane", "inactive"],
  ["Nightly", "Sync", "integration"],
]);
const northpine: Person[] = [
  { first: "Maya", last: "Lindqvist", role: "admin", username: demoSalesforce.users.maya },
  { first: "Theo", last: "Brandt", role: "marketer", username: demoSalesforce.users.theo },
  { first: "Ines", last: "Okafor", role: "ordinary", username: demoSalesforce.users.ines },
];

const zones = {
  berlin: "Europe/Berlin",
  mexico: "America/Mexico_City",
  chicago: "America/Chicago",
  london: "Europe/London",
};

function seededOrgs(): Org[] {
  const domain = ".my.salesforce.com";
  return [
    org({
      pod: "Hp",
      company: "Halden Outdoor",
      kind: "production",
      host: `haldenoutdoor${domain}`,
      people: halden,
      timeZone: zones.berlin,
      setup: setupComplete(["dana.kowalczyk@halden.example"]),
    }),
    org({
      pod: "Hu",
      company: "Halden Outdoor",
      kind: "sandbox",
      host: `haldenoutdoor--uat.sandbox${domain}`,
      people: sandboxed(halden, "uat"),
      timeZone: zones.berlin,
      setup: setupHalfWay,
    }),
    org({
      pod: "Hs",
      company: "Halden Outdoor",
      kind: "scratch",
      host: `halden-feature-7.scratch${domain}`,
      people: sandboxed(halden.slice(0, 1), "scratch7"),
      timeZone: zones.berlin,
    }),
    org({
      pod: "Hd",
      company: "Halden Outdoor",
      kind: "developer",
      host: `haldenlab-dev-ed.develop${domain}`,
      people: sandboxed(halden.slice(0, 2), "dev"),
      timeZone: zones.berlin,
    }),
    org({
      pod: "Lp",
      company: "Casa Lumbre",
      kind: "production",
      host: `casalumbre${domain}`,
      people: lumbre,
      timeZone: zones.mexico,
      setup: setupHalfWay,
      enforcesPkce: true,
    }),
    org({
      pod: "Ls",
      company: "Casa Lumbre",
      kind: "sandbox",
      host: `casalumbre--full.sandbox${domain}`,
      people: sandboxed(lumbre, "full"),
      timeZone: zones.mexico,
    }),
    org({
      pod: "Ld",
      company: "Casa Lumbre",
      kind: "developer",
      host: `casalumbre-dev-ed.develop${domain}`,
      people: sandboxed(lumbre.slice(0, 2), "dev"),
      timeZone: zones.mexico,
    }),
    org({
      pod: "Bp",
      company: "Brightwater Credit Union",
      kind: "production",
      host: `brightwatercu${domain}`,
      people: brightwater,
      timeZone: zones.chicago,
      enforcesRotation: true,
      sessionTimeoutSeconds: 900,
    }),
    org({
      pod: "Bs",
      company: "Brightwater Credit Union",
      kind: "sandbox",
      host: `brightwatercu--staging.sandbox${domain}`,
      people: sandboxed(brightwater, "staging"),
      timeZone: zones.chicago,
      status: "locked",
    }),
    org({
      pod: "Bd",
      company: "Brightwater Credit Union",
      kind: "developer",
      host: `brightwater-dev-ed.develop${domain}`,
      people: sandboxed(brightwater.slice(0, 2), "dev"),
      timeZone: zones.chicago,
    }),
    org({
      pod: "Op",
      company: "Orrin & Vale",
      kind: "production",
      host: `orrinvale${domain}`,
      people: orrin,
      timeZone: zones.london,
      blocksUninstalledApps: false,
    }),
    org({
      pod: "Os",
      company: "Orrin & Vale",
      kind: "sandbox",
      host: `orrinvale--qa.sandbox${domain}`,
      people: sandboxed(orrin, "qa"),
      timeZone: zones.london,
      apiEnabled: false,
      edition: "Professional Edition",
    }),
    org({
      pod: "Od",
      company: "Orrin & Vale",
      kind: "developer",
      host: `orrinvale-dev-ed.develop${domain}`,
      people: sandboxed(orrin.slice(0, 2), "dev"),
      timeZone: zones.london,
    }),
    org({
      pod: "Np",
      company: demoSalesforce.company,
      kind: "production",
      host: demoSalesforce.host,
      people: northpine,
      timeZone: zones.chicago,
      setup: setupHalfWay,
    }),
    org({
      pod: "Ns",
      company: demoSalesforce.company,
      kind: "sandbox",
      host: demoSalesforce.sandboxHost,
      people: sandboxed(northpine, "staging"),
      timeZone: zones.chicago,
    }),
    ...rookhopeOrgs(),
  ];
}

const studioCallbacks = [
  "https://studio.meshmesh.example/auth/salesforce-callback",
  "http://localhost:1717/OauthRedirect",
];

/**
 * The seeded companies, their people and their apps.
 *
 * @param studioUrl - origin of the studio; its callback is registered with the demo's app and the
 *   packaged one
 */
export function seededWorld(studioUrl: string): World {
  const orgs = seededOrgs();
  const idOf = (pod: string) => orgs.find((candidate) => candidate.pod === pod)?.id as string;
  const demoCallbacks = demoSalesforce.callbacks(studioUrl);
  const everywhereBut = (...pods: string[]) =>
    orgs.filter((candidate) => !pods.includes(candidate.pod)).map((candidate) => candidate.id);
  const secret = { requiresSecretForWeb: true, requiresSecretForRefresh: true };
  return {
    orgs,
    apps: [
      platformCli(),
      makeApp({
        clientId: demoSalesforce.clientId,
        name: "MeshMesh Studio (demo)",
        kind: "eca-packaged",
        orgs: [idOf("Np"), idOf("Ns")],
        callbacks: demoCallbacks,
        scopes: ["api", "refresh_token", "id", "openid", "profile", "email", "web"],
      }),
      makeApp({
        clientId: demoSalesforce.signInClientId,
        name: "MeshMesh Studio sign-in",
        kind: "connected",
        orgs: [idOf("Np")],
        callbacks: [`${studioUrl.replace(/\/$/, "")}/api/auth/callback/salesforce`],
        requiresSecretForWeb: true,
        scopes: ["id", "openid", "profile", "email"],
      }),
      makeApp({
        clientId: seededApps.studio,
        name: "MeshMesh Studio",
        kind: "eca-packaged",
        orgs: everywhereBut("Lp", "Bd", "Rs"),
        callbacks: [...new Set([...studioCallbacks, ...demoCallbacks])],
      }),
      makeApp({
        clientId: seededApps.haldenLocal,
        name: "Halden store tools",
        kind: "eca-local",
        orgs: [idOf("Hp")],
        callbacks: studioCallbacks,
      }),
      makeApp({
        clientId: seededApps.haldenApproved,
        name: "Halden data desk",
        kind: "connected",
        orgs: [idOf("Hp"), idOf("Hu")],
        callbacks: studioCallbacks,
        permittedUsers: "admin-approved",
        approvedProfiles: ["System Administrator"],
      }),
      makeApp({
        clientId: seededApps.brightwaterPortal,
        name: "Brightwater member portal",
        kind: "connected",
        orgs: [idOf("Bp"), idOf("Hp")],
        callbacks: ["https://portal.brightwatercu.example/callback", ...studioCallbacks],
        ...secret,
        pkce: "off",
        rotation: "off",
        scopes: ["api", "refresh_token", "full", "web"],
      }),
      makeApp({
        clientId: seededApps.uninstalled,
        name: "Side project",
        kind: "connected",
        orgs: [],
        callbacks: studioCallbacks,
        pkce: "optional",
      }),
      makeApp({
        clientId: seededApps.nightlySync,
        name: "Orrin nightly sync",
        kind: "connected",
        orgs: [idOf("Op"), idOf("Os")],
        callbacks: studioCallbacks,
        ...secret,
        flows: {
          code: true,
          device: true,
          clientCredentials: true,
          jwtBearer: true,
          introspectAll: true,
        },
        runAs: { [idOf("Op")]: "nightly.sync@orrinvale.example" },
        pkce: "optional",
        rotation: "off",
      }),
      makeApp({
        clientId: seededApps.lenient,
        name: "Casa Lumbre tablets",
        kind: "connected",
        orgs: [idOf("Lp"), idOf("Ls"), idOf("Hp")],
        callbacks: studioCallbacks,
        rotation: "lenient",
      }),
      ...rookhopeApps(orgs, [...studioCallbacks, ...demoCallbacks]),
    ],
  };
}
