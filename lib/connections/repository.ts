import type { Connection } from "#lib/connections/connection.ts";
import type { ConnectionMethod, GrantState } from "#lib/connections/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
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

/** A row of the lists: the definition, who made it, and everybody's grant under it. */
export type ConnectionWithGrants = {
  connection: Connection;
  createdBy: { id: string; name: string } | null;
  grants: { grant: GrantRecord; user: { id: string; name: string } }[];
};

const withGrants = {
  createdBy: { select: { id: true, name: true } },
  grants: {
    include: { user: { select: { id: true, name: true } } },
    orderBy: { connectedAt: "asc" },
  },
} as const;

type RowWithGrants = ConnectionRow & {
  createdBy: { id: string; name: string } | null;
  grants: (GrantRow & { user: { id: string; name: string } })[];
};

function withGrantsOfRow({ createdBy, grants, ...row }: RowWithGrants): ConnectionWithGrants {
  return {
    connection: connectionOfRow(row),
    createdBy,
    grants: grants.map(({ user, ...grant }) => ({ grant: grantOfRow(grant), user })),
  };
}

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
  const row = await db.connection.findFirst({
    where: { id, teamId: principal.teamId },
    include: withGrants,
  });
  return row && withGrantsOfRow(row);
}

/** The given connections of the team, in the given order. */
export async function listConnectionsByIds(
  db: DatabaseOrTransaction,
  principal: Principal,
  ids: readonly string[],
): Promise<ConnectionWithGrants[]> {
  const rows = await db.connection.findMany({
    where: { id: { in: [...ids] }, teamId: principal.teamId },
    include: withGrants,
  });
  const byId = new Map(rows.map((row) => [row.id, withGrantsOfRow(row)]));
  return ids.flatMap((id) => byId.get(id) ?? []);
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

export async function renameConnectionRow(
  db: DatabaseOrTransaction,
  principal: Principal,
  change: { id: string; name: string; updatedAt: Date },
): Promise<void> {
  await db.connection.updateMany({
    where: { id: change.id, teamId: principal.teamId },
    data: { name: change.name, updatedAt: change.updatedAt },
  });
}

/** What a proof taught about the org or tenant, for all of the team to see. */
export async function noteProof(
  db: DatabaseOrTransaction,
  principal: Principal,
  id: string,
  proof: Partial<
    Pick<
      Connection,
      "orgId" | "orgName" | "instanceHost" | "groupKey" | "groupName" | "enterpriseId"
    >
  > & { updatedAt: Date },
): Promise<void> {
  await db.connection.updateMany({ where: { id, teamId: principal.teamId }, data: proof });
}

export async function deleteConnectionRow(
  db: DatabaseOrTransaction,
  principal: Principal,
  id: string,
): Promise<number> {
  const { count } = await db.connection.deleteMany({ where: { id, teamId: principal.teamId } });
  return count;
}
