import { createHash } from "node:crypto";
import { decode, encode } from "next-auth/jwt";
import { z } from "zod";
import {
  type CookieDeps,
  cookieSecret,
  NONCE_COOKIE,
  PKCE_COOKIE,
  parseCookies,
  STATE_COOKIE,
} from "#lib/auth/session-cookie.ts";
import { PENDING_IDENTITY_MS } from "#lib/auth/sign-in-with-identity.ts";
import { Secret } from "#lib/core/secret.ts";

/** From leaving for an identity provider to coming back. */
export const WAY_RUN_SECONDS = 600;

const RUN_COOKIE = "__Host-studio-way";
const PENDING_COOKIE = "__Host-studio-link";
const attributes = "Path=/; HttpOnly; Secure; SameSite=Lax";

const runSchema = z.object({
  way: z.enum(["oidc", "salesforce"]),
  intent: z.enum(["sign-in", "link"]),
  /** Checked again where it is used. */
  returnTo: z.string(),
  /** Base64 of the hash of the run's `state`. */
  stateHash: z.string().length(44),
  /** `link`: the session that asked for it. */
  sessionId: z.uuid().nullable(),
});
/** One run of a sign-in at an identity provider: it ends in the browser that began it (OA-3). */
export type WayRun = z.infer<typeof runSchema>;

export const stateHashOf = (state: string): string =>
  createHash("sha256").update(`way:${state}`).digest("base64");

/** The `Set-Cookie` that notes a run, encrypted, in the browser that begins it. */
export async function runSetCookie(deps: CookieDeps, run: WayRun): Promise<string> {
  const value = await encode({
    token: { ...run },
    secret: cookieSecret(deps),
    maxAge: WAY_RUN_SECONDS,
    salt: RUN_COOKIE,
  });
  return `${RUN_COOKIE}=${value}; Max-Age=${WAY_RUN_SECONDS}; ${attributes}`;
}

/** The run that this browser began; `null` for none, an altered one or one whose time is over. */
export async function readRun(deps: CookieDeps, headers: Headers): Promise<WayRun | null> {
  const token = parseCookies(headers.get("cookie"))[RUN_COOKIE];
  if (!token) return null;
  try {
    const opened = await decode({ token, secret: cookieSecret(deps), salt: RUN_COOKIE });
    return runSchema.safeParse(opened).data ?? null;
  } catch {
    return null;
  }
}

/** The `Set-Cookie`s that end a run, whatever came of it. */
export const clearedRunCookies: readonly string[] = [
  RUN_COOKIE,
  STATE_COOKIE,
  NONCE_COOKIE,
  PKCE_COOKIE,
].map((name) => `${name}=; Max-Age=0; ${attributes}`);

/** The `Set-Cookie` that keeps a waiting identity's token in this browser. */
export const pendingSetCookie = (token: Secret): string =>
  `${PENDING_COOKIE}=${token.reveal()}; Max-Age=${PENDING_IDENTITY_MS / 1_000}; ${attributes}`;

export const clearedPendingCookie = `${PENDING_COOKIE}=; Max-Age=0; ${attributes}`;

/** The token of the identity that waits in this browser. */
export function pendingTokenIn(headers: Headers): Secret | null {
  const token = parseCookies(headers.get("cookie"))[PENDING_COOKIE];
  return token && /^[\w-]{43}$/.test(token) ? new Secret(token) : null;
}
