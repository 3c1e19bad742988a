import { defaultDemoRedirectUris, demoMarketingCloud } from "./demo.ts";
import { checkPackage } from "./registration.ts";
import { rookhopeCloud } from "./rookhope.ts";
import { allScopes } from "./scopes.ts";
import {
  meridianMids,
  meridianUnits,
  northpineFurtherUnits,
  northpineMids,
  unit,
} from "./seed-business-units.ts";
import type { Package, Tenant, User } from "./world.ts";

/** The scopes a package for the studio is given, as one would tick them in Setup. */
const studioScopes = allScopes.filter((scope) =>
  /^(offline|accounts_read|users_read|(data_extensions|automations|journeys|email|audiences|list_and_subscribers|saved_content|documents_and_images)_|tracking_events_read)/.test(
    scope,
  ),
);
const readOnly = allScopes.filter((scope) => /_(read|view)$/.test(scope));
const password = "Harbour-lantern-42";
const studioCallback = "https://studio.meshmesh.example/auth/sfmc-callback";

type UserGiven = Pick<User, "username" | "name" | "email" | "employeeId" | "mids"> & Partial<User>;
const user = (given: UserGiven): User => ({
  password,
  defaultMid: given.mids[0] ?? 0,
  licences: "all",
  permissions: allScopes,
  isActive: true,
  ...given,
});

type PackageGiven = Pick<Package, "name" | "clientId" | "homeMid"> & Partial<Package>;
const made = (given: PackageGiven): Package => ({
  id: `7e5d1c2a-0000-4000-8000-${given.clientId.slice(0, 12).replaceAll(/[^a-f0-9]/g, "0")}`,
  type: "public-app",
  clientSecret: null,
  scopes: studioScopes,
  redirectUris: [studioCallback],
  isEnabled: true,
  mids: [given.homeMid],
  allowsLoopbackRedirects: false,
  ...given,
});

function halden(): Tenant {
  const mids = [514012345, 514012388, 514012391, 514013006];
  return {
    subdomain: "mcb4x7t2k9qh1rn8v3z6w0pd5cys",
    company: "Halden Outdoor",
    stackKey: "S50",
    region: "EU1",
    industry: "retail",
    login: "password",
    businessUnits: [
      unit(514012345, "Halden Group", "Europe/Berlin", "en_GB"),
      unit(514012388, "Halden Nordics", "Europe/Oslo", "nb_NO"),
      unit(514012391, "Halden DACH", "Europe/Zurich", "de_CH"),
      unit(514013006, "Halden Outlet", "America/Chicago"),
    ],
    users: [
      user({
        username: "d.kowalczyk@halden",
        name: "Dana Kowalczyk",
        email: "dana@halden.example",
        employeeId: 71450021,
        mids,
      }),
      user({
        username: "j.makela@halden",
        name: "Jonas Mäkelä",
        email: "jonas@halden.example",
        employeeId: 71450034,
        mids: [514012388, 514012391],
        permissions: readOnly,
      }),
      user({
        username: "r.ortega@halden",
        name: "Rosa Ortega",
        email: "rosa@halden.example",
        employeeId: 71450047,
        mids: [514013006],
        licences: [],
      }),
    ],
    packages: [
      made({
        name: "MeshMesh Studio",
        clientId: "k3v9s1d7q2x5w8r4t6b0yzt4",
        homeMid: 514012345,
        redirectUris: [studioCallback, "https://auth.meshmesh.example/sfmc-callback"],
      }),
      made({
        name: "Halden campaign portal",
        type: "web-app",
        clientId: "h4ld3nweb0pp5x2c8v1k7m9q",
        clientSecret: "Wq8ZrT2mX5cV9bN1kL4pS7dF",
        homeMid: 514012345,
        redirectUris: ["https://portal.halden.example/callback", "https://127.0.0.1:80/"],
        scopes: ["data_extensions_read", "email_read", "offline"],
      }),
      made({
        name: "Halden nightly sync",
        type: "server-to-server",
        clientId: "h4ld3ns2s7k2m9x4c6v8b1n3",
        clientSecret: "Hd4sY7uJ2kM9nB5vC8xZ1aQ6",
        homeMid: 514012345,
        redirectUris: [],
        scopes: studioScopes.filter((scope) => scope !== "offline"),
        mids: [514012345, 514012388, 514012391],
      }),
    ],
  };
}

function kestrel(): Tenant {
  const mids = [536004210, 536004233, 536004241, 536004777];
  return {
    subdomain: "mc9w2r6v5s8jd0zl4t7k1xq3hb6n",
    company: "Kestrel Freight",
    stackKey: "S7",
    region: "NA1",
    industry: "freight",
    login: "password",
    businessUnits: [
      unit(536004210, "Kestrel Freight", "America/Denver"),
      unit(536004233, "Kestrel Canada", "America/Toronto", "en_CA"),
      unit(536004241, "Kestrel Drivers", "America/Denver"),
      unit(536004777, "Kestrel Test", "America/Denver"),
    ],
    users: [
      user({
        username: "dkowalczyk@kestrel",
        name: "Dana Kowalczyk",
        email: "dana@kestrel.example",
        employeeId: 60311208,
        mids,
      }),
      user({
        username: "bfenn@kestrel",
        name: "Bram Fenn",
        email: "bram@kestrel.example",
        employeeId: 60311219,
        mids: [536004777],
      }),
    ],
    packages: [
      made({
        name: "MeshMesh Studio",
        clientId: "k3str3lpublic4x7c2v9m1q8",
        homeMid: 536004210,
      }),
      made({
        name: "Kestrel dispatch feed",
        type: "server-to-server",
        clientId: "k3str3ls2s8w2e5r7t9y1u3i",
        clientSecret: "Kf3gH6jK9lP2oI5uY8tR1eW4",
        homeMid: 536004210,
        redirectUris: [],
        scopes: ["accounts_read", "data_extensions_read", "data_extensions_write"],
        mids,
      }),
    ],
  };
}

function northpine(redirectUris: readonly string[]): Tenant {
  const { mids, users } = demoMarketingCloud;
  return {
    subdomain: demoMarketingCloud.subdomain,
    company: demoMarketingCloud.company,
    stackKey: "S10",
    region: "NA1",
    industry: "retail",
    login: "choose",
    businessUnits: [
      unit(mids.parent, "Northpine Outfitters", "America/Chicago"),
      unit(mids.stores, "Northpine Stores", "America/Chicago"),
      unit(mids.loyalty, "Northpine Loyalty", "America/New_York"),
      unit(mids.wholesale, "Northpine Wholesale", "America/Los_Angeles"),
      ...northpineFurtherUnits,
    ],
    users: [
      user({
        username: users.maya,
        name: "Maya Lindqvist",
        email: users.maya,
        employeeId: 10000101,
        mids: [
          ...Object.values(mids),
          northpineMids.canada,
          northpineMids.storesWest,
          northpineMids.japan,
        ],
      }),
      user({
        username: users.lena,
        name: "Lena Aaltonen",
        email: users.lena,
        employeeId: 10000104,
        mids: [mids.parent, mids.stores, northpineMids.canada],
      }),
      user({
        username: users.jonas,
        name: "Jonas Beck",
        email: users.jonas,
        employeeId: 10000102,
        mids: [mids.stores, mids.loyalty],
        permissions: readOnly,
      }),
      user({
        username: users.priya,
        name: "Priya Raman",
        email: users.priya,
        employeeId: 10000103,
        mids: [mids.wholesale],
        licences: [],
      }),
    ],
    packages: [
      made({
        name: "MeshMesh Studio demo",
        clientId: demoMarketingCloud.clientId,
        homeMid: mids.parent,
        redirectUris,
        allowsLoopbackRedirects: true,
      }),
    ],
  };
}

/** A franchise with more business units than one page of SOAP holds. */
function meridian(): Tenant {
  const { parent, first, closed } = meridianMids;
  return {
    subdomain: "mcm3r1d1anfr4nch1se8k2w5x7qz",
    company: "Meridian Franchise Group",
    stackKey: "S50",
    region: "EU1",
    industry: "retail",
    login: "password",
    businessUnits: meridianUnits(),
    users: [
      user({
        username: "t.okeke@meridian",
        name: "Tobe Okeke",
        email: "tobe@meridian.example",
        employeeId: 80550001,
        mids: [parent, first, first + 1, closed],
      }),
      user({
        username: "h.sato@meridian",
        name: "Hana Sato",
        email: "hana@meridian.example",
        employeeId: 80550002,
        mids: [parent],
        permissions: allScopes.filter((scope) => scope !== "accounts_read"),
      }),
    ],
    packages: [
      made({
        name: "MeshMesh Studio",
        clientId: "m3r1d1anpub1ic5x2c9v7k4q",
        homeMid: parent,
      }),
    ],
  };
}

/** Each thing that can stand in the way stands in somebody's way. */
function rookhope(redirectUris: readonly string[]): Tenant {
  const { subdomain, mids, users, packages } = rookhopeCloud;
  const all = Object.values(mids);
  const person = (username: string, name: string, employeeId: number, more: Partial<User> = {}) =>
    user({
      username,
      name,
      email: `${username.split("@")[0]}@rookhope.example`,
      employeeId,
      mids: all,
      ...more,
    });
  const own = { homeMid: mids.parent, redirectUris, allowsLoopbackRedirects: true };
  return {
    subdomain,
    company: "Rookhope Rail",
    stackKey: "S50",
    region: "EU1",
    industry: "freight",
    login: "password",
    businessUnits: [
      unit(mids.parent, "Rookhope Rail", "Europe/London", "en_GB"),
      unit(mids.freight, "Rookhope Freight", "Europe/London", "en_GB"),
    ],
    users: [
      person(users.admin, "Ada Fenwick", 90660001),
      person(users.freight, "Fred Alder", 90660002, { mids: [mids.freight] }),
      person(users.noContent, "Gwen Byrne", 90660003, {
        permissions: allScopes.filter((scope) => !scope.startsWith("documents_and_images_")),
      }),
      person(users.unlicensed, "Hal Corbet", 90660004, { licences: [] }),
    ],
    packages: [
      made({ ...own, name: "MeshMesh Studio", clientId: packages.sound }),
      made({
        ...own,
        name: "Rookhope member portal",
        type: "web-app",
        clientId: packages.webApp,
        clientSecret: "Rk1nG7bV3xQ9mZ5tL2pW8sYd",
      }),
      made({
        ...own,
        name: "Rookhope nightly load",
        type: "server-to-server",
        clientId: packages.serverToServer,
        clientSecret: "Rk8hB4cN6jT2vD9fM1qX5wEa",
      }),
    ],
  };
}

/**
 * The five fictional companies, with their packages checked as Setup would.
 *
 * @param demoRedirectUris - the studio's callbacks, registered with the demo's and Rookhope's packages
 */
export function companies(demoRedirectUris = defaultDemoRedirectUris): Tenant[] {
  const tenants = [
    northpine(demoRedirectUris),
    halden(),
    kestrel(),
    meridian(),
    rookhope(demoRedirectUris),
  ];
  for (const tenant of tenants) for (const one of tenant.packages) checkPackage(tenant, one);
  return tenants;
}
