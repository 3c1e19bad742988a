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

const insertFrom = (parameter: "$1" | "$4") => `
  insert into leases (
    id, team_id, agent_id, key_id, owner_id, connection_id, grant_id, generation, mode, is_raw,
    issued_at, expires_at)
  select id, team_id, agent_id, key_id, owner_id, connection_id, grant_id, generation, mode, is_raw,
    issued_at, expires_at
  from json_to_recordset(${parameter}::json) as l(
    id uuid, team_id uuid, agent_id uuid, key_id uuid, owner_id uuid, connection_id uuid,
    grant_id uuid, generation int, mode "AgentMode", is_raw bool, issued_at timestamptz,
    expires_at timestamptz)`;
const insert = insertFrom("$1");
const insertBeside = `${insertFrom("$4")} where (select yes from fits)`;

/** Writes leases as they were issued. */
export async function insertLeases(sql: Sql, leases: readonly Lease[]): Promise<void> {
  await sql.query(insert, [rowsOf(leases)]);
}

/** The same beside their events, for `appendAtOnce`. */
export const leasesBeside = (leases: readonly Lease[]) => ({
  statement: insertBeside,
  values: [rowsOf(leases)],
});

const rowsOf = (leases: readonly Lease[]): string =>
  JSON.stringify(
    leases.map((lease) => ({
      id: lease.id,
      team_id: lease.teamId,
      agent_id: lease.agentId,
      key_id: lease.keyId,
      owner_id: lease.ownerId,
      connection_id: lease.connectionId,
      grant_id: lease.grantId,
      generation: lease.generation,
      mode: lease.mode,
      is_raw: lease.isRaw,
      issued_at: lease.issuedAt,
      expires_at: lease.expiresAt,
    })),
  );

/** The leases of these ids, by id; absent ones are left out. */
export async function findLeases(sql: Sql, ids: readonly string[]): Promise<Map<string, Lease>> {
  const rows = await sql.query(`select ${columns} from leases where id = any($1::uuid[])`, [
    [...new Set(ids)],
  ]);
  return new Map(rows.map((row) => [String(row.id), leaseOfRow(row)]));
}

const columns =
  "id, team_id, agent_id, key_id, owner_id, connection_id, grant_id, generation, mode, is_raw, issued_at, expires_at, ended_at";

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
