/** The companies of the simulator: what exists at the vendor before anybody signs in. */
export type BusinessUnit = {
  mid: number;
  name: string;
  timeZone: string;
  locale: string;
  email: string;
  /** The unit it hangs under; absent: the tenant's parent. */
  parentMid?: number;
  /** Switched off units are listed and nobody may enter them. */
  isActive?: boolean;
};

export type User = {
  /** As typed at sign-in; not case-sensitive. */
  username: string;
  password: string;
  name: string;
  email: string;
  employeeId: number;
  defaultMid: number;
  mids: readonly number[];
  /** Packages (client ids) this person is licensed for on the Access tab, or all of them. */
  licences: "all" | readonly string[];
  /** The person's own rights, as scope strings: what a token may do is both this and its scopes. */
  permissions: readonly string[];
  isActive: boolean;
};

export type IntegrationType = "public-app" | "web-app" | "server-to-server";

export type Package = {
  id: string;
  name: string;
  type: IntegrationType;
  clientId: string;
  clientSecret: string | null;
  scopes: readonly string[];
  redirectUris: readonly string[];
  isEnabled: boolean;
  /** Where a token goes that asks for no business unit: where the integration was made. */
  homeMid: number;
  /** Business units enabled on the Access tab (server-to-server). */
  mids: readonly number[];
  /** Loopback callbacks, which the vendor never takes: for the packages of the demo and of Rookhope Rail alone. */
  allowsLoopbackRedirects: boolean;
};

export type Tenant = {
  /** 28 characters, the first label of the three host names. */
  subdomain: string;
  company: string;
  stackKey: string;
  region: "NA1" | "EU1";
  industry: "retail" | "freight";
  /** The first one is the parent: its MID is the enterprise id. */
  businessUnits: readonly BusinessUnit[];
  users: readonly User[];
  packages: readonly Package[];
  /** `choose` lists the users with a button each, `password` asks for both. */
  login: "choose" | "password";
};

export const enterpriseId = (tenant: Tenant): number => parentOf(tenant).mid;

export function parentOf(tenant: Tenant): BusinessUnit {
  const parent = tenant.businessUnits[0];
  if (!parent) throw new Error(`tenant ${tenant.subdomain} has no business unit`);
  return parent;
}

export function findBusinessUnit(tenant: Tenant, mid: number): BusinessUnit | undefined {
  return tenant.businessUnits.find((unit) => unit.mid === mid);
}

export function findUser(tenant: Tenant, username: string): User | undefined {
  const wanted = username.trim().toLowerCase();
  return tenant.users.find((user) => user.username.toLowerCase() === wanted);
}

export type Role = "auth" | "rest" | "soap";
const domain = "marketingcloudapis.com";
export const hostOf = (subdomain: string, role: Role): string => `${subdomain}.${role}.${domain}`;

/** Takes a true host name apart; undefined when it is not one of the vendor's. */
export function parseHost(host: string): { subdomain: string; role: Role } | undefined {
  const match = /^(mc[a-z0-9-]{3,61})\.(auth|rest|soap)\.marketingcloudapis\.com$/.exec(
    host.toLowerCase(),
  );
  return match?.[1] ? { subdomain: match[1], role: match[2] as Role } : undefined;
}
