import { InvalidInputError } from "#lib/core/errors.ts";
import {
  type HostProblem,
  hostProblemWords,
  isPlainHostName,
  parseHttpsAddress,
} from "#lib/egress/host-name.ts";

export type SalesforceEnvironment = "production" | "sandbox" | "custom" | "demo";

export type HostRefusalReason =
  | HostProblem
  | "generic_login"
  | "experience_site"
  | "legacy_host"
  | "marketing_cloud"
  | "not_salesforce"
  | "demo_off";

/** `message` is for the person who entered the address. */
export type HostRefusal = { ok: false; reason: HostRefusalReason; message: string };
export type HostChoice = { ok: true; host: string } | HostRefusal;

export type OrgKind =
  | "production"
  | "sandbox"
  | "developer"
  | "scratch"
  | "trailhead"
  | "demo"
  | "other";

const productionLogin = "login.salesforce.com";
const sandboxLogin = "test.salesforce.com";

const myDomainSuffixes = [
  ".my.salesforce.com",
  ".my.salesforce.mil",
  ".my.sfcrmproducts.cn",
  ".my-salesforce.com",
] as const;

/** Hosts that people see in their browser, and the suffix of the same org's My Domain host. */
const pageSuffixes = [
  [".lightning.force.com", ".my.salesforce.com"],
  [".my.salesforce-setup.com", ".my.salesforce.com"],
  [".lightning.crmforce.mil", ".my.salesforce.mil"],
] as const;
const visualforceSuffix = ".vf.force.com";

const kindByPartition: Readonly<Record<string, OrgKind>> = {
  sandbox: "sandbox",
  develop: "developer",
  scratch: "scratch",
  trailblaze: "trailhead",
  demo: "demo",
};

const words: Readonly<Record<Exclude<HostRefusalReason, HostProblem>, string>> = {
  generic_login:
    "login.salesforce.com and test.salesforce.com are the choices Production and Sandbox. Choose one of them, or enter your org's My Domain.",
  experience_site:
    "This is an Experience Cloud site. Enter the org's My Domain, like acme.my.salesforce.com.",
  legacy_host:
    "This is an old address. Find the current one in Setup under My Domain; it ends in .my.salesforce.com.",
  marketing_cloud: "This belongs to Marketing Cloud. Add it under Marketing Cloud Engagement.",
  not_salesforce:
    "This is not a Salesforce address. Enter your org's My Domain, like acme.my.salesforce.com.",
  demo_off: "The demo is switched off in this studio.",
};

const refuse = (reason: HostRefusalReason): HostRefusal => ({
  ok: false,
  reason,
  message: { ...hostProblemWords, ...words }[reason],
});

type MyDomain = { name: string; partition: string | null };

function partsOf(host: string): MyDomain | undefined {
  if (!isPlainHostName(host)) return undefined;
  const suffix = myDomainSuffixes.find((ending) => host.endsWith(ending));
  if (suffix === undefined) return undefined;
  const [name, partition = null, ...rest] = host.slice(0, -suffix.length).split(".");
  return name === undefined || rest.length > 0 ? undefined : { name, partition };
}

/** Exactly `login.salesforce.com` or `test.salesforce.com`. */
export function isLoginHost(host: string): boolean {
  return host === productionLogin || host === sandboxLogin;
}

/** One org's own host, in the form it is sent: `acme.my.salesforce.com` and its kin. */
function isMyDomainHost(host: string): boolean {
  return partsOf(host) !== undefined;
}

/** A host we may call as Salesforce (NET-2). */
export function isSalesforceHost(host: string): boolean {
  return isLoginHost(host) || isMyDomainHost(host);
}

/** `acme--uat--c.sandbox` → `acme--uat.sandbox`: Visualforce puts the package's name behind the org's. */
function withoutPackage(org: string): string | undefined {
  const [name = "", ...partition] = org.split(".");
  const pieces = name.split("--");
  const wanted = partition[0] === "sandbox" ? 3 : 2;
  if (pieces.length !== wanted || partition.length > 1) return undefined;
  return [pieces.slice(0, -1).join("--"), ...partition].join(".");
}

function myDomainOfPage(host: string): string | undefined {
  for (const [suffix, target] of pageSuffixes) {
    if (host.endsWith(suffix)) return host.slice(0, -suffix.length) + target;
  }
  if (!host.endsWith(visualforceSuffix)) return undefined;
  const org = withoutPackage(host.slice(0, -visualforceSuffix.length));
  return org === undefined ? undefined : `${org}.my.salesforce.com`;
}

/**
 * The My Domain host of what a person entered: a host name, or the address from their browser, whose
 * path is left out. Lightning, Setup and Visualforce addresses become the My Domain of the same org;
 * all else is refused with a reason (NET-2).
 */
export function parseMyDomain(input: string): HostChoice {
  const address = parseHttpsAddress(input);
  if (!address.ok) return refuse(address.reason);
  const { host } = address;
  if (isLoginHost(host)) return refuse("generic_login");
  const myDomain = myDomainOfPage(host) ?? host;
  if (isMyDomainHost(myDomain)) return { ok: true, host: myDomain };
  return refuse(reasonAgainst(host));
}

function reasonAgainst(host: string): HostRefusalReason {
  const isUnder = (domain: string) => host === domain || host.endsWith(`.${domain}`);
  if (isUnder("my.site.com") || isUnder("site.com") || isUnder("force.com")) {
    return isUnder("visual.force.com") || isUnder("content.force.com")
      ? "legacy_host"
      : isUnder("lightning.force.com") || isUnder("vf.force.com")
        ? "not_salesforce"
        : "experience_site";
  }
  if (isUnder("marketingcloudapis.com") || isUnder("exacttarget.com")) return "marketing_cloud";
  if (/^[a-z]{2,4}\d{1,4}\.salesforce\.com$/.test(host)) return "legacy_host";
  return "not_salesforce";
}

export type LoginChoice = {
  environment: SalesforceEnvironment;
  /** For `custom`: as entered. */
  customDomain?: string;
  /** For `demo`: the host under which the demo plays Salesforce; absent where it is off. */
  demoLoginHost?: string;
};

/** The host where a person signs in and tokens are asked for: the one place that decides it. */
export function loginHostFor(choice: LoginChoice): HostChoice {
  switch (choice.environment) {
    case "production":
      return { ok: true, host: productionLogin };
    case "sandbox":
      return { ok: true, host: sandboxLogin };
    case "custom":
      return parseMyDomain(choice.customDomain ?? "");
    case "demo": {
      if (choice.demoLoginHost === undefined) return refuse("demo_off");
      return isSalesforceHost(choice.demoLoginHost)
        ? { ok: true, host: choice.demoLoginHost }
        : refuse("not_salesforce");
    }
  }
}

/**
 * Whether a token answer may name this host as the org's instance (OA-8). At login. and test. the
 * person decides the org, so any My Domain is; a My Domain login has pinned its org.
 */
export function instanceHostAllowed(instanceHost: string, loginHost: string): boolean {
  if (!isMyDomainHost(instanceHost)) return false;
  return isLoginHost(loginHost) || loginHost === instanceHost;
}

/** `acme` for `acme--uat.sandbox.my.salesforce.com`: what groups a production org with its sandboxes. */
export function companyKeyOf(host: string): string | null {
  return partsOf(host)?.name.split("--")[0] ?? null;
}

/** `uat` for `acme--uat.sandbox.my.salesforce.com`; null for anything that is no named sandbox. */
export function sandboxNameOf(host: string): string | null {
  const parts = partsOf(host);
  if (parts === undefined || classify(host) !== "sandbox") return null;
  return parts.name.split("--").slice(1).join("--") || null;
}

/** What kind of org answers under a host; `other` where its name does not say. */
export function classify(host: string): OrgKind {
  if (host === productionLogin) return "production";
  if (host === sandboxLogin) return "sandbox";
  const parts = partsOf(host);
  if (parts === undefined) return "other";
  const { name, partition } = parts;
  // Sandboxes from before enhanced domains: acme--uat, alone or with the instance (cs12) behind it.
  const isOldSandbox = name.includes("--") && (partition === null || /^cs\d+$/.test(partition));
  if (isOldSandbox) return "sandbox";
  if (partition !== null) {
    return Object.hasOwn(kindByPartition, partition)
      ? (kindByPartition[partition] ?? "other")
      : "other";
  }
  return name.endsWith("-dev-ed") ? "developer" : "production";
}

/**
 * Where an admin installs a package.
 *
 * @throws {InvalidInputError} the host is not Salesforce's or the id is no package version's (`04t…`)
 */
export function installUrl(host: string, packageId: string): string {
  if (!isSalesforceHost(host) || !/^04t[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?$/.test(packageId)) {
    throw new InvalidInputError("There is no install link for this host and package.");
  }
  return `https://${host}/packaging/installPackage.apexp?p0=${packageId}`;
}
