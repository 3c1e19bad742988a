import { announceChanges, type Change } from "#lib/db/changes.ts";
import type { Database, Transaction } from "#lib/db/client.ts";
import { sqlOf } from "#lib/db/sql.ts";
import type { Revocation } from "#lib/grants/revocation-repository.ts";
import type { Prisma } from "#prisma/generated/client.ts";

/** What a kill switch is about; `all` is the whole studio. */
const killKinds = ["agent", "connection", "user", "team", "all"] as const;
export type KillTarget =
  | { kind: Exclude<(typeof killKinds)[number], "all">; id: string }
  | { kind: "all"; id: null };

/** The operator's reach is every team; each function takes what it is about from the target alone. */
function scopeOf({ kind, id }: KillTarget) {
  const nothing = null;
  switch (kind) {
    case "agent":
      return { agents: { id }, leases: { agentId: id }, grants: nothing, sessions: nothing };
    case "connection":
      return {
        agents: nothing,
        leases: { connectionId: id },
        grants: { connectionId: id },
        sessions: nothing,
      };
    case "user":
      return {
        agents: { ownerId: id },
        leases: { ownerId: id },
        grants: { userId: id },
        sessions: { userId: id },
      };
    case "team":
      return {
        agents: { teamId: id },
        leases: { teamId: id },
        grants: { teamId: id },
        sessions: { teamId: id },
      };
    case "all":
      return { agents: {}, leases: {}, grants: {}, sessions: {} };
  }
}

/** The teams whose trail is to tell of it; empty where there is nothing under the id. */
export async function teamsOf(db: Database, { kind, id }: KillTarget): Promise<string[]> {
  switch (kind) {
    case "agent":
      return (await db.agent.findMany({ where: { id } })).map(({ teamId }) => teamId);
    case "connection":
      return (await db.connection.findMany({ where: { id } })).map(({ teamId }) => teamId);
    case "user":
      return (await db.membership.findMany({ where: { userId: id } })).map(({ teamId }) => teamId);
    case "team":
      return (await db.team.findMany({ where: { id } })).map((team) => team.id);
    case "all":
      return (await db.team.findMany({ select: { id: true } })).map((team) => team.id);
  }
}

export const userExists = async (db: Database, id: string) =>
  (await db.user.count({ where: { id } })) > 0;

export type KillCounts = {
  agents: number;
  leases: number;
  sessions: number;
  grants: number;
  /** Ended here, and not yet handed to the list of revocations. */
  unqueued: number;
};

const liveKeys = { some: { revokedAt: null } };
const unended = (where: Prisma.AgentWhereInput) => ({
  ...where,
  OR: [{ disabledAt: null }, { keys: liveKeys }],
});
const unqueued = { state: "disconnected" as const, refreshTokenSealed: { not: null } };

/** What there still is to end. */
export async function countLeft(db: Database, target: KillTarget, now: Date): Promise<KillCounts> {
  const { agents, leases, grants, sessions } = scopeOf(target);
  const none = Promise.resolve(0);
  const counts = await Promise.all([
    agents ? db.agent.count({ where: unended(agents) }) : none,
    db.lease.count({ where: { ...leases, endedAt: null, expiresAt: { gt: now } } }),
    sessions ? db.session.count({ where: { ...sessions, endedAt: null } }) : none,
    grants ? db.grant.count({ where: { ...grants, state: { not: "disconnected" } } }) : none,
    grants ? db.grant.count({ where: { ...grants, ...unqueued } }) : none,
  ]);
  const [agentCount, leaseCount, sessionCount, grantCount, unqueuedCount] = counts;
  return {
    agents: agentCount,
    leases: leaseCount,
    sessions: sessionCount,
    grants: grantCount,
    unqueued: unqueuedCount,
  };
}

/** Shuts a person out, or lets them in again. @returns false where they are so already */
export async function setUserDisabled(
  tx: Transaction,
  id: string,
  disabledAt: Date | null,
): Promise<boolean> {
  const where = { id, disabledAt: disabledAt === null ? { not: null } : null };
  const { count } = await tx.user.updateMany({ where, data: { disabledAt } });
  await announceChanges(sqlOf(tx), [{ kind: "member", id }]);
  return count === 1;
}

type Some = { limit: number; now: Date };
export type EndedAgent = { id: string; teamId: string; ownerId: string; keysRevoked: number };

/** Disables some agents and revokes their keys; every instance hears of it with the commit. */
export async function disableSomeAgents(
  tx: Transaction,
  target: KillTarget,
  { limit, now }: Some,
): Promise<EndedAgent[]> {
  const { agents } = scopeOf(target);
  if (agents === null) return [];
  const found = await tx.agent.findMany({
    where: unended(agents),
    select: { id: true, teamId: true, ownerId: true },
    orderBy: { id: "asc" },
    take: limit,
  });
  const ids = found.map(({ id }) => id);
  await tx.agent.updateMany({
    where: { id: { in: ids }, disabledAt: null },
    data: { disabledAt: now, updatedAt: now },
  });
  const keys = await tx.agentKey.updateManyAndReturn({
    where: { agentId: { in: ids }, revokedAt: null },
    data: { revokedAt: now },
    select: { agentId: true },
  });
  await tx.standingApproval.updateMany({
    where: { agentId: { in: ids }, revokedAt: null },
    data: { revokedAt: now },
  });
  await announceChanges(
    sqlOf(tx),
    ids.map((id): Change => ({ kind: "agent", id })),
  );
  const revoked = Map.groupBy(keys, ({ agentId }) => agentId);
  return found.map((agent) => ({ ...agent, keysRevoked: revoked.get(agent.id)?.length ?? 0 }));
}

/** Ends some leases that are under way. @returns how many */
export async function endSomeLeases(
  tx: Transaction,
  target: KillTarget,
  { limit, now }: Some,
): Promise<number> {
  const where = { ...scopeOf(target).leases, endedAt: null, expiresAt: { gt: now } };
  const found = await tx.lease.findMany({ where, select: { id: true }, take: limit });
  const ids = found.map(({ id }) => id);
  await tx.lease.updateMany({ where: { id: { in: ids } }, data: { endedAt: now } });
  await announceChanges(
    sqlOf(tx),
    ids.map((id): Change => ({ kind: "lease", id })),
  );
  return ids.length;
}

export type EndedSession = { id: string; teamId: string; userId: string };

/** Ends some sessions of people. */
export async function endSomeSessions(
  tx: Transaction,
  target: KillTarget,
  { limit, now }: Some,
): Promise<EndedSession[]> {
  const { sessions } = scopeOf(target);
  if (sessions === null) return [];
  const where = { ...sessions, endedAt: null };
  const found = await tx.session.findMany({ where, select: { id: true }, take: limit });
  return tx.session.updateManyAndReturn({
    where: { id: { in: found.map(({ id }) => id) }, endedAt: null },
    data: { endedAt: now, endedReason: "killed" },
    select: { id: true, teamId: true, userId: true },
  });
}

/** Sign-ins at a provider that are under way: each would make a grant. */
export async function listOpenFlowsOf(db: Database, target: KillTarget, limit: number) {
  const { grants } = scopeOf(target);
  if (grants === null) return [];
  return db.flow.findMany({
    where: { ...grants, status: { in: ["waiting", "exchanging", "needs_confirmation"] } },
    select: { id: true, teamId: true, connectionId: true },
    orderBy: { id: "asc" },
    take: limit,
  });
}

export type EndedGrant = {
  id: string;
  teamId: string;
  connectionId: string;
  userId: string;
  generation: number;
};

/**
 * Ends some grants at once, without their tokens: these wait in their rows to be handed to the list of
 * revocations. A refresh that is under way loses (RF-13).
 */
export async function endSomeGrants(
  tx: Transaction,
  target: KillTarget,
  { limit }: Pick<Some, "limit">,
): Promise<EndedGrant[]> {
  const { grants } = scopeOf(target);
  if (grants === null) return [];
  const isLive = { state: { not: "disconnected" as const } };
  const found = await tx.grant.findMany({
    where: { ...grants, ...isLive },
    select: { id: true },
    orderBy: { id: "asc" },
    take: limit,
  });
  const ids = found.map(({ id }) => id);
  const ended = await tx.grant.updateManyAndReturn({
    where: { id: { in: ids }, ...isLive },
    data: {
      state: "disconnected",
      reason: null,
      generation: { increment: 1 },
      refreshDueAt: null,
      refreshFailures: 0,
      refreshRetryAt: null,
      refreshProblem: null,
    },
    select: { id: true, teamId: true, connectionId: true, userId: true, generation: true },
  });
  await tx.refresh.deleteMany({ where: { grantId: { in: ids } } });
  await announceChanges(
    sqlOf(tx),
    ended.map(({ id, generation }): Change => ({ kind: "grant", id, generation })),
  );
  return ended;
}

/** Grants that are ended and still hold their token. */
export async function listUnqueued(
  db: Database,
  target: KillTarget,
  limit: number,
): Promise<{ id: string; teamId: string }[]> {
  const { grants } = scopeOf(target);
  if (grants === null) return [];
  return db.grant.findMany({
    where: { ...grants, ...unqueued },
    select: { id: true, teamId: true },
    orderBy: { id: "asc" },
    take: limit,
  });
}

/** The token is in the list of revocations now. */
export async function forgetToken(tx: Transaction, id: string): Promise<void> {
  await tx.grant.updateMany({
    where: { id, state: "disconnected" },
    data: { refreshTokenSealed: null },
  });
}

export type Receipt = {
  id: string;
  teamId: string;
  userId: string;
  connectionId: string;
  grantId: string | null;
  state: Revocation["state"];
  attempts: number;
  httpStatus: number | null;
  queuedAt: Date;
  settledAt: Date | null;
};

/** What kill switches handed to the list of revocations since then, oldest first, page by page. */
export async function pageOfReceipts(
  db: Database,
  since: Date,
  page: { after: string | null; limit: number },
): Promise<Receipt[]> {
  const rows = await db.revocation.findMany({
    where: {
      cause: "killed",
      createdAt: { gte: since },
      ...(page.after === null ? {} : { id: { gt: page.after } }),
    },
    orderBy: { id: "asc" },
    take: page.limit,
  });
  return rows.map((row) => ({
    id: row.id,
    teamId: row.teamId,
    userId: row.userId,
    connectionId: row.connectionId,
    grantId: row.grantId,
    state: row.state,
    attempts: row.attempts,
    httpStatus: row.httpStatus,
    queuedAt: row.createdAt,
    settledAt: row.settledAt,
  }));
}
