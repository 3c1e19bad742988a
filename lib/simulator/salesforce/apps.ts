import { createHash } from "node:crypto";
import type { App } from "#lib/simulator/salesforce/world.ts";

/** What a callback may be: https, a custom scheme, or http on localhost. Other http is refused. */
function isAcceptableCallback(callback: string): boolean {
  if (!URL.canParse(callback)) return false;
  const { protocol, hostname } = new URL(callback);
  return protocol !== "http:" || hostname === "localhost";
}

type Given = Pick<App, "clientId" | "name" | "kind" | "orgs" | "callbacks"> & Partial<App>;

/**
 * An app with the switches that newer orgs have from the start: public, PKCE required, rotation on.
 *
 * @throws {Error} a callback that Salesforce's set-up would refuse
 */
export function makeApp(given: Given): App {
  const refused = given.callbacks.find((callback) => !isAcceptableCallback(callback));
  if (refused) throw new Error(`Salesforce refuses the callback ${refused}`);
  return {
    secret: createHash("sha256").update(`secret of ${given.clientId}`).digest("hex").toUpperCase(),
    requiresSecretForWeb: false,
    requiresSecretForRefresh: false,
    pkce: "required",
    rotation: "strict",
    refreshPolicy: { kind: "infinite" },
    permittedUsers: "all",
    approvedProfiles: [],
    approvedPermissionSets: [],
    approvedUsers: [],
    scopes: ["api", "refresh_token", "id", "openid", "profile", "email"],
    availableFromMs: 0,
    flows: {
      code: true,
      device: false,
      clientCredentials: false,
      jwtBearer: false,
      introspectAll: false,
    },
    runAs: {},
    certificatePem: null,
    sessionTimeoutSeconds: null,
    issuesJwtTokens: false,
    ...given,
  };
}

/** The Salesforce CLI's own app: no secret, loopback callback, everywhere. */
export const platformCli = (): App =>
  makeApp({
    clientId: "PlatformCLI",
    name: "Salesforce CLI",
    kind: "built-in",
    orgs: [],
    callbacks: ["http://localhost:1717/OauthRedirect"],
    scopes: ["api", "web", "refresh_token"],
    pkce: "optional",
    rotation: "off",
  });
