import type { CallRow } from "#lib/agents/activity-repository.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import type { Environment } from "#lib/providers/vocabulary.ts";
import { Prisma } from "#prisma/generated/client.ts";

export type LoggedCall = Omit<CallRow, "teamId" | "ownerId" | "agentId" | "keyId"> & {
  id: bigint;
  keyName: string | null;
  connectionName: string | null;
  environment: Environment | null;
};

/** What an agent did, the newest first, before `cursor`. */
export async function pageOfCalls(
  db: DatabaseOrTransaction,
  { teamId, agentId }: Pick<Principal, "teamId"> & { agentId: string },
  { cursor, limit }: { cursor: bigint | null; limit: number },
): Promise<LoggedCall[]> {
  const before = cursor === null ? Prisma.empty : Prisma.sql`and l.id < ${cursor}`;
  return db.$queryRaw<LoggedCall[]>`
    select l.id, l.at, l.door, l.operation, l.effect, l.status, l.code, l.rows, l.bytes, l.repeats,
      l.duration_ms as "durationMs", l.connection_id as "connectionId", k.name as "keyName",
      c.name as "connectionName", c.environment::text as environment
    from agent_calls l
    left join agent_keys k on k.id = l.key_id and k.agent_id = l.agent_id
    left join connections c on c.id = l.connection_id and c.team_id = l.team_id
    where l.agent_id = ${agentId}::uuid and l.team_id = ${teamId}::uuid ${before}
    order by l.id desc limit ${limit}`;
}
