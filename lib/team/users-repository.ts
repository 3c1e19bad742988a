import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";

export type Account = {
  id: string;
  passwordHash: string | null;
  disabledAt: Date | null;
  hasSecondFactor: boolean;
};

/** The account of an address in its one stored form, in whatever teams: proof of the address comes first. */
export async function findUserByEmail(
  db: DatabaseOrTransaction,
  email: string,
): Promise<Account | null> {
  const row = await db.user.findUnique({
    where: { email },
    select: {
      id: true,
      passwordHash: true,
      disabledAt: true,
      secondFactors: { where: { confirmedAt: { not: null } }, select: { id: true }, take: 1 },
    },
  });
  if (!row) return null;
  const { secondFactors, ...user } = row;
  return { ...user, hasSecondFactor: secondFactors.length > 0 };
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
