import "server-only";
import NextAuth, { type NextAuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { ThrottledError } from "#lib/auth/errors.ts";
import type { Client } from "#lib/auth/open-session.ts";
import { signInSchema } from "#lib/auth/schema.ts";
import {
  CALLBACK_COOKIE,
  type CookieDeps,
  CSRF_COOKIE,
  cookieOptions,
  cookieSecret,
  parseCookies,
  readSessionToken,
  SESSION_COOKIE,
  SESSION_COOKIE_SECONDS,
} from "#lib/auth/session-cookie.ts";
import { endSession, findLiveSession, findSessionHolder } from "#lib/auth/sessions.ts";
import { signIn } from "#lib/auth/sign-in.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Logger } from "#lib/core/log.ts";
import { Secret } from "#lib/core/secret.ts";
import type { Database } from "#lib/db/client.ts";

export type AuthDeps = CookieDeps & {
  db: Database;
  clock: Clock;
  random: Random;
  log: Logger;
  /** The public origin. */
  studioUrl: string;
};

const actions = {
  GET: new Set(["csrf", "providers", "session"]),
  POST: new Set(["callback/credentials", "signout"]),
};
const ownPages = new Set(["signin", "signout", "error", "verify-request"]);

/**
 * Answers `/api/auth/{segments}` by next-auth, with only those of its actions that we use. The caller
 * has checked the `Origin` of a change and read its body within limits.
 *
 * @param body - a change's form, one text for each name
 * @returns `null` for an action that does not exist here
 * @throws {AuthMisconfiguredError} there is no proper session key
 */
export async function answerAuthRequest(
  deps: AuthDeps,
  request: { method: string; headers: Headers; segments: readonly string[] },
  body: Readonly<Record<string, string>>,
  client: Client,
): Promise<Response | null> {
  const action = request.segments.join("/");
  const method = request.method === "POST" ? "POST" : "GET";
  if (method === "GET" && ownPages.has(request.segments[0] ?? "")) {
    return new Response(null, { status: 303, headers: { location: `${deps.studioUrl}/sign-in` } });
  }
  if (!actions[method].has(action)) return null;

  const replaces = await readSessionToken(deps, request.headers);
  // Before next-auth, which would swallow a failure and say "signed out" over a living session.
  if (action === "signout" && replaces) {
    const held = await findSessionHolder(deps, replaces);
    if (held) await endSession(deps, held, held.sessionId, "signed_out");
  }
  trustConfiguredOriginOnly(deps.studioUrl);
  return callNextAuth(optionsFor(deps, replaces, client), {
    method,
    query: { nextauth: [...request.segments] },
    body,
    cookies: usableCookies(request.headers),
    headers: Object.fromEntries(request.headers),
  });
}

function optionsFor(deps: AuthDeps, replaces: Secret | null, client: Client): NextAuthOptions {
  return {
    secret: cookieSecret(deps),
    session: { strategy: "jwt", maxAge: SESSION_COOKIE_SECONDS },
    useSecureCookies: true,
    cookies: {
      sessionToken: { name: SESSION_COOKIE, options: cookieOptions },
      csrfToken: { name: CSRF_COOKIE, options: cookieOptions },
      callbackUrl: { name: CALLBACK_COOKIE, options: cookieOptions },
    },
    pages: { signIn: "/sign-in", signOut: "/sign-in", error: "/sign-in" },
    providers: [
      CredentialsProvider({
        credentials: { email: {}, password: {} },
        authorize: (given) => authorize(deps, given, replaces, client),
      }),
    ],
    callbacks: {
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
        // A made-up cookie is a stranger's doing, and strangers could fill the log with it.
        if (code === "JWT_SESSION_ERROR") return deps.log.debug("next-auth", { code });
        const error = detail instanceof Error ? detail : undefined;
        deps.log.error("next-auth", { code, error });
      },
      warn: (code) => deps.log.debug("next-auth", { code }),
      debug: () => {},
    },
  };
}

// What is thrown here reaches the browser as text, so only our own short codes are.
async function authorize(
  deps: AuthDeps,
  given: unknown,
  replaces: Secret | null,
  client: Client,
): Promise<{ id: string; sid: string } | null> {
  const parsed = signInSchema.safeParse(given);
  if (!parsed.success) return null;
  try {
    const { email, password } = parsed.data;
    const made = await signIn(deps, { email, password: new Secret(password), replaces }, client);
    return made && { id: made.userId, sid: made.token.reveal() };
  } catch (error) {
    if (error instanceof ThrottledError) {
      throw new Error(`${error.code}:${error.remedy.afterSeconds}`);
    }
    deps.log.error("sign-in failed", { requestId: client.requestId, error });
    throw new Error("server_error");
  }
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
  for (const name of [SESSION_COOKIE, CSRF_COOKIE]) {
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
  query: Record<string, string[]>;
  body: Readonly<Record<string, string>>;
  cookies: Record<string, string>;
  headers: Record<string, string>;
};

// next-auth's handler of the older kind, since that of the newer works inside of Next only.
async function callNextAuth(options: NextAuthOptions, request: PagesRequest): Promise<Response> {
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
  const handle = NextAuth as unknown as (
    request: PagesRequest,
    response: unknown,
    options: NextAuthOptions,
  ) => Promise<unknown>;
  await handle(request, response, options);
  headers.set("cache-control", "no-store");
  return new Response(body, { status, headers });
}
