import { providerOfRow, rowProvider } from "#lib/connections/repository.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import type { ProviderName } from "#lib/providers/vocabulary.ts";
import { type Flow as FlowRow, Prisma } from "#prisma/generated/client.ts";

/** One run of the authorization code flow, as noted at its start. */
export type Flow = Omit<FlowRow, "provider" | "accountId"> & {
  provider: ProviderName;
  accountId: number | null;
};

function flowOfRow(row: FlowRow): Flow {
  return {
    ...row,
    provider: providerOfRow(row.provider),
    accountId: row.accountId === null ? null : Number(row.accountId),
  };
}

export type NewFlow = Pick<
  Flow,
  | "id"
  | "teamId"
  | "userId"
  | "sessionId"
  | "connectionId"
  | "provider"
  | "surface"
  | "stateHash"
  | "bindingHash"
  | "verifierSealed"
  | "authorizeHost"
  | "tokenHost"
  | "clientId"
  | "redirectUri"
  | "scopes"
  | "accountId"
  | "returnTo"
  | "createdAt"
  | "expiresAt"
>;

export async function insertFlow(db: DatabaseOrTransaction, flow: NewFlow): Promise<void> {
  await db.flow.create({
    data: { ...flow, provider: rowProvider(flow.provider), status: "waiting" },
  });
}

export async function findFlow(
  db: DatabaseOrTransaction,
  principal: Principal,
  id: string,
): Promise<Flow | null> {
  const row = await db.flow.findFirst({
    where: { id, teamId: principal.teamId, userId: principal.userId },
  });
  return row && flowOfRow(row);
}

/** A flow of the team, held until the transaction ends: read again under the lock. */
export async function lockFlow(
  tx: Transaction,
  { teamId }: Pick<Principal, "teamId">,
  id: string,
): Promise<Flow | null> {
  await tx.$queryRaw`
    select 1 from flows where id = ${id}::uuid and team_id = ${teamId}::uuid for update`;
  const row = await tx.flow.findFirst({ where: { id, teamId } });
  return row && flowOfRow(row);
}

/** A flow by the hash of its state, whoever it belongs to: the caller decides what that means. */
export async function findFlowByState(
  db: DatabaseOrTransaction,
  stateHash: Uint8Array<ArrayBuffer>,
): Promise<Flow | null> {
  const row = await db.flow.findUnique({ where: { stateHash } });
  return row && flowOfRow(row);
}

/**
 * Claims a waiting flow for the one callback that gets here first (OA-2): everything that must match
 * is in the statement's condition, so a mismatch changes nothing (OA-3).
 */
export async function claimFlow(
  db: DatabaseOrTransaction,
  principal: Principal,
  claim: {
    id: string;
    provider: ProviderName;
    bindingHash: Uint8Array<ArrayBuffer>;
    now: Date;
  },
): Promise<boolean> {
  const { count } = await db.flow.updateMany({
    where: {
      id: claim.id,
      status: "waiting",
      teamId: principal.teamId,
      userId: principal.userId,
      sessionId: principal.sessionId,
      provider: rowProvider(claim.provider),
      bindingHash: claim.bindingHash,
      expiresAt: { gt: claim.now },
    },
    data: { status: "exchanging", claimedAt: claim.now },
  });
  return count === 1;
}

type Outcome =
  | { status: "connected"; grantId: string }
  | { status: "failed" | "cancelled" | "expired"; reason: ReasonCode; providerCode?: string | null }
  | { status: "needs_confirmation"; pendingRefreshTokenSealed: string; pending: object };

/**
 * Moves a flow on, only from the given state: a late result finds the flow cancelled and changes
 * nothing. A token that waited there is forgotten: what is not used was queued to be ended before.
 */
export async function moveFlow(
  db: DatabaseOrTransaction,
  id: string,
  from: FlowRow["status"],
  outcome: Outcome,
  at: Date,
): Promise<boolean> {
  const held =
    outcome.status === "needs_confirmation"
      ? {
          pendingRefreshTokenSealed: outcome.pendingRefreshTokenSealed,
          pending: outcome.pending,
        }
      : { pendingRefreshTokenSealed: null, pending: Prisma.DbNull, endedAt: at };
  const { count } = await db.flow.updateMany({
    where: { id, status: from },
    data: {
      status: outcome.status,
      verifierSealed: null,
      ...held,
      ...("grantId" in outcome ? { grantId: outcome.grantId } : {}),
      ...("reason" in outcome
        ? { reason: outcome.reason, providerCode: outcome.providerCode ?? null }
        : {}),
    },
  });
  return count === 1;
}

/** One beginning of a person's at a time, until the transaction ends: counted and written in one. */
export async function lockBeginnings(tx: Transaction, { userId }: Principal): Promise<void> {
  await tx.$queryRaw`select 1 from users where id = ${userId}::uuid for no key update`;
}

export async function countWaitingFlows(
  db: DatabaseOrTransaction,
  principal: Principal,
  now: Date,
): Promise<number> {
  return db.flow.count({
    where: { userId: principal.userId, status: "waiting", expiresAt: { gt: now } },
  });
}

/** Open flows of one person or under one connection of a team: to end them with it. */
export async function listOpenFlows(
  db: DatabaseOrTransaction,
  of: { teamId: string; userId?: string; connectionId?: string },
): Promise<Flow[]> {
  const rows = await db.flow.findMany({
    where: { ...of, status: { in: ["waiting", "exchanging", "needs_confirmation"] } },
    orderBy: { id: "asc" },
  });
  return rows.map(flowOfRow);
}

/** Flows of everybody whose exchange began before `before` and never ended: nobody is at work. */
export async function listInterruptedFlows(
  db: DatabaseOrTransaction,
  before: Date,
  limit: number,
): Promise<Flow[]> {
  const where = { status: "exchanging", claimedAt: { lt: before } } as const;
  return (await db.flow.findMany({ where, take: limit })).map(flowOfRow);
}

/** Everybody's flows that have waited for a word since before `before`. */
export async function listUnansweredFlows(
  db: DatabaseOrTransaction,
  before: Date,
  limit: number,
): Promise<Flow[]> {
  const where = { status: "needs_confirmation", claimedAt: { lt: before } } as const;
  return (await db.flow.findMany({ where, take: limit })).map(flowOfRow);
}

/** Forgets everybody's flows that ran out before `before` and are not at work or waited for. */
export async function forgetOldFlows(db: DatabaseOrTransaction, before: Date): Promise<void> {
  await db.flow.deleteMany({
    where: {
      expiresAt: { lt: before },
      status: { notIn: ["exchanging", "needs_confirmation"] },
    },
  });
}
