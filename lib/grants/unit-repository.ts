import type { Connection } from "#lib/connections/connection.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";

/** A connection of the same tenant and package, and how the principal's own grant under it stands. */
export type UnitRow = {
  id: string;
  name: string;
  /** Of the definition; null: it is of whatever unit a person is in. */
  accountId: number | null;
  grantState: "active" | "needs_reconnect" | "disconnected" | null;
  username: string | null;
  /** The unit my grant was proven in. */
  memberId: number | null;
  lastFlow: {
    status:
      | "waiting"
      | "exchanging"
      | "needs_confirmation"
      | "connected"
      | "failed"
      | "expired"
      | "cancelled";
    reason: string | null;
    expiresAt: Date;
    claimedAt: Date | null;
  } | null;
};

type Raw = Omit<UnitRow, "accountId" | "memberId" | "lastFlow"> & {
  accountId: bigint | null;
  memberId: bigint | null;
  status: NonNullable<UnitRow["lastFlow"]>["status"] | null;
  reason: string | null;
  expiresAt: Date | null;
  claimedAt: Date | null;
};

/** The team's connections of this connection's tenant and package, oldest first. */
export async function listUnitRows(
  db: DatabaseOrTransaction,
  principal: Principal,
  of: Pick<Connection, "tenantSubdomain" | "clientId">,
): Promise<UnitRow[]> {
  const rows = await db.$queryRaw<Raw[]>`
    select c.id, c.name, c.account_id as "accountId", g.state::text as "grantState",
           g.member_id as "memberId", g.username, f.status::text as status, f.reason,
           f.expires_at as "expiresAt", f.claimed_at as "claimedAt"
    from connections c
    left join grants g on g.connection_id = c.id and g.user_id = ${principal.userId}::uuid
    left join lateral (
      select status, reason, expires_at, claimed_at from flows
      where connection_id = c.id and user_id = ${principal.userId}::uuid
      order by created_at desc, id desc limit 1) f on true
    where c.team_id = ${principal.teamId}::uuid and c.provider = 'marketing-cloud'
      and c.group_key = ${of.tenantSubdomain} and c.tenant_subdomain = ${of.tenantSubdomain}
      and c.client_id = ${of.clientId}
    order by c.created_at, c.id`;
  return rows.map(({ status, reason, expiresAt, claimedAt, ...row }) => ({
    ...row,
    accountId: row.accountId === null ? null : Number(row.accountId),
    memberId: row.memberId === null ? null : Number(row.memberId),
    lastFlow: status && expiresAt ? { status, reason, expiresAt, claimedAt } : null,
  }));
}

/** Two people who add units of one package take turns, so that no unit is made twice. */
export async function lockUnits(
  tx: Transaction,
  principal: Principal,
  of: Pick<Connection, "tenantSubdomain" | "clientId">,
): Promise<void> {
  const key = `units:${principal.teamId}:${of.tenantSubdomain}:${of.clientId}`;
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
}
