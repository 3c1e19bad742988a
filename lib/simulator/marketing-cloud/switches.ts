import {
  defineFault,
  type Fault,
  type FaultScope,
  type Faults,
} from "#lib/simulator/kit/faults.ts";

/**
 * How the vendor behaves when nothing is switched. Each of these can be set for everybody, a user, an
 * app, a host or a path, once or until cleared, with `faults.set(marketingCloudFaults.rotation, "off")`
 * or by name in the control interface (`marketing-cloud.rotation`).
 */
const defaults = {
  /** Where vendor text and observation differ: which one to follow. */
  convention: "observed" as "observed" | "documented",
  /** strict: an old refresh token dies at once and its replay ends the whole family. */
  rotation: "strict" as "strict" | "lenient" | "off",
  /** A second refresh with the same token within a second of the first. */
  concurrentRefresh: "as-replay" as "as-replay" | "refuse-second" | "both-succeed",
  refreshRefusal: { status: 400, error: "invalid_grant" } as {
    status: 400 | 401;
    error: "invalid_grant" | "invalid_token" | "invalid_request";
  },
  /** Whether each refresh starts the 30 days anew. */
  refreshExpiry: "sliding" as "sliding" | "fixed",
  accountId: "honour" as "honour" | "refuse-401" | "refuse-403" | "ignore",
  pkce: "verify" as "verify" | "ignore" | "refuse-unknown",
  scopeNotOnPackage: "refuse" as "refuse" | "drop",
  /** `tssd` in the redirect, as packages published on AppExchange get it; a string lies about it. */
  tssd: false as boolean | string,
  instanceUrls: "with-slash" as "with-slash" | "without-slash" | "bare-host",
  /** What `expires_in` says; a token really lives 1200 seconds. */
  expiresInSeconds: 1079,
  /** Package edits reach authorize and token only after five minutes. */
  slowPropagation: false,
  /** The browser turns out to be signed in as this user, or in this business unit. */
  signedInAs: null as string | null,
  signedInMid: null as number | null,
  authorize: "normal" as "normal" | "unauthorized_client" | "user_not_licensed" | "invalid_scope",
  token: "normal" as
    | "normal"
    | "rate-limited"
    | "blocked"
    | "server-error"
    | "unknown-client"
    | "client-authentication-failed"
    | "refuse-refresh"
    | "refuse-code",
  userinfo: "normal" as "normal" | "unauthorized" | "rate-limited" | "server-error",
  rest: "normal" as
    | "normal"
    | "not-authorized"
    | "insufficient-privileges"
    | "rate-limited"
    | "blocked"
    | "server-error"
    | "unavailable",
  soap: "normal" as "normal" | "token-expired" | "login-failed" | "server-error",
};

type Switches = typeof defaults;
type SwitchName = keyof Switches;

const names = Object.keys(defaults) as SwitchName[];
const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export const marketingCloudFaults = Object.fromEntries(
  names.map((name) => [name, defineFault(`marketing-cloud.${kebab(name)}`)]),
) as { [Name in SwitchName]: Fault<Switches[Name]> };

export function readSwitch<Name extends SwitchName>(
  faults: Faults,
  name: Name,
  subject: FaultScope,
): Switches[Name] {
  return faults.take(marketingCloudFaults[name], subject) ?? defaults[name];
}
