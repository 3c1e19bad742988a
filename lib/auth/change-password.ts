import { recordEvent } from "#lib/audit/record-event.ts";
import { NotSignedInError, WrongPasswordError } from "#lib/auth/errors.ts";
import { networkOf } from "#lib/auth/network.ts";
import type { Client } from "#lib/auth/open-session.ts";
import { hashPassword, requireGoodPassword, verifyPassword } from "#lib/auth/password.ts";
import { createSession, endAllSessionsOf } from "#lib/auth/sessions.ts";
import { accountPolicy, beginAttempt, forgetAttempts, throttleKey } from "#lib/auth/throttle.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Secret } from "#lib/core/secret.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";

/**
 * Sets a new password after the current one was given. All of the person's sessions end, this one
 * too; the caller's browser goes on with the new session whose token is returned (WEB-3). It lasts no
 * longer than the one before: the second factor that was given there is asked for again in time.
 *
 * @throws {NotSignedInError} the session has ended meanwhile
 * @throws {WrongPasswordError} the current password is not right, or was changed meanwhile
 * @throws {GuessablePasswordError} the new one is short, long or common
 * @throws {ThrottledError} too many wrong ones
 */
export async function changePassword(
  deps: { db: Database; clock: Clock; random: Random },
  principal: Principal,
  input: { currentPassword: Secret; newPassword: Secret },
  client: Client,
): Promise<{ token: Secret }> {
  const user = await deps.db.user.findUniqueOrThrow({ where: { id: principal.userId } });
  requireGoodPassword(input.newPassword, "newPassword", [user.email, user.name]);
  const bucket = { key: throttleKey("password-change", user.id), policy: accountPolicy };
  await beginAttempt(deps, [bucket]);
  const event = {
    action: "user.password_changed",
    principal,
    target: { kind: "user", id: user.id },
    ...(client.requestId ? { requestId: client.requestId } : {}),
  } as const;
  if (!(await verifyPassword(user.passwordHash, input.currentPassword))) {
    await inTransaction(deps.db, (tx) => recordEvent(tx, deps, { ...event, result: "refused" }));
    throw new WrongPasswordError();
  }
  const passwordHash = await hashPassword(input.newPassword);

  return inTransaction(deps.db, async (tx) => {
    // The work before takes a while: a session that was ended meanwhile goes on in no new one.
    const session = await tx.session.findFirst({
      where: { id: principal.sessionId, userId: user.id, endedAt: null },
      select: { absoluteExpiresAt: true },
    });
    if (!session) throw new NotSignedInError();
    const changed = await tx.user.updateMany({
      where: { id: user.id, passwordHash: user.passwordHash, disabledAt: null },
      data: { passwordHash, passwordChangedAt: deps.clock.now() },
    });
    if (changed.count === 0) throw new WrongPasswordError();
    await recordEvent(tx, deps, { ...event, result: "success" });
    await endAllSessionsOf(tx, deps, principal, user.id, "password_changed");
    await forgetAttempts({ ...deps, db: tx }, bucket);
    return createSession(tx, deps, {
      userId: user.id,
      teamId: principal.teamId,
      network: networkOf(client.address),
      userAgent: client.userAgent,
      secondFactorAt: principal.secondFactorAt,
      absoluteExpiresAt: session.absoluteExpiresAt,
    });
  });
}
