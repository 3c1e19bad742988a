import { providerOfRow, rowProvider } from "#lib/connections/repository.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";
import type { Revocation as RevocationRow } from "#prisma/generated/client.ts";

/** A token that is to be ended at its provider, and what became of it. */
export type Revocation = Omit<RevocationRow, "provider"> & { provider: ProviderName };

export type NewRevocation = Pick<
  Revocation,
  | "id"
  | "teamId"
  | "userId"
  | "provider"
  | "environment"
  | "connectionId"
  | "connectionName"
  | "grantId"
  | "username"
  | "cause"
  | "state"
  | "reason"
  | "tokenHost"
  | "clientId"
  | "tokenSealed"
  | "nextAttemptAt"
  | "settledAt"
  | "accessEndsAt"
  | "sessionEndsAt"
  | "createdAt"
>;

const revocationOfRow = (row: RevocationRow): Revocation => ({
  ...row,
  provider: providerOfRow(row.provider),
});

export async function insertRevocation(tx: Transaction, row: NewRevocation): Promise<Revocation> {
  const data = { ...row, provider: rowProvider(row.provider) };
  return revocationOfRow(await tx.revocation.create({ data }));
}

/** Whoever it belongs to: for the studio itself, and for those who asked whose it is already. */
export async function findRevocation(
  db: DatabaseOrTransaction,
  id: string,
): Promise<Revocation | null> {
  const row = await db.revocation.findUnique({ where: { id } });
  return row && revocationOfRow(row);
}

/** One of the principal's team; who may see it is the caller's question. */
export async function findTeamRevocation(
  db: DatabaseOrTransaction,
  principal: Principal,
  id: string,
): Promise<Revocation | null> {
  const row = await db.revocation.findFirst({ where: { id, teamId: principal.teamId } });
  return row && revocationOfRow(row);
}

/**
 * Takes a revocation that nobody is at work on: in one statement, so that two processes that reach for
 * the same one do not both ask the provider. A claim of a killed process ends by itself.
 *
 * @param claim.isDue - only where its time has come; false when a person asks
 * @returns null where it is settled, not due, or in somebody's hands
 */
export async function claimRevocation(
  tx: Transaction,
  id: string,
  claim: { now: Date; until: Date; isDue: boolean },
): Promise<Revocation | null> {
  const { count } = await tx.revocation.updateMany({
    where: {
      id,
      state: "pending",
      AND: [
        { OR: [{ claimedUntil: null }, { claimedUntil: { lte: claim.now } }] },
        ...(claim.isDue ? [{ nextAttemptAt: { lte: claim.now } }] : []),
      ],
    },
    data: { attempts: { increment: 1 }, claimedUntil: claim.until, lastAttemptAt: claim.now },
  });
  return count === 1 ? findRevocation(tx, id) : null;
}

type Result = Pick<Revocation, "httpStatus" | "providerRequest"> &
  (
    | { state: "pending"; nextAttemptAt: Date }
    | { state: "confirmed" | "refused" | "gave_up" | "not_possible"; settledAt: Date }
  ) & { reason?: string };

/**
 * Writes what came of a claim, only over that same claim: whoever was paused for longer than it lasts
 * changes nothing. A settled one keeps no token.
 */
export async function settleClaim(
  tx: Transaction,
  claimed: Pick<Revocation, "id" | "attempts">,
  result: Result,
): Promise<boolean> {
  const { count } = await tx.revocation.updateMany({
    where: { id: claimed.id, state: "pending", attempts: claimed.attempts },
    data: {
      ...result,
      claimedUntil: null,
      ...(result.state === "pending" ? {} : { tokenSealed: null, nextAttemptAt: null }),
    },
  });
  return count === 1;
}

/** Everybody's that are due and in nobody's hands, longest due first. */
export async function listDueRevocations(
  db: DatabaseOrTransaction,
  now: Date,
  limit: number,
): Promise<string[]> {
  const rows = await db.revocation.findMany({
    where: {
      state: "pending",
      nextAttemptAt: { lte: now },
      OR: [{ claimedUntil: null }, { claimedUntil: { lte: now } }],
    },
    orderBy: { nextAttemptAt: "asc" },
    select: { id: true },
    take: limit,
  });
  return rows.map(({ id }) => id);
}

const shownForMs = 30 * 24 * 60 * 60 * 1000;

const openAt = (now: Date) => ({
  OR: [
    { state: "pending" as const },
    { state: "not_possible" as const, reason: null, sessionEndsAt: { gt: now } },
    {
      state: { in: ["refused" as const, "gave_up" as const] },
      settledAt: { gt: new Date(now.getTime() - shownForMs) },
    },
    {
      state: "not_possible" as const,
      reason: { not: null },
      settledAt: { gt: new Date(now.getTime() - shownForMs) },
    },
  ],
});

/** Of the principal's team, newest first, after `cursor`. */
export async function listTeamRevocations(
  db: DatabaseOrTransaction,
  principal: Principal,
  query: {
    userId?: string;
    connectionId?: string | undefined;
    ids?: readonly string[];
    /** Only what was not ended, and where that is over by now, not for longer than it matters. */
    openAt?: Date | undefined;
    cursor?: string | undefined;
    limit?: number;
  },
): Promise<Revocation[]> {
  const rows = await db.revocation.findMany({
    where: {
      teamId: principal.teamId,
      ...(query.userId ? { userId: query.userId } : {}),
      ...(query.connectionId ? { connectionId: query.connectionId } : {}),
      ...(query.ids ? { id: { in: [...query.ids] } } : {}),
      ...(query.openAt ? openAt(query.openAt) : {}),
    },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    ...(query.cursor ? { cursor: { id: query.cursor }, skip: 1 } : {}),
    ...(query.limit === undefined ? {} : { take: query.limit }),
  });
  return rows.map(revocationOfRow);
}

export async function countPending(
  db: DatabaseOrTransaction,
  { teamId }: Principal,
  of: { userId?: string },
): Promise<number> {
  return db.revocation.count({ where: { teamId, ...of, state: "pending", attempts: { gt: 0 } } });
}

/** Names of people whose ids came from rows of one's team. */
export async function namesOf(
  db: DatabaseOrTransaction,
  userIds: readonly string[],
): Promise<Map<string, string>> {
  const select = { id: true, name: true };
  const users = await db.user.findMany({ where: { id: { in: [...userIds] } }, select });
  return new Map(users.map(({ id, name }) => [id, name]));
}
