import { installUrl, loginHostFor } from "#lib/providers/salesforce/hosts.ts";
import type { Environment } from "#lib/providers/vocabulary.ts";

/** Host that the demo plays; the same that the demo's own connection names. */
const demoLoginHost = "login.salesforce.com";

export type Login = { ok: true; host: string } | { ok: false; message: string };

/** Where a choice of the form signs in, decided by the one function that the server asks too. */
export function loginFor(environment: Environment, customDomain: string): Login {
  if (environment === "custom" && customDomain.trim() === "") {
    return { ok: false, message: "Enter the org's My Domain." };
  }
  return loginHostFor({ environment, customDomain, demoLoginHost });
}

/** The install page on that host; null where there is none to open. */
export function installLinkFor(
  environment: Environment,
  login: Login,
  packageId: string,
): string | null {
  if (!login.ok || environment === "demo") return null;
  try {
    return installUrl(login.host, packageId);
  } catch {
    // The operator's package id is no package version's: the guide goes without the link.
    return null;
  }
}
