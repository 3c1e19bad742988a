import type { Connection } from "#lib/connections/connection.ts";
import type { ConnectionMethod, GrantState } from "#lib/connections/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { ProviderName, Surface } from "#lib/providers/vocabulary.ts";
import type { Connection as ConnectionRow, Grant as GrantRow } from "#prisma/generated/client.ts";

const providerToRow = { salesforce: "salesforce", "marketing-cloud": "marketing_cloud" } as const;
const methodToRow = {
  quick: "quick",
  "custom-app": "custom_app",
  "packaged-app": "packaged_app",
  "public-app": "public_app",
} as const;

/** Prisma's names cannot hold a hyphen; ours and the wire's do. */
export function rowProvider(name: ProviderName) {
  return providerToRow[name];
}
export function providerOfRow(value: ConnectionRow["provider"]): ProviderName {
  return value === "salesforce" ? "salesforce" : "marketing-cloud";
}
function methodOfRow(value: ConnectionRow["method"]): ConnectionMethod {
  return value.replaceAll("_", "-") as ConnectionMethod;
}

export function connectionOfRow(row: ConnectionRow): Connection {
  return {
    ...row,
    provider: providerOfRow(row.provider),
    method: methodOfRow(row.method),
    accountId: row.accountId === null ? null : Number(row.accountId),
    enterpriseId: row.enterpriseId === null ? null : Number(row.enterpriseId),
  };
}

/** A grant as stored, with our types; whose it is was asked by the query that found it. */
export type GrantRecord = Omit<GrantRow, "memberId" | "enterpriseId"> & {
  state: GrantState;
  surface: Surface;
  memberId: number | null;
  enterpriseId: number | null;
};

export function grantOfRow(row: GrantRow): GrantRecord {
  return {
    ...row,
    memberId: row.memberId === null ? null : Number(row.memberId),
    enterpriseId: row.enterpriseId === null ? null : Number(row.enterpriseId),
  };
}

/** A row of the lists: the definition, who made it, one's own grant, and who else has one. */
export type ConnectionWithGrants = {
  connection: Connection;
  /** Why the provider refuses its app, since when. */
  problem: { reason: string; at: Date } | null;
  createdBy: { id: string; name: string } | null;
  own: GrantRecord | null;
  /** Everybody's, the oldest first: all that one member sees of another's. */
  grants: { user: { id: string; name: string }; state: GrantState; connectedAt: Date }[];
};

type HolderRow = {
  connectionId: string;
  state: GrantState;
  connectedAt: Date;
  id: string;
  name: string;
};

export async function findConnection(
  db: DatabaseOrTransaction,
  principal: Pick<Principal, "teamId">,
  id: string,
): Promise<Connection | null> {
  const row = await db.connection.findFirst({ where: { id, teamId: principal.teamId } });
  return row && connectionOfRow(row);
}

export async function findConnectionWithGrants(
  db: DatabaseOrTransaction,
  principal: Principal,
  id: string,
): Promise<ConnectionWithGrants | null> {
  const [found] = await listConnectionsByIds(db, principal, [id]);
  return found ?? null;
}

/**
 * The given connections of the team, in the given order. Of teammates' grants only what is shown is
 * read: with two hundred people a page would be thousands of whole rows.
 */
export async function listConnectionsByIds(
  db: DatabaseOrTransaction,
  principal: Pick<Principal, "userId" | "teamId">,
  ids: readonly string[],
): Promise<ConnectionWithGrants[]> {
  if (ids.length === 0) return [];
  const { teamId, userId } = principal;
  const [rows, own, holders, makers] = await Promise.all([
    db.connection.findMany({ where: { id: { in: [...ids] }, teamId } }),
    db.grant.findMany({ where: { connectionId: { in: [...ids] }, teamId, userId } }),
    db.$queryRaw<HolderRow[]>`
      select g.connection_id as "connectionId", g.state::text as state,
             g.connected_at as "connectedAt", u.id, u.name
      from grants g join users u on u.id = g.user_id
      where g.connection_id = any(${ids}::uuid[]) and g.team_id = ${teamId}::uuid
      order by g.connected_at, u.id`,
    db.$queryRaw<{ connectionId: string; id: string; name: string }[]>`
      select c.id as "connectionId", u.id, u.name
      from connections c join users u on u.id = c.created_by_id
      where c.id = any(${ids}::uuid[]) and c.team_id = ${teamId}::uuid`,
  ]);
  const byId = new Map(rows.map((row) => [row.id, row]));
  const ownBy = new Map(own.map((row) => [row.connectionId, row]));
  const holdersBy = Map.groupBy(holders, ({ connectionId }) => connectionId);
  const makerBy = new Map(makers.map(({ connectionId, id, name }) => [connectionId, { id, name }]));
  return ids.flatMap((id) => {
    const row = byId.get(id);
    const grant = ownBy.get(id);
    return row === undefined
      ? []
      : {
          connection: connectionOfRow(row),
          problem: row.problem && row.problemAt ? { reason: row.problem, at: row.problemAt } : null,
          createdBy: makerBy.get(id) ?? null,
          own: grant === undefined ? null : grantOfRow(grant),
          grants: (holdersBy.get(id) ?? []).map(({ state, connectedAt, ...user }) => ({
            user: { id: user.id, name: user.name },
            state,
            connectedAt,
          })),
        };
  });
}

export async function insertConnection(
  db: DatabaseOrTransaction,
  connection: Connection,
): Promise<void> {
  await db.connection.create({
    data: {
      ...connection,
      provider: rowProvider(connection.provider),
      method: methodToRow[connection.method],
      updatedAt: connection.createdAt,
    },
  });
}

/** Writes an edited definition over the one that was read under its lock. */
export async function updateConnectionRow(
  tx: Transaction,
  principal: Principal,
  connection: Connection,
  updatedAt: Date,
): Promise<void> {
  const { id, version: _version, ...values } = connection;
  await tx.connection.updateMany({
    where: { id, teamId: principal.teamId },
    data: {
      ...values,
      provider: rowProvider(values.provider),
      method: methodToRow[values.method],
      updatedAt,
      // Of what it was before the edit.
      problem: null,
      problemAt: null,
      version: { increment: 1 },
    },
  });
  await announceChange(tx, { kind: "connection", id });
}

/** What a proof taught about the org or tenant, for all of the team to see. */
export async function noteProof(
  tx: Transaction,
  principal: Principal,
  id: string,
  proof: Partial<
    Pick<
      Connection,
      "orgId" | "orgName" | "instanceHost" | "groupKey" | "groupName" | "enterpriseId"
    >
  > & { updatedAt: Date },
): Promise<void> {
  // Whoever just signed in through the app was not refused.
  const data = { ...proof, problem: null, problemAt: null };
  await tx.connection.updateMany({ where: { id, teamId: principal.teamId }, data });
  await announceChange(tx, { kind: "connection", id });
}

export async function deleteConnectionRow(
  tx: Transaction,
  principal: Principal,
  id: string,
): Promise<number> {
  const { count } = await tx.connection.deleteMany({ where: { id, teamId: principal.teamId } });
  await announceChange(tx, { kind: "connection", id });
  return count;
}

/** No agent writes here without a plan any more. @returns those that could */
export async function takeBackDirectWrites(
  tx: Transaction,
  connectionId: string,
  now: Date,
): Promise<{ id: string; name: string; ownerId: string }[]> {
  return tx.$queryRaw`
    update agent_connections r set direct_writes_until = null from agents a
    where r.connection_id = ${connectionId}::uuid and a.id = r.agent_id
      and r.direct_writes_until > ${now}
    returning a.id, a.name, a.owner_id as "ownerId"`;
}
