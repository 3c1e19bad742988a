import type { AuditAction } from "#lib/audit/actions.ts";
import { type ChainedEvent, type ChainKey, hashOfEvent, isSameHash } from "#lib/audit/chain.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import { Prisma } from "#prisma/generated/client.ts";

/** What one event says, for who decides by it. */
export type ToldEvent = { action: AuditAction; detail: ChainedEvent["detail"] };

const columns = Prisma.sql`e.id, e.team_id as "teamId", e.sequence, e.at, e.actor_kind as "actorKind",
  e.actor_id as "actorId", e.session_id as "sessionId", e.action, e.target_kind as "targetKind",
  e.target_id as "targetId", e.connection_id as "connectionId", e.on_behalf_of as "onBehalfOf",
  e.result, e.detail, e.request_id as "requestId", e.key_id as "keyId",
  e.previous_hash as "previousHash", e.hash`;

/**
 * What the trail says of one plan, in its order, as far as it is of these actions. The trail is only ever
 * added to, so it still tells what somebody took out of other rows.
 *
 * @returns null where one of them is not as the studio sealed it: nothing may be decided by it
 */
export async function eventsAboutPlan(
  db: DatabaseOrTransaction,
  key: ChainKey,
  { id, teamId }: { id: string; teamId: string },
  actions: readonly AuditAction[],
): Promise<ToldEvent[] | null> {
  const rows = await db.$queryRaw<ChainedEvent[]>`
    select ${columns} from audit_events e
    where e.target_kind = 'plan' and e.target_id = ${id}::uuid and e.team_id = ${teamId}::uuid
      and e.action = any(${[...actions]})
    order by e.sequence`;
  return told(key, rows);
}

/** The same of approvals given beforehand: how often each was used, and that it was taken back. */
export async function eventsAboutStanding(
  db: DatabaseOrTransaction,
  key: ChainKey,
  { teamId, standingApprovalIds }: { teamId: string; standingApprovalIds: readonly string[] },
): Promise<ToldEvent[] | null> {
  const rows = await db.$queryRaw<ChainedEvent[]>`
    select ${columns} from audit_events e
    where e.action in ('standing_approval.used', 'standing_approval.revoked')
      and e.detail ->> 'standingApprovalId' = any(${[...standingApprovalIds]})
      and e.team_id = ${teamId}::uuid
    order by e.sequence`;
  return told(key, rows);
}

function told(key: ChainKey, rows: readonly ChainedEvent[]): ToldEvent[] | null {
  const isSealed = rows.every((event) => isSameHash(hashOfEvent(key, event), event.hash));
  return isSealed
    ? rows.map(({ action, detail }) => ({ action: action as AuditAction, detail }))
    : null;
}
