import { type CookieDeps, readSessionToken } from "#lib/auth/session-cookie.ts";
import {
  findHalfSession,
  findLiveSession,
  type HalfSession,
  type LiveSession,
  type SessionDeps,
} from "#lib/auth/sessions.ts";
import type { Principal } from "#lib/core/principal.ts";

export type FindSessionDeps = SessionDeps & CookieDeps;

/**
 * Who asks, by the cookie and the session's row; `null` for everybody else.
 * Other ways to prove oneself, `Authorization` above all, are not looked at (BRK-12).
 *
 * @throws {AuthMisconfiguredError} there is no proper session key
 */
export async function findSession(
  deps: FindSessionDeps,
  headers: Headers,
): Promise<LiveSession | null> {
  const token = await readSessionToken(deps, headers);
  return token && findLiveSession(deps, token);
}

/** The principal alone; see `findSession`. */
export async function findPrincipal(
  deps: FindSessionDeps,
  headers: Headers,
): Promise<Principal | null> {
  return (await findSession(deps, headers))?.principal ?? null;
}

/** Who stands at the second step of signing in; `null` for strangers and for whoever is past it. */
export async function findHalf(
  deps: FindSessionDeps,
  headers: Headers,
): Promise<HalfSession | null> {
  const token = await readSessionToken(deps, headers);
  return token && findHalfSession(deps, token);
}
