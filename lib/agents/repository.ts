import type { KeyNetwork } from "#lib/agents/network-habits.ts";
import type { AgentMode } from "#lib/agents/schema.ts";
import { providerOfRow } from "#lib/connections/repository.ts";
import type { GrantState } from "#lib/connections/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import { announceChange } from "#lib/db/changes.ts";
import type { DatabaseOrTransaction, Transaction } from "#lib/db/client.ts";
import type { Environment, ProviderName } from "#lib/providers/vocabulary.ts";
import { Prisma } from "#prisma/generated/client.ts";

type InTeam = Pick<Principal, "teamId">;

export type AgentRow = {
  id: string;
  teamId: string;
  ownerId: string;
  name: string;
  mode: AgentMode;
  disabledAt: Date | null;
  asksForConnections: boolean;
  callsPerDay: number | null;
  rowsPerDay: number | null;
  sendsPerDay: number | null;
  pausesOnNewNetwork: boolean;
  pausedAt: Date | null;
  /** `volume`, `bulk_reads`, `new_network`: why the studio paused it. */
  pausedReason: string | null;
  createdAt: Date;
  lastUsedAt: Date | null;
};
/** What its owner chose for an agent beside name, mode and connections. */
export type AgentTerms = Pick<
  AgentRow,
  "asksForConnections" | "callsPerDay" | "rowsPerDay" | "sendsPerDay" | "pausesOnNewNetwork"
>;
export type KeyFacts = {
  id: string;
  name: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
};
/** A key with where it was used from, what waits for its owner's word first. */
export type KeyRecord = KeyFacts & { networks: KeyNetwork[] };
export type ReachRow = {
  connectionId: string;
  name: string;
  provider: ProviderName;
  environment: Environment;
  directWritesUntil: Date | null;
  grantState: GrantState | null;
};
/** An agent with all that a page shows of it. */
export type AgentRecord = AgentRow & {
  ownerName: string;
  connections: ReachRow[];
  keys: KeyRecord[];
};

const KEYS_SHOWN = 20;
const NETWORKS_SHOWN = 6;

const columns = Prisma.sql`a.id, a.team_id as "teamId", a.owner_id as "ownerId", a.name,
  a.mode::text as mode, a.disabled_at as "disabledAt", a.created_at as "createdAt",
  a.last_used_at as "lastUsedAt", a.asks_for_connections as "asksForConnections",
  a.calls_per_day as "callsPerDay", a.rows_per_day as "rowsPerDay",
  a.sends_per_day as "sendsPerDay", a.paused_at as "pausedAt", a.paused_reason as "pausedReason",
  a.pauses_on_new_network as "pausesOnNewNetwork"`;
const isLive = (now: Date) =>
  Prisma.sql`k.revoked_at is null and (k.expires_at is null or k.expires_at > ${now})`;

/** One's own agents first, then by name; after `cursor`, an agent's id. */
export async function pageOfAgents(
  db: DatabaseOrTransaction,
  principal: Principal,
  query: {
    ownerId: string | null;
    q: string | undefined;
    connectionId: string | undefined;
    cursor: string | undefined;
    limit: number;
  },
): Promise<{ ids: string[]; total: number }> {
  const { teamId, userId } = principal;
  const parts = [Prisma.sql`a.team_id = ${teamId}::uuid`];
  if (query.ownerId !== null) parts.push(Prisma.sql`a.owner_id = ${query.ownerId}::uuid`);
  if (query.connectionId !== undefined) {
    parts.push(Prisma.sql`exists (select 1 from agent_connections r
      where r.agent_id = a.id and r.connection_id = ${query.connectionId}::uuid)`);
  }
  if (query.q) {
    const like = `%${query.q.replace(/[\\%_]/g, "\\$&")}%`;
    parts.push(Prisma.sql`(a.name ilike ${like} or u.name ilike ${like})`);
  }
  const from = Prisma.sql`from agents a join users u on u.id = a.owner_id`;
  const [counted] = await db.$queryRaw<{ total: number }[]>`
    select count(*)::int as total ${from} where ${Prisma.join(parts, " and ")}`;
  if (query.cursor !== undefined) {
    parts.push(Prisma.sql`(a.owner_id <> ${userId}::uuid, lower(a.name), a.id) > (
      select c.owner_id <> ${userId}::uuid, lower(c.name), c.id from agents c
      where c.id = ${query.cursor}::uuid and c.team_id = ${teamId}::uuid)`);
  }
  const rows = await db.$queryRaw<{ id: string }[]>`
    select a.id ${from} where ${Prisma.join(parts, " and ")}
    order by a.owner_id <> ${userId}::uuid, lower(a.name), a.id limit ${query.limit}`;
  return { ids: rows.map(({ id }) => id), total: counted?.total ?? 0 };
}

/** The team's agents of these ids, whole, in their order. */
export async function listAgentsByIds(
  db: DatabaseOrTransaction,
  { teamId }: InTeam,
  ids: readonly string[],
  now: Date,
): Promise<AgentRecord[]> {
  if (ids.length === 0) return [];
  const [agents, keys, networks, reaches] = await Promise.all([
    db.$queryRaw<(AgentRow & { ownerName: string })[]>`
      select ${columns}, u.name as "ownerName" from agents a join users u on u.id = a.owner_id
      where a.id = any(${ids}::uuid[]) and a.team_id = ${teamId}::uuid`,
    db.$queryRaw<(KeyFacts & { agentId: string })[]>`
      select * from (
        select k.id, k.agent_id as "agentId", k.name, k.created_at as "createdAt",
          k.expires_at as "expiresAt", k.revoked_at as "revokedAt", k.last_used_at as "lastUsedAt",
          row_number() over (partition by k.agent_id
            order by (${isLive(now)}) desc, k.created_at desc, k.id) as place
        from agent_keys k where k.agent_id = any(${ids}::uuid[]) and k.team_id = ${teamId}::uuid
      ) ranked where place <= ${KEYS_SHOWN} order by place`,
    db.$queryRaw<(KeyNetwork & { keyId: string })[]>`
      select * from (
        select n.key_id as "keyId", n.network, n.state::text as state,
          n.first_seen_at as "firstSeenAt",
          row_number() over (partition by n.key_id
            order by n.state <> 'known' desc, n.first_seen_at desc, n.network) as place
        from agent_key_networks n join agent_keys k on k.id = n.key_id
        where k.agent_id = any(${ids}::uuid[]) and k.team_id = ${teamId}::uuid
      ) ranked where place <= ${NETWORKS_SHOWN} order by place`,
    db.$queryRaw<
      (Omit<ReachRow, "provider"> & {
        agentId: string;
        provider: Parameters<typeof providerOfRow>[0];
      })[]
    >`
      select r.agent_id as "agentId", c.id as "connectionId", c.name, c.provider::text as provider,
        c.environment::text as environment, r.direct_writes_until as "directWritesUntil",
        g.state::text as "grantState"
      from agent_connections r
      join agents a on a.id = r.agent_id
      join connections c on c.id = r.connection_id and c.team_id = a.team_id
      left join grants g on g.connection_id = c.id and g.user_id = a.owner_id
      where r.agent_id = any(${ids}::uuid[]) and a.team_id = ${teamId}::uuid
      order by lower(c.name), c.id`,
  ]);
  const byId = new Map(agents.map((agent) => [agent.id, agent]));
  const keysOf = Map.groupBy(keys, ({ agentId }) => agentId);
  const networksOf = Map.groupBy(networks, ({ keyId }) => keyId);
  const reachesOf = Map.groupBy(reaches, ({ agentId }) => agentId);
  return ids.flatMap((id) => {
    const agent = byId.get(id);
    if (agent === undefined) return [];
    const connections = (reachesOf.get(id) ?? []).map(({ agentId: _, ...reach }) => ({
      ...reach,
      provider: providerOfRow(reach.provider),
    }));
    const ownKeys = (keysOf.get(id) ?? []).map((key) => ({
      ...key,
      networks: networksOf.get(key.id) ?? [],
    }));
    return { ...agent, connections, keys: ownKeys };
  });
}

/** An agent of the team, held until the transaction ends. */
export async function lockAgent(
  tx: Transaction,
  { teamId }: InTeam,
  id: string,
): Promise<AgentRow | null> {
  const [row] = await tx.$queryRaw<AgentRow[]>`
    select ${columns} from agents a
    where a.id = ${id}::uuid and a.team_id = ${teamId}::uuid for no key update`;
  return row ?? null;
}

/** Where an agent may go. */
export async function listReaches(
  tx: Transaction,
  agentId: string,
): Promise<Map<string, { directWritesUntil: Date | null }>> {
  const rows = await tx.agentConnection.findMany({
    where: { agentId },
    select: { connectionId: true, directWritesUntil: true },
  });
  return new Map(rows.map(({ connectionId, ...reach }) => [connectionId, reach]));
}

/** Which of these are connections of the team; they stay until the transaction ends. */
export async function holdConnections(
  tx: Transaction,
  { teamId }: InTeam,
  ids: readonly string[],
): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await tx.$queryRaw<{ id: string }[]>`
    select id from connections where id = any(${ids}::uuid[]) and team_id = ${teamId}::uuid
    order by id for key share`;
  return new Set(rows.map(({ id }) => id));
}

export async function replaceReaches(
  tx: Transaction,
  agentId: string,
  reaches: readonly { connectionId: string; directWritesUntil: Date | null }[],
): Promise<void> {
  await tx.agentConnection.deleteMany({ where: { agentId } });
  await tx.agentConnection.createMany({ data: reaches.map((reach) => ({ agentId, ...reach })) });
}

export async function insertAgent(
  tx: Transaction,
  agent: Omit<AgentRow, "disabledAt" | "lastUsedAt" | "pausedAt" | "pausedReason">,
): Promise<void> {
  await tx.agent.create({ data: { ...agent, updatedAt: agent.createdAt } });
}

export async function updateAgent(
  tx: Transaction,
  { teamId }: InTeam,
  id: string,
  data: Partial<
    AgentTerms &
      Pick<AgentRow, "name" | "mode" | "disabledAt"> & {
        pausedAt: null;
        pausedReason: null;
        lookedAt: Date;
      }
  > & { updatedAt: Date },
): Promise<void> {
  await tx.agent.updateMany({ where: { id, teamId }, data });
}

/** Whether one of the team's connections of these ids is of a production org or unit. */
export async function hasProduction(
  tx: Transaction,
  { teamId }: InTeam,
  ids: readonly string[],
): Promise<boolean> {
  const where = { teamId, id: { in: [...ids] }, environment: "production" as const };
  return (await tx.connection.count({ where })) > 0;
}

/**
 * Pauses an agent.
 *
 * @param of.unlessLookedAtSince - what its owner let go on since then is not stopped again for the same
 * @returns null where it stands already, or is gone
 */
export async function pauseAgentRow(
  tx: Transaction,
  id: string,
  {
    reason,
    now,
    unlessLookedAtSince = null,
  }: { reason: string; now: Date; unlessLookedAtSince?: Date | null },
): Promise<Pick<AgentRow, "teamId" | "ownerId"> | null> {
  const [agent] = await tx.$queryRaw<Pick<AgentRow, "teamId" | "ownerId">[]>`
    update agents a set paused_at = ${now}, paused_reason = ${reason}, updated_at = ${now}
    where a.id = ${id}::uuid and a.paused_at is null and (a.looked_at is null
      or ${unlessLookedAtSince}::timestamptz is null or a.looked_at < ${unlessLookedAtSince}::timestamptz)
    returning a.team_id as "teamId", a.owner_id as "ownerId"`;
  return agent ?? null;
}

export async function deleteAgentRow(
  tx: Transaction,
  { teamId }: InTeam,
  id: string,
): Promise<void> {
  await tx.agent.deleteMany({ where: { id, teamId } });
}

export async function countAgents(tx: Transaction, of: InTeam & { ownerId: string }) {
  return tx.agent.count({ where: of });
}

/** Keys of an agent that count now. */
export async function countLiveKeys(tx: Transaction, agentId: string, now: Date): Promise<number> {
  const [row] = await tx.$queryRaw<{ count: number }[]>`
    select count(*)::int as count from agent_keys k
    where k.agent_id = ${agentId}::uuid and ${isLive(now)}`;
  return row?.count ?? 0;
}

export async function insertKey(
  tx: Transaction,
  key: Omit<KeyFacts, "revokedAt" | "lastUsedAt"> & {
    agentId: string;
    teamId: string;
    secretHash: Uint8Array;
  },
): Promise<void> {
  await tx.agentKey.create({ data: { ...key, secretHash: Uint8Array.from(key.secretHash) } });
}

/** A key of an agent whose row is held. */
export async function findKey(
  tx: Transaction,
  agentId: string,
  id: string,
): Promise<KeyFacts | null> {
  return tx.agentKey.findFirst({
    where: { id, agentId },
    select: {
      id: true,
      name: true,
      createdAt: true,
      expiresAt: true,
      revokedAt: true,
      lastUsedAt: true,
    },
  });
}

export async function endKeyAt(tx: Transaction, id: string, expiresAt: Date): Promise<void> {
  await tx.agentKey.update({ where: { id }, data: { expiresAt } });
}

/** Whose keys and leases: one key's, one agent's, or all of a person's in a team. */
export type Whose = InTeam & { keyId?: string; agentId?: string; ownerId?: string };

const whose = ({ teamId, keyId, agentId, ownerId }: Whose, key: Prisma.Sql) => {
  const parts = [Prisma.sql`team_id = ${teamId}::uuid`];
  if (keyId !== undefined) parts.push(Prisma.sql`${key} = ${keyId}::uuid`);
  if (agentId !== undefined) parts.push(Prisma.sql`agent_id = ${agentId}::uuid`);
  if (parts.length === 1 && ownerId === undefined)
    throw new TypeError("keys of nobody in particular");
  return Prisma.join(parts, " and ");
};

/** Revokes what still counts. @returns the keys, and their agents */
export async function revokeKeys(
  tx: Transaction,
  of: Whose,
  now: Date,
): Promise<{ id: string; agentId: string; name: string }[]> {
  const owner =
    of.ownerId === undefined
      ? Prisma.empty
      : Prisma.sql`and k.agent_id in (select id from agents where team_id = ${of.teamId}::uuid
          and owner_id = ${of.ownerId}::uuid)`;
  return tx.$queryRaw`
    with held as (
      select k.id from agent_keys k where ${whose(of, Prisma.sql`k.id`)} and ${isLive(now)} ${owner}
      order by k.id for no key update)
    update agent_keys k set revoked_at = ${now} from held where k.id = held.id
    returning k.id, k.agent_id as "agentId", k.name`;
}

/** Takes back what was approved beforehand: of one agent, maybe on some connections, or of a person's agents. */
export async function revokeStandingOf(
  tx: Transaction,
  of: InTeam & ({ agentId: string; connectionIds?: readonly string[] } | { ownerId: string }),
  now: Date,
): Promise<number> {
  const { teamId } = of;
  const whoseThey =
    "ownerId" in of
      ? { ownerId: of.ownerId }
      : {
          agentId: of.agentId,
          ...(of.connectionIds ? { connectionId: { in: [...of.connectionIds] } } : {}),
        };
  const { count } = await tx.standingApproval.updateMany({
    where: { teamId, ...whoseThey, revokedAt: null },
    data: { revokedAt: now },
  });
  return count;
}

/** Ends leases that are under way. @returns how many */
export async function endLeaseRows(tx: Transaction, of: Whose, now: Date): Promise<number> {
  const owner =
    of.ownerId === undefined ? Prisma.empty : Prisma.sql`and owner_id = ${of.ownerId}::uuid`;
  return tx.$executeRaw`
    with held as (
      select id from leases where ${whose(of, Prisma.sql`key_id`)} and ended_at is null
        and expires_at > ${now} ${owner}
      order by id for no key update)
    update leases l set ended_at = ${now} from held where l.id = held.id`;
}

/** A person's agents in a team, held; those disabled already too. */
export async function lockAgentsOf(
  tx: Transaction,
  of: InTeam & { ownerId: string },
): Promise<AgentRow[]> {
  return tx.$queryRaw<AgentRow[]>`
    select ${columns} from agents a
    where a.team_id = ${of.teamId}::uuid and a.owner_id = ${of.ownerId}::uuid
    order by a.id for no key update`;
}

export const announceAgent = (tx: Transaction, id: string): Promise<void> =>
  announceChange(tx, { kind: "agent", id });

/** Of all teams: for the job that looks after keys nobody uses. A row held by others waits for the next run. */
export async function endUnusedKeyRows(
  tx: Transaction,
  { now, unusedSince, limit }: { now: Date; unusedSince: Date; limit: number },
): Promise<
  {
    id: string;
    teamId: string;
    agentId: string;
    ownerId: string;
    agentName: string;
    name: string;
    lastUsedAt: Date | null;
  }[]
> {
  return tx.$queryRaw`
    with unused as (
      select k.id from agent_keys k
      where ${isLive(now)} and coalesce(k.last_used_at, k.created_at) < ${unusedSince}
      order by k.id limit ${limit} for no key update skip locked)
    update agent_keys k set revoked_at = ${now}
    from unused, agents a where k.id = unused.id and a.id = k.agent_id
    returning k.id, k.team_id as "teamId", k.agent_id as "agentId", a.owner_id as "ownerId",
      a.name as "agentName", k.name, k.last_used_at as "lastUsedAt"`;
}
