import type { Env } from "#lib/core/env.ts";
import type { ProviderName, Surface } from "#lib/providers/vocabulary.ts";

const webPaths: Readonly<Record<ProviderName, string>> = {
  salesforce: "/auth/salesforce-callback",
  "marketing-cloud": "/auth/sfmc-callback",
};

/**
 * The exact text to register in the app, byte for byte what we send; from the settings, never from a
 * request (OA-6).
 */
export function redirectUri(
  settings: Pick<Env, "studioUrl" | "desktopAuthUrl">,
  provider: ProviderName,
  surface: Surface,
): string {
  if (surface === "web") return `${settings.studioUrl}${webPaths[provider]}`;
  return provider === "salesforce"
    ? "http://localhost:1717/OauthRedirect"
    : `${settings.desktopAuthUrl}/sfmc-callback`;
}

export function redirectUris(
  settings: Pick<Env, "studioUrl" | "desktopAuthUrl">,
  provider: ProviderName,
): { web: string; desktop: string } {
  return {
    web: redirectUri(settings, provider, "web"),
    desktop: redirectUri(settings, provider, "desktop"),
  };
}
