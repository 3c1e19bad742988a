import { NotSignedInError } from "#lib/auth/errors.ts";
import type { SessionHolder } from "#lib/auth/sessions.ts";
import type { Transaction } from "#lib/db/client.ts";

/**
 * Holds a person's row, so that what is decided about their factors is decided once at a time, and sees
 * that the session is still there. Always the first lock of a transaction here.
 *
 * @returns when the session ends at the latest
 * @throws {NotSignedInError} it has ended meanwhile, by a reset, say
 */
export async function lockPerson(
  tx: Transaction,
  holder: SessionHolder,
): Promise<{ absoluteExpiresAt: Date }> {
  await lockUser(tx, holder.userId);
  const session = await tx.session.findFirst({
    where: { id: holder.sessionId, userId: holder.userId, endedAt: null },
    select: { absoluteExpiresAt: true },
  });
  if (!session) throw new NotSignedInError();
  return session;
}

/** The row alone, for what is done to somebody else. Foreign keys to it may still be made. */
export async function lockUser(tx: Transaction, userId: string): Promise<void> {
  await tx.$queryRaw`select id from users where id = ${userId}::uuid for no key update`;
}
