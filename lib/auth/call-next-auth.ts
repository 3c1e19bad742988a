import "server-only";
import NextAuth, { type NextAuthOptions } from "next-auth";
import type { WayDeps } from "#lib/auth/complete-way.ts";
import {
  CALLBACK_COOKIE,
  type CookieDeps,
  CSRF_COOKIE,
  cookieOptions,
  cookieSecret,
  NONCE_COOKIE,
  PKCE_COOKIE,
  parseCookies,
  SESSION_COOKIE,
  SESSION_COOKIE_SECONDS,
  STATE_COOKIE,
} from "#lib/auth/session-cookie.ts";
import { findLiveSession } from "#lib/auth/sessions.ts";
import { WAY_RUN_SECONDS } from "#lib/auth/way-cookies.ts";
import { Secret } from "#lib/core/secret.ts";

export type AuthDeps = CookieDeps &
  WayDeps & {
    /** The public origin. */
    studioUrl: string;
  };

export type AuthRequest = {
  method: string;
  headers: Headers;
  segments: readonly string[];
  /** Of a callback; empty otherwise. */
  query: URLSearchParams;
};

const runCookieOptions = { ...cookieOptions, maxAge: WAY_RUN_SECONDS };

/**
 * next-auth with one way to sign in, and with our cookies, pages and sessions.
 *
 * @param decide - for identity providers: gives the user a session's token as `sid`, or says no
 * @throws {AuthMisconfiguredError} there is no proper session key
 */
export function optionsFor(
  deps: AuthDeps,
  provider: NextAuthOptions["providers"][number],
  decide: (user: { sid?: string }) => Promise<boolean> = async () => true,
): NextAuthOptions {
  return {
    secret: cookieSecret(deps),
    session: { strategy: "jwt", maxAge: SESSION_COOKIE_SECONDS },
    useSecureCookies: true,
    cookies: {
      sessionToken: { name: SESSION_COOKIE, options: cookieOptions },
      csrfToken: { name: CSRF_COOKIE, options: cookieOptions },
      callbackUrl: { name: CALLBACK_COOKIE, options: cookieOptions },
      state: { name: STATE_COOKIE, options: runCookieOptions },
      nonce: { name: NONCE_COOKIE, options: runCookieOptions },
      pkceCodeVerifier: { name: PKCE_COOKIE, options: runCookieOptions },
    },
    pages: { signIn: "/sign-in", signOut: "/sign-in", error: "/sign-in" },
    providers: [provider],
    callbacks: {
      signIn: ({ user, account }) =>
        account?.type === "oauth" ? decide(user as { sid?: string }) : true,
      // Nothing but the token: names, roles and validity are the database's to say.
      jwt: ({ token, user }) => {
        const sid = (user as { sid?: unknown } | undefined)?.sid ?? token.sid;
        return typeof sid === "string" ? { sid } : {};
      },
      session: async ({ session, token }) => {
        const live =
          typeof token.sid === "string" ? await findLiveSession(deps, new Secret(token.sid)) : null;
        const visible = live ? { user: live.user, expires: session.expires } : {};
        return visible as typeof session;
      },
      redirect: ({ url, baseUrl }) => (isWithin(url, baseUrl) ? url : baseUrl),
    },
    logger: {
      error: (code, detail) => {
        // A made-up cookie or callback is a stranger's doing, and strangers could fill the log with it.
        const isStrangers = code === "JWT_SESSION_ERROR" || code.startsWith("OAUTH_");
        if (isStrangers) return deps.log.debug("next-auth", { code });
        const error = detail instanceof Error ? detail : undefined;
        deps.log.error("next-auth", { code, error });
      },
      warn: (code) => deps.log.debug("next-auth", { code }),
      debug: () => {},
    },
  };
}

function isWithin(url: string, origin: string): boolean {
  return URL.canParse(url, origin) && new URL(url, origin).origin === origin && !/[\\\s]/.test(url);
}

// next-auth reads these from the environment only; a forwarded host must never name our origin.
function trustConfiguredOriginOnly(studioUrl: string): void {
  const env = process.env;
  env.NEXTAUTH_URL = studioUrl;
  delete env.AUTH_TRUST_HOST;
}

// The callback cookie stays out: it would steer redirects, and one that is no address gets a 500.
function usableCookies(headers: Headers): Record<string, string> {
  const usable: Record<string, string> = {};
  const cookies = parseCookies(headers.get("cookie"));
  for (const name of [SESSION_COOKIE, CSRF_COOKIE, STATE_COOKIE, NONCE_COOKIE, PKCE_COOKIE]) {
    try {
      usable[name] = decodeURIComponent(cookies[name] ?? "");
    } catch {
      // Not a cookie of ours.
    }
  }
  return usable;
}

type PagesRequest = {
  method: string;
  query: Record<string, string | string[]>;
  body: Readonly<Record<string, string>>;
  cookies: Record<string, string>;
  headers: Record<string, string>;
};

/** One call of next-auth; our own origin is told to it each time, never read from the request. */
export async function callNextAuth(
  options: NextAuthOptions,
  deps: { studioUrl: string },
  request: Pick<PagesRequest, "method" | "query" | "body"> & { headers: Headers },
): Promise<Response> {
  trustConfiguredOriginOnly(deps.studioUrl);
  const headers = new Headers();
  let status = 200;
  let body: string | null = null;
  const response = {
    status: (code: number) => {
      status = code;
      return response;
    },
    getHeader: (name: string) =>
      name.toLowerCase() === "set-cookie" ? headers.getSetCookie() : headers.get(name),
    setHeader: (name: string, value: string | readonly string[]) => {
      headers.delete(name);
      for (const one of [value].flat()) headers.append(name, one);
      return response;
    },
    json: (value: unknown) => {
      headers.set("content-type", "application/json");
      body = JSON.stringify(value);
      return response;
    },
    send: (value: unknown) => {
      body = typeof value === "string" ? value : JSON.stringify(value ?? null);
      return response;
    },
    end: () => response,
  };
  // The handler of the older kind, since that of the newer works inside of Next only.
  const handle = NextAuth as unknown as (
    request: PagesRequest,
    response: unknown,
    options: NextAuthOptions,
  ) => Promise<unknown>;
  const asked = {
    ...request,
    cookies: usableCookies(request.headers),
    headers: Object.fromEntries(request.headers),
  };
  await handle(asked, response, options);
  headers.set("cache-control", "no-store");
  return new Response(body, { status, headers });
}
