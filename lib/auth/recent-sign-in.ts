import { recordEvent } from "#lib/audit/record-event.ts";
import { RecentSignInNeededError, WrongPasswordError } from "#lib/auth/errors.ts";
import type { Client } from "#lib/auth/open-session.ts";
import { verifyPassword } from "#lib/auth/password.ts";
import { accountPolicy, beginAttempt, forgetAttempts, throttleKey } from "#lib/auth/throttle.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { isSecondFactorFresh } from "#lib/core/second-factor.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, type DatabaseOrTransaction, inTransaction } from "#lib/db/client.ts";

/** So long after signing in, or proving it again, somebody may change how they sign in. */
const RECENT_SIGN_IN_MINUTES = 15;
const MINUTE_MS = 60_000;

/** Whether the person of this session, which is still there, proved themselves in it lately. */
export async function isSignInRecent(
  deps: { db: DatabaseOrTransaction; clock: Clock },
  principal: Principal,
): Promise<boolean> {
  const session = await deps.db.session.findUnique({
    where: { id: principal.sessionId, userId: principal.userId, endedAt: null },
    select: { createdAt: true, confirmedAt: true },
  });
  if (!session) return false;
  if (isSecondFactorFresh(principal, deps.clock, RECENT_SIGN_IN_MINUTES)) return true;
  const at = session.confirmedAt ?? session.createdAt;
  const ageMs = deps.clock.now().getTime() - at.getTime();
  return ageMs >= 0 && ageMs < RECENT_SIGN_IN_MINUTES * MINUTE_MS;
}

/**
 * Refuses what a stolen or forgotten session must not do.
 * @throws {RecentSignInNeededError} the sign-in is older than a quarter of an hour
 */
export async function requireRecentSignIn(
  deps: { db: DatabaseOrTransaction; clock: Clock },
  principal: Principal,
): Promise<void> {
  if (!(await isSignInRecent(deps, principal))) throw new RecentSignInNeededError();
}

/**
 * Proves again, by the password, that the person is there: this session counts as recent.
 *
 * @throws {WrongPasswordError} not right, or there is no password
 * @throws {ThrottledError} too many wrong ones
 */
export async function confirmWithPassword(
  deps: { db: Database; clock: Clock; random: Random },
  principal: Principal,
  password: Secret,
  client: Client,
): Promise<void> {
  const bucket = {
    key: throttleKey("password-change", principal.userId),
    policy: accountPolicy,
  };
  await beginAttempt(deps, [bucket]);
  const user = await deps.db.user.findUniqueOrThrow({
    where: { id: principal.userId },
    select: { passwordHash: true },
  });
  const event = {
    action: "user.confirmed",
    principal,
    target: { kind: "session", id: principal.sessionId },
    detail: { method: "password" },
    ...(client.requestId ? { requestId: client.requestId } : {}),
  } as const;
  if (!(await verifyPassword(user.passwordHash, password))) {
    await inTransaction(deps.db, (tx) => recordEvent(tx, deps, { ...event, result: "refused" }));
    throw new WrongPasswordError();
  }
  await inTransaction(deps.db, async (tx) => {
    await tx.session.update({
      where: { id: principal.sessionId },
      data: { confirmedAt: deps.clock.now() },
    });
    await recordEvent(tx, deps, { ...event, result: "success" });
    await forgetAttempts({ ...deps, db: tx }, bucket);
  });
}
