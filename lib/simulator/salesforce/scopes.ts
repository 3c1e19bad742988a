import { OAuthRefusal } from "#lib/simulator/salesforce/errors.ts";
import type { App } from "#lib/simulator/salesforce/world.ts";

/** What an approval page says about a scope. Scopes without a sentence are shown by name. */
const meanings: Record<string, string> = {
  api: "Read and change your data through APIs",
  refresh_token: "Stay connected until you take the permission back",
  web: "Use the web pages as you",
  full: "Do everything that you may do",
  id: "Know who you are",
  openid: "Know your unique identifier",
  profile: "Read your profile",
  email: "Read your e-mail address",
};

/** Every scope name of the contract (section 5). */
export const knownScopes: ReadonlySet<string> = new Set(
  "api web full refresh_token offline_access openid id profile email address phone chatter_api visualforce lightning content custom_permissions wave_api eclair_api pardot_api cdp_query_api cdp_ingest_api cdp_profile_api sfap_api mcp_api interaction_api chatbot_api einstein_gpt_api scrt_api user_registration_api pwdless_login_api forgot_password".split(
    " ",
  ),
);

export const sentences = (scopes: readonly string[]): string[] =>
  scopes.map((scope) => meanings[scope] ?? `Use “${scope}”`);

const canonical = (scope: string) => (scope === "offline_access" ? "refresh_token" : scope);

/**
 * The scopes of a request: all the app's when it names none, else exactly those it names.
 *
 * @throws {OAuthRefusal} `invalid_scope`: unknown, or not on the app
 */
export function grantedScopes(app: App, asked: string | null): string[] {
  const names = [...new Set((asked ?? "").split(/\s+/).filter(Boolean).map(canonical))];
  if (names.length === 0) return [...new Set(app.scopes.map(canonical))];
  const offered = new Set(app.scopes.map(canonical));
  for (const name of names) {
    // `full` on the app covers everything but the refresh token.
    const covered = offered.has(name) || (offered.has("full") && name !== "refresh_token");
    if (!knownScopes.has(name) || !covered) throw new OAuthRefusal("invalidScope");
  }
  return names;
}

/** `full` holds every scope but `refresh_token`. */
export const holds = (scopes: readonly string[], scope: string): boolean =>
  scopes.includes(scope) || (scope !== "refresh_token" && scopes.includes("full"));
