import { decode, encode } from "next-auth/jwt";
import { AuthMisconfiguredError } from "#lib/auth/errors.ts";
import { SESSION_ABSOLUTE_MS } from "#lib/auth/sessions.ts";
import { Secret } from "#lib/core/secret.ts";

/** `__Host-`: set by this origin only, over a safe channel, for all paths (WEB-6). */
export const SESSION_COOKIE = "__Host-studio-session";
export const CSRF_COOKIE = "__Host-studio-csrf";
export const CALLBACK_COOKIE = "__Host-studio-callback";
/** Of a sign-in at an identity provider, until it comes back. */
export const STATE_COOKIE = "__Host-studio-state";
export const NONCE_COOKIE = "__Host-studio-nonce";
export const PKCE_COOKIE = "__Host-studio-pkce";

export const SESSION_COOKIE_SECONDS = SESSION_ABSOLUTE_MS / 1_000;
export const cookieOptions = { httpOnly: true, sameSite: "lax", path: "/", secure: true } as const;

export type CookieDeps = { derivedKeys: { readonly sessions: Secret } };

const MIN_KEY_BYTES = 32;

/**
 * What next-auth encrypts its cookies with.
 * @throws {AuthMisconfiguredError} there is no proper key: then nobody is signed in (WEB-4)
 */
export function cookieSecret(deps: CookieDeps): string {
  // Asked by its method: Next's copy of `Secret` does not know the one that server.ts made.
  const key: Partial<Secret> | undefined = deps.derivedKeys?.sessions;
  if (typeof key?.revealBytes !== "function") throw new AuthMisconfiguredError("no session key");
  const bytes = key.revealBytes();
  const isTrivial = bytes.byteLength < MIN_KEY_BYTES || bytes.every((byte) => byte === bytes[0]);
  if (isTrivial) throw new AuthMisconfiguredError("session key unfit");
  return bytes.toString("base64url");
}

/** The cookies of a request; a name sent twice is left out, since either could be meant. */
export function parseCookies(header: string | null): Record<string, string> {
  const found = new Map<string, string | null>();
  for (const part of (header ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at < 1) continue;
    const name = part.slice(0, at).trim();
    found.set(name, found.has(name) ? null : part.slice(at + 1).trim());
  }
  return Object.fromEntries(
    [...found].filter((pair): pair is [string, string] => pair[1] !== null),
  );
}

/** The session's token in a request's cookie; `null` for none, a foreign or an altered one. */
export async function readSessionToken(deps: CookieDeps, headers: Headers): Promise<Secret | null> {
  const secret = cookieSecret(deps);
  const token = parseCookies(headers.get("cookie"))[SESSION_COOKIE];
  if (!token) return null;
  try {
    const payload = await decode({ token: decodeURIComponent(token), secret });
    return typeof payload?.sid === "string" ? new Secret(payload.sid) : null;
  } catch {
    // Whatever is wrong with a cookie, its bearer is a stranger.
    return null;
  }
}

/** The `Set-Cookie` that carries a session's token, in the form in which next-auth sets it. */
export async function sessionSetCookie(deps: CookieDeps, token: Secret): Promise<string> {
  const value = await encode({
    token: { sid: token.reveal() },
    secret: cookieSecret(deps),
    maxAge: SESSION_COOKIE_SECONDS,
  });
  return `${SESSION_COOKIE}=${value}; Path=/; Max-Age=${SESSION_COOKIE_SECONDS}; HttpOnly; Secure; SameSite=Lax`;
}

/** Headers by which this browser goes on in another session; none where it stays in its own. */
export async function continueWith(
  deps: CookieDeps,
  token: Secret | null,
): Promise<Record<string, string>> {
  return token ? { "set-cookie": await sessionSetCookie(deps, token) } : {};
}
