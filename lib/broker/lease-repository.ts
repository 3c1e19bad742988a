import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { Sql } from "#lib/db/sql.ts";

/** An agent's short use of a grant. */
export type Lease = {
  id: string;
  teamId: string;
  agentId: string;
  keyId: string;
  ownerId: string;
  connectionId: string;
  grantId: string;
  /** The grant's, when it was issued. */
  generation: number;
  mode: "plan" | "build";
  isRaw: boolean;
  issuedAt: Date;
  expiresAt: Date;
  endedAt: Date | null;
};

const insert = `
  insert into leases (
    id, team_id, agent_id, key_id, owner_id, connection_id, grant_id, generation, mode, is_raw,
    issued_at, expires_at)
  select * from unnest(
    $1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::int[],
    $9::"AgentMode"[], $10::bool[], $11::timestamptz[], $12::timestamptz[])`;

/** Writes leases as they were issued. */
export async function insertLeases(sql: Sql, leases: readonly Lease[]): Promise<void> {
  await sql.query(insert, [
    leases.map(({ id }) => id),
    leases.map(({ teamId }) => teamId),
    leases.map(({ agentId }) => agentId),
    leases.map(({ keyId }) => keyId),
    leases.map(({ ownerId }) => ownerId),
    leases.map(({ connectionId }) => connectionId),
    leases.map(({ grantId }) => grantId),
    leases.map(({ generation }) => generation),
    leases.map(({ mode }) => mode),
    leases.map(({ isRaw }) => isRaw),
    leases.map(({ issuedAt }) => issuedAt.toISOString()),
    leases.map(({ expiresAt }) => expiresAt.toISOString()),
  ]);
}

/** The leases of these ids, by id; absent ones are left out. */
export async function findLeases(sql: Sql, ids: readonly string[]): Promise<Map<string, Lease>> {
  const rows = await sql.query("select * from leases where id = any($1::uuid[])", [
    [...new Set(ids)],
  ]);
  return new Map(rows.map((row) => [String(row.id), leaseOfRow(row)]));
}

const leaseOfRow = (row: Readonly<Record<string, unknown>>): Lease => ({
  id: String(row.id),
  teamId: String(row.team_id),
  agentId: String(row.agent_id),
  keyId: String(row.key_id),
  ownerId: String(row.owner_id),
  connectionId: String(row.connection_id),
  grantId: String(row.grant_id),
  generation: Number(row.generation),
  mode: row.mode === "build" ? "build" : "plan",
  isRaw: row.is_raw === true,
  issuedAt: row.issued_at as Date,
  expiresAt: row.expires_at as Date,
  endedAt: row.ended_at as Date | null,
});

/** A lease of the team, held until the transaction ends. */
export async function lockLease(
  tx: Transaction,
  { teamId }: Pick<Principal, "teamId">,
  id: string,
): Promise<Lease | null> {
  await tx.$queryRaw`
    select 1 from leases where id = ${id}::uuid and team_id = ${teamId}::uuid for update`;
  return tx.lease.findFirst({ where: { id, teamId } });
}

export async function endLeaseRow(tx: Transaction, id: string, endedAt: Date): Promise<void> {
  await tx.lease.updateMany({ where: { id }, data: { endedAt } });
}

/** A lease with the names of who uses it; null where they are gone. */
export type LeaseWithNames = Lease & { agentName: string | null; ownerName: string | null };

/** What active leases are listed by. */
export type LeaseFilter = {
  teamId: string;
  connectionId?: string;
  agentId?: string;
  /** One person's alone. */
  ownerId?: string;
};

/**
 * Active leases, those that end last first, after `after`.
 */
export async function listActiveLeases(
  db: DatabaseOrTransaction,
  filter: LeaseFilter,
  page: { now: Date; after: { expiresAt: Date; id: string } | null; limit: number },
): Promise<LeaseWithNames[]> {
  const { teamId, connectionId, agentId, ownerId } = filter;
  const { now, after, limit } = page;
  const leases = await db.lease.findMany({
    where: {
      teamId,
      ...(connectionId ? { connectionId } : {}),
      ...(agentId ? { agentId } : {}),
      ...(ownerId ? { ownerId } : {}),
      endedAt: null,
      expiresAt: { gt: now, ...(after ? { lte: after.expiresAt } : {}) },
      ...(after ? { OR: [{ expiresAt: { lt: after.expiresAt } }, { id: { lt: after.id } }] } : {}),
    },
    orderBy: [{ expiresAt: "desc" }, { id: "desc" }],
    take: limit,
  });
  const [agents, owners] = await Promise.all([
    db.agent.findMany({
      where: { teamId, id: { in: leases.map((lease) => lease.agentId) } },
      select: { id: true, name: true },
    }),
    db.user.findMany({
      where: { memberships: { some: { teamId } }, id: { in: leases.map((each) => each.ownerId) } },
      select: { id: true, name: true },
    }),
  ]);
  const nameOf = new Map([...agents, ...owners].map(({ id, name }) => [id, name]));
  return leases.map((lease) => ({
    ...lease,
    agentName: nameOf.get(lease.agentId) ?? null,
    ownerName: nameOf.get(lease.ownerId) ?? null,
  }));
}

/**
 * Deletes at most `limit` leases that ended before `before`.
 *
 * @returns how many there were
 */
export async function deleteOldLeases(
  db: DatabaseOrTransaction,
  before: Date,
  limit: number,
): Promise<number> {
  return db.$executeRaw`
    delete from leases where id in (
      select id from leases where expires_at < ${before} order by expires_at limit ${limit}::int)`;
}
