import { toHex } from "#lib/audit/chain.ts";
import {
  type EventScope,
  membersOf,
  type NamedEvent,
  pageOfEvents,
} from "#lib/audit/event-repository.ts";
import type { AuditEventJson, AuditList, AuditQuery } from "#lib/audit/schema.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { mayDo, reachOf } from "#lib/policy/role-matrix.ts";

const MOST_PEOPLE = 200;

/** Owners and admins see all of their team's events, a member those about themselves. */
export const scopeOf = (principal: Principal): EventScope => ({
  teamId: principal.teamId,
  onlyAbout: reachOf(principal, "audit.read") === "any" ? null : principal.userId,
});

/** One page of the team's events, newest first. Events without a team are the operator's alone. */
export async function listEvents(
  deps: { db: Database },
  principal: Principal,
  query: AuditQuery,
): Promise<AuditList> {
  const { cursor, limit, ...filters } = query;
  const rows = await pageOfEvents(deps.db, scopeOf(principal), filters, {
    order: "newest",
    beyond: cursor === undefined ? null : BigInt(cursor),
    limit: limit + 1,
  });
  const items = rows.slice(0, limit).map(toAuditEventJson);
  const last = items.at(-1);
  return { items, nextCursor: rows.length > limit && last ? String(last.sequence) : null };
}

/** People whose events can be asked for: the team's, or oneself. */
export async function listEventPeople(
  deps: { db: Database },
  principal: Principal,
): Promise<{ id: string; name: string }[]> {
  if (!mayDo(principal, "audit.read")) return [];
  return membersOf(deps.db, principal.teamId, MOST_PEOPLE);
}

function toAuditEventJson(event: NamedEvent): AuditEventJson {
  const named = (id: string | null, name: string | null) => (id === null ? null : { id, name });
  return {
    id: event.id,
    sequence: Number(event.sequence),
    at: event.at.toISOString(),
    action: event.action,
    result: event.result,
    actor: named(event.actorId, event.actorName),
    onBehalfOf: named(event.onBehalfOf, event.onBehalfOfName),
    target:
      event.targetKind === null || event.targetId === null
        ? null
        : { kind: event.targetKind, id: event.targetId, name: event.targetName },
    connection: named(event.connectionId, event.connectionName),
    sessionId: event.sessionId,
    detail: event.detail,
    requestId: event.requestId,
    hash: toHex(event.hash),
  };
}
