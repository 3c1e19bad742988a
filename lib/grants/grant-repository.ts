import type { Connection } from "#lib/connections/connection.ts";
import { connectionOfRow, type GrantRecord, grantOfRow } from "#lib/connections/repository.ts";
import type { Principal } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";
import { providerOf } from "#lib/providers/registry.ts";
import type { Connection as ConnectionRow, Grant as GrantRow } from "#prisma/generated/client.ts";

/** A grant with the definition it is under; comes only from a query bound to the principal's team. */
export type Grant = GrantRecord & { connection: Connection };

const withConnection = { connection: true } as const;

function grantOfJoinedRow({
  connection,
  ...grant
}: GrantRow & { connection: ConnectionRow }): Grant {
  return { ...grantOfRow(grant), connection: connectionOfRow(connection) };
}

/** The principal's own grant under a connection, in any state. */
export async function findOwnGrant(
  db: DatabaseOrTransaction,
  principal: Pick<Principal, "userId" | "teamId">,
  connectionId: string,
): Promise<Grant | null> {
  const row = await db.grant.findFirst({
    where: { connectionId, userId: principal.userId, teamId: principal.teamId },
    include: withConnection,
  });
  return row && grantOfJoinedRow(row);
}

/** A grant of the principal's team by id; who may do what with it is the caller's question. */
export async function findTeamGrant(
  db: DatabaseOrTransaction,
  principal: Pick<Principal, "teamId">,
  id: string,
): Promise<Grant | null> {
  const row = await db.grant.findFirst({
    where: { id, teamId: principal.teamId },
    include: withConnection,
  });
  return row && grantOfJoinedRow(row);
}

/** The principal's own grants, ordered by id, after `cursor`. */
export async function listGrantsOf(
  db: DatabaseOrTransaction,
  principal: Principal,
  page: { cursor?: string | undefined; limit: number },
): Promise<Grant[]> {
  const rows = await db.grant.findMany({
    where: {
      userId: principal.userId,
      teamId: principal.teamId,
      ...(page.cursor ? { id: { gt: page.cursor } } : {}),
    },
    include: withConnection,
    orderBy: { id: "asc" },
    take: page.limit,
  });
  return rows.map(grantOfJoinedRow);
}

/**
 * Holds the connection's row until the transaction ends, so that two flows that end at once, or a
 * flow and a deletion, take turns. False where the connection is gone.
 */
export async function lockConnection(
  tx: Transaction,
  principal: Principal,
  connectionId: string,
): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    select 1 from connections
    where id = ${connectionId}::uuid and team_id = ${principal.teamId}::uuid for update`;
  return rows.length === 1;
}

export type GrantValues = Omit<
  GrantRecord,
  | "id"
  | "teamId"
  | "connectionId"
  | "userId"
  | "generation"
  | "tokenVersion"
  | "refreshFailures"
  | "refreshRetryAt"
  | "refreshProblem"
  | "refreshUncertain"
  | "allowsRawLeases"
>;

/**
 * Writes a fresh authorization; over an existing grant it keeps the id.
 *
 * @returns the new generation, and the number of its first token
 */
export async function storeGrant(
  tx: Transaction,
  key: { id: string; teamId: string; connectionId: string; userId: string },
  values: GrantValues,
): Promise<{ generation: number; version: number }> {
  const { generation, tokenVersion } = await tx.grant.upsert({
    where: { connectionId_userId: { connectionId: key.connectionId, userId: key.userId } },
    create: { ...key, ...values },
    update: {
      ...values,
      generation: { increment: 1 },
      tokenVersion: { increment: 1 },
      refreshFailures: 0,
      refreshRetryAt: null,
      refreshProblem: null,
      refreshUncertain: false,
    },
    select: { generation: true, tokenVersion: true },
  });
  await dropRefresh(tx, key.id);
  await announceChange(tx, { kind: "grant", id: key.id, generation });
  return { generation, version: tokenVersion };
}

/** A person's grants in the principal's team that have not ended, by the connection's name. */
export async function listGrantsOfMember(
  db: DatabaseOrTransaction,
  { teamId }: Pick<Principal, "teamId">,
  userId: string,
  limit: number,
): Promise<Grant[]> {
  const rows = await db.grant.findMany({
    where: { userId, teamId, state: { not: "disconnected" } },
    include: withConnection,
    orderBy: [{ connection: { name: "asc" } }, { id: "asc" }],
    take: limit,
  });
  return rows.map(grantOfJoinedRow);
}

/** The grant, held until the transaction ends. */
export async function lockGrant(
  tx: Transaction,
  principal: Pick<Principal, "teamId">,
  id: string,
): Promise<Grant | null> {
  await tx.$queryRaw`
    select 1 from grants
    where id = ${id}::uuid and team_id = ${principal.teamId}::uuid for update`;
  return findTeamGrant(tx, principal, id);
}

/** Does anybody else hold a grant under this connection? */
export async function hasOthersConnected(
  db: DatabaseOrTransaction,
  principal: Principal,
  connectionId: string,
): Promise<boolean> {
  const others = await db.grant.count({
    where: {
      connectionId,
      teamId: principal.teamId,
      userId: { not: principal.userId },
      state: { not: "disconnected" },
    },
  });
  return others > 0;
}

/**
 * Ends a grant and forgets its token; the next generation begins, so that no token of this one serves
 * any more.
 */
export async function endGrantRow(
  tx: Transaction,
  id: string,
  end: { state: "disconnected" | "needs_reconnect"; reason: ReasonCode | null },
): Promise<void> {
  const [ended] = await tx.grant.updateManyAndReturn({
    where: { id },
    data: {
      ...end,
      generation: { increment: 1 },
      refreshTokenSealed: null,
      refreshDueAt: null,
      refreshFailures: 0,
      refreshRetryAt: null,
      refreshProblem: null,
      refreshUncertain: false,
    },
    select: { generation: true },
  });
  await dropRefresh(tx, id);
  if (ended) await announceChange(tx, { kind: "grant", id, generation: ended.generation });
}

/** Whatever refresh is under way loses: its result finds no intent, and is given up (RF-13). */
async function dropRefresh(tx: Transaction, grantId: string): Promise<void> {
  await tx.refresh.deleteMany({ where: { grantId } });
}

/** Grants that are not ended yet, of one person or under one connection of a team, by connection. */
export async function listLiveGrants(
  db: DatabaseOrTransaction,
  of: { teamId: string; userId?: string; connectionId?: string },
): Promise<{ id: string; connectionId: string; userId: string }[]> {
  return db.grant.findMany({
    where: { ...of, state: { not: "disconnected" } },
    select: { id: true, connectionId: true, userId: true },
    orderBy: [{ connectionId: "asc" }, { id: "asc" }],
  });
}

/** One's own live sign-ins of one user of the provider through one app, the newest first. */
export async function listOwnApprovals(
  tx: DatabaseOrTransaction,
  principal: Principal,
  of: { clientId: string; providerUserId: string },
): Promise<{ id: string }[]> {
  const { clientId, providerUserId } = of;
  return tx.grant.findMany({
    where: {
      teamId: principal.teamId,
      userId: principal.userId,
      state: "active",
      providerUserId,
      connection: { clientId },
    },
    select: { id: true },
    orderBy: [{ connectedAt: "desc" }, { id: "asc" }],
  });
}

/** Its owner's word on raw leases; every instance hears of it. */
export async function setRawLeases(
  tx: Transaction,
  id: string,
  allowsRawLeases: boolean,
): Promise<void> {
  await tx.grant.updateMany({ where: { id }, data: { allowsRawLeases } });
  await announceChange(tx, { kind: "grant", id });
}

/** Notes a proof of life, unless another authorization took the grant's place meanwhile. */
export async function noteUse(
  tx: Transaction,
  grant: Pick<Grant, "id" | "generation">,
  at: Date,
): Promise<void> {
  await tx.grant.updateMany({
    where: { id: grant.id, generation: grant.generation, state: "active" },
    data: { lastProvenAt: at, lastUsedAt: at },
  });
}

/** Says anew what is missing of a definition's scopes, for everybody under it. */
export async function noteMissingScopes(
  tx: Transaction,
  principal: Principal,
  { id: connectionId, provider, scopes }: Pick<Connection, "id" | "provider" | "scopes">,
): Promise<void> {
  const where = { connectionId, teamId: principal.teamId, state: "active" } as const;
  const grants = await tx.grant.findMany({ where, select: { id: true, scopes: true } });
  for (const grant of grants) {
    const missingScopes = providerOf(provider).missingScopes(scopes, grant.scopes);
    await tx.grant.updateMany({ where: { id: grant.id }, data: { missingScopes } });
  }
}

/** The generation of each of these grants, for the process itself; one that is gone is not in it. */
export async function listGenerations(
  db: DatabaseOrTransaction,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const rows = await db.grant.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, generation: true },
  });
  return new Map(rows.map(({ id, generation }) => [id, generation]));
}

/** A grant whoever it belongs to: for the studio itself, when it ends what was left of it. */
export async function findGrantForEnd(tx: Transaction, id: string): Promise<Grant | null> {
  const row = await tx.grant.findUnique({ where: { id }, include: withConnection });
  return row && grantOfJoinedRow(row);
}
