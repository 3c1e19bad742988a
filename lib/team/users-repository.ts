import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";

/** The account of an address in its one stored form, in whatever teams: proof of the address comes first. */
export async function findUserByEmail(
  db: DatabaseOrTransaction,
  email: string,
): Promise<{ id: string; passwordHash: string | null; disabledAt: Date | null } | null> {
  return db.user.findUnique({
    where: { email },
    select: { id: true, passwordHash: true, disabledAt: true },
  });
}

/** @returns false where the address has an account already; waits for one that is being made */
export async function insertUser(
  tx: Transaction,
  user: { id: string; email: string; name: string; passwordHash: string | null; createdAt: Date },
): Promise<boolean> {
  const passwordChangedAt = user.passwordHash === null ? null : user.createdAt;
  const data = [{ ...user, passwordChangedAt }];
  const { count } = await tx.user.createMany({ data, skipDuplicates: true });
  return count === 1;
}
