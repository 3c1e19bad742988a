import type { RequestState } from "#lib/connection-requests/schema.ts";
import { providerOfRow, rowProvider } from "#lib/connections/repository.ts";
import type { GrantState } from "#lib/connections/schema.ts";
import type { AgentPrincipal, Principal } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { Environment, ProviderName, Surface } from "#lib/providers/vocabulary.ts";
import { Prisma } from "#prisma/generated/client.ts";

type Owner = Pick<Principal, "teamId" | "userId">;
type RowProvider = Parameters<typeof providerOfRow>[0];

export type RequestRow = {
  id: string;
  teamId: string;
  ownerId: string;
  agentId: string;
  agentName: string;
  provider: ProviderName | null;
  reason: string;
  operationId: string | null;
  state: RequestState;
  createdAt: Date;
  expiresAt: Date;
  answeredAt: Date | null;
  /** Gone where it was deleted, or taken from the agent again. */
  connection: {
    id: string;
    name: string;
    provider: ProviderName;
    environment: Environment;
    surfaces: Surface[];
    /** Of the owner's own grant there. */
    grantState: GrantState | null;
  } | null;
};

type JoinedRow = Omit<RequestRow, "provider" | "connection"> & {
  provider: RowProvider | null;
  connectionId: string | null;
  connectionName: string;
  connectionProvider: RowProvider;
  environment: Environment;
  surfaces: Surface[];
  grantState: GrantState | null;
};

const select = Prisma.sql`
  select r.id, r.team_id as "teamId", r.owner_id as "ownerId", r.agent_id as "agentId",
    a.name as "agentName", r.provider::text as provider, r.reason, r.operation_id as "operationId",
    r.state::text as state, r.created_at as "createdAt", r.expires_at as "expiresAt",
    r.answered_at as "answeredAt", c.id as "connectionId", c.name as "connectionName",
    c.provider::text as "connectionProvider", c.environment::text as environment,
    c.surfaces::text[] as surfaces,
    g.state::text as "grantState"
  from connection_requests r
  join agents a on a.id = r.agent_id and a.team_id = r.team_id
  left join agent_connections k on k.agent_id = a.id and k.connection_id = r.connection_id
  left join connections c on c.id = k.connection_id and c.team_id = r.team_id
  left join grants g on g.connection_id = c.id and g.user_id = r.owner_id`;

function requestOf({
  connectionId,
  connectionName,
  connectionProvider,
  environment,
  surfaces,
  grantState,
  ...row
}: JoinedRow): RequestRow {
  return {
    ...row,
    provider: row.provider && providerOfRow(row.provider),
    connection:
      connectionId === null
        ? null
        : {
            id: connectionId,
            name: connectionName,
            provider: providerOfRow(connectionProvider),
            environment,
            surfaces,
            grantState,
          },
  };
}

const one = (rows: JoinedRow[]) => (rows[0] === undefined ? null : requestOf(rows[0]));

/** An agent's own request. */
export async function findRequestOfAgent(
  db: DatabaseOrTransaction,
  { teamId, agentId }: Pick<AgentPrincipal, "teamId" | "agentId">,
  id: string,
): Promise<RequestRow | null> {
  return one(
    await db.$queryRaw<JoinedRow[]>`${select}
      where r.id = ${id}::uuid and r.agent_id = ${agentId}::uuid and r.team_id = ${teamId}::uuid`,
  );
}

/** A request to this person. */
export async function findRequestOfOwner(
  db: DatabaseOrTransaction,
  { teamId, userId }: Owner,
  id: string,
): Promise<RequestRow | null> {
  return one(
    await db.$queryRaw<JoinedRow[]>`${select}
      where r.id = ${id}::uuid and r.owner_id = ${userId}::uuid and r.team_id = ${teamId}::uuid`,
  );
}

/** The same, held until the transaction ends. */
export async function lockRequestOfOwner(
  tx: Transaction,
  owner: Owner,
  id: string,
): Promise<RequestRow | null> {
  await tx.$queryRaw`
    select id from connection_requests where id = ${id}::uuid
      and owner_id = ${owner.userId}::uuid and team_id = ${owner.teamId}::uuid for no key update`;
  return findRequestOfOwner(tx, owner, id);
}

/** Requests to this person: those that wait first, then the newest; after `cursor`, a request's id. */
export async function pageOfRequests(
  db: DatabaseOrTransaction,
  { teamId, userId }: Owner,
  page: { isWaiting: boolean; cursor: string | undefined; limit: number; now: Date },
): Promise<RequestRow[]> {
  const waits = (row: string) => {
    const of = Prisma.raw(row);
    return Prisma.sql`(${of}.state = 'waiting' and ${of}.expires_at > ${page.now})`;
  };
  const parts = [
    Prisma.sql`r.owner_id = ${userId}::uuid and r.team_id = ${teamId}::uuid`,
    ...(page.isWaiting ? [waits("r")] : []),
    ...(page.cursor === undefined
      ? []
      : [
          Prisma.sql`(${waits("r")}, r.created_at, r.id) < (
            select ${waits("p")}, p.created_at, p.id from connection_requests p
            where p.id = ${page.cursor}::uuid and p.owner_id = ${userId}::uuid
              and p.team_id = ${teamId}::uuid)`,
        ]),
  ];
  const rows = await db.$queryRaw<JoinedRow[]>`${select}
    where ${Prisma.join(parts, " and ")}
    order by ${waits("r")} desc, r.created_at desc, r.id desc limit ${page.limit}`;
  return rows.map(requestOf);
}

/** How many wait for this person's answer. */
export async function countWaiting(
  db: DatabaseOrTransaction,
  { teamId, userId: ownerId }: Owner,
  now: Date,
): Promise<number> {
  return db.connectionRequest.count({
    where: { teamId, ownerId, state: "waiting", expiresAt: { gt: now } },
  });
}

/** What an agent has asked, for its limits: what waits, and when the others of a while were asked. */
export async function listRecentRequests(
  tx: Transaction,
  agentId: string,
  { now, since }: { now: Date; since: Date },
): Promise<{
  waiting: { id: string; provider: ProviderName | null; reason: string; expiresAt: Date }[];
  raisedAt: Date[];
}> {
  const rows = await tx.connectionRequest.findMany({
    where: {
      agentId,
      OR: [{ state: "waiting", expiresAt: { gt: now } }, { createdAt: { gt: since } }],
    },
    select: {
      id: true,
      provider: true,
      reason: true,
      state: true,
      createdAt: true,
      expiresAt: true,
    },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  return {
    waiting: rows
      .filter(({ state, expiresAt }) => state === "waiting" && expiresAt > now)
      .map(({ id, provider, reason, expiresAt }) => ({
        id,
        provider: provider && providerOfRow(provider),
        reason,
        expiresAt,
      })),
    raisedAt: rows.map(({ createdAt }) => createdAt).filter((at) => at > since),
  };
}

export async function insertRequest(
  tx: Transaction,
  { provider, ...request }: Omit<RequestRow, "agentName" | "state" | "answeredAt" | "connection">,
): Promise<void> {
  await tx.connectionRequest.create({
    data: { ...request, provider: provider && rowProvider(provider), state: "waiting" },
  });
}

/** Of a request whose row is held. */
export async function settleRequest(
  tx: Transaction,
  { teamId }: Pick<Principal, "teamId">,
  id: string,
  data: { state: "answered" | "declined"; connectionId: string | null; answeredAt: Date },
): Promise<void> {
  await tx.connectionRequest.updateMany({ where: { id, teamId, state: "waiting" }, data });
}

export const announceRequest = (tx: Transaction, id: string): Promise<void> =>
  announceChange(tx, { kind: "request", id });

/** Of all teams: for the job. A row held by others waits for the next run. */
export async function expireRequestRows(
  tx: Transaction,
  { now, limit }: { now: Date; limit: number },
): Promise<{ id: string; teamId: string; agentId: string; ownerId: string }[]> {
  return tx.$queryRaw`
    with late as (
      select id from connection_requests where state = 'waiting' and expires_at <= ${now}
      order by id limit ${limit} for no key update skip locked)
    update connection_requests r set state = 'expired' from late where r.id = late.id
    returning r.id, r.team_id as "teamId", r.agent_id as "agentId", r.owner_id as "ownerId"`;
}

export async function forgetRequests(db: DatabaseOrTransaction, before: Date): Promise<void> {
  await db.connectionRequest.deleteMany({
    where: { state: { not: "waiting" }, createdAt: { lt: before } },
  });
}
