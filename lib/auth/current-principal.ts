import "server-only";
import type { Route } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { findHalf, findSession } from "#lib/auth/find-session.ts";
import type { CurrentUser } from "#lib/auth/schema.ts";
import type { LiveSession } from "#lib/auth/sessions.ts";
import { hasOwner } from "#lib/auth/set-up-code.ts";
import type { Principal } from "#lib/core/principal.ts";
import { DEFAULT_RETURN_TO, parseReturnTo } from "#lib/core/return-to.ts";
import { isSecondFactorFresh } from "#lib/core/second-factor.ts";
import { deps } from "#lib/deps.ts";

const SECOND_STEP_PATH = "/sign-in/second-step";

/** Where `proxy.ts` notes the asked path for the way back; a convenience, never proof. */
const ASKED_PATH_HEADER = "x-studio-path";

// Once per request, however many layouts and components ask.
const session = cache(async () => findSession(deps(), await headers()));
const half = cache(async () => findHalf(deps(), await headers()));

async function requireSession(): Promise<LiveSession> {
  const found = await session();
  if (found) return found;
  if (!(await hasOwner(deps()))) redirect("/setup" as Route);
  const asked = parseReturnTo((await headers()).get(ASKED_PATH_HEADER));
  redirect(withReturn((await half()) ? SECOND_STEP_PATH : "/sign-in", asked));
}

const withReturn = (path: string, returnTo: string) =>
  `${path}${returnTo === DEFAULT_RETURN_TO ? "" : `?returnTo=${encodeURIComponent(returnTo)}`}` as Route;

/** For each page behind the sign-in: who asks. Strangers go to `/sign-in`, or `/setup` before an owner is. */
export async function requirePrincipal(): Promise<Principal> {
  return (await requireSession()).principal;
}

/** For the frame: who is signed in, by name. Redirects like `requirePrincipal`. */
export async function currentUser(): Promise<CurrentUser> {
  const { user, teamName, principal } = await requireSession();
  const { teamId, role } = principal;
  return { name: user.name, email: user.email, teamId, teamName, role };
}

/** For pages that strangers may read too: who is signed in, if anybody is. */
export async function findCurrentUser(): Promise<CurrentUser | null> {
  const found = await session();
  if (!found) return null;
  const { teamId, role } = found.principal;
  return { ...found.user, teamId, teamName: found.teamName, role };
}

/** For `/sign-in`: goes on where somebody is signed in already, and to `/setup` before an owner is. */
export async function requireVisitor(returnTo: unknown): Promise<void> {
  if (await session()) redirect(parseReturnTo(returnTo) as Route);
  if (await half()) redirect(withReturn(SECOND_STEP_PATH, parseReturnTo(returnTo)));
  if (!(await hasOwner(deps()))) redirect("/setup" as Route);
}

/** For `/setup`: goes to the sign-in once there is an owner. */
export async function requireNoOwner(): Promise<void> {
  if (await hasOwner(deps())) redirect("/sign-in" as Route);
}

/**
 * For `/sign-in/second-step`: whoever waits for it, or is past it and confirms it again. Strangers go
 * to `/sign-in`, whoever has no second factor to give goes on.
 */
export async function requireSecondStep(
  returnTo: unknown,
): Promise<{ userId: string; email: string; isSignedIn: boolean }> {
  const waiting = await half();
  if (waiting) return { userId: waiting.userId, email: waiting.user.email, isSignedIn: false };
  const found = await session();
  if (!found) redirect(withReturn("/sign-in", parseReturnTo(returnTo)));
  const { principal, user } = found;
  if (!principal.hasSecondFactor || isSecondFactorFresh(principal, deps().clock)) {
    redirect(parseReturnTo(returnTo) as Route);
  }
  return { userId: principal.userId, email: user.email, isSignedIn: true };
}
