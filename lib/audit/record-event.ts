import type { AuditAction } from "#lib/audit/actions.ts";
import type { EventContent } from "#lib/audit/chain.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { AgentPrincipal, Principal } from "#lib/core/principal.ts";
import { collectUntilCommit, type Transaction } from "#lib/db/client.ts";

type DetailValue = string | number | boolean | null | readonly string[];

export type AuditEntry = {
  action: AuditAction;
  /** Who did it; `null` before anybody is known (a refused sign-in, the set-up) and for ourselves. */
  principal:
    | (Pick<Principal, "userId" | "teamId"> & { sessionId: string | null; kind?: "user" })
    | Pick<AgentPrincipal, "kind" | "agentId" | "keyId" | "ownerId" | "teamId">
    | null;
  teamId?: string;
  target?: { kind: string; id: string };
  connectionId?: string;
  /** Whose grant it was about, where that is not the actor. */
  onBehalfOf?: string;
  result: "success" | "refused" | "failed" | "intent";
  /**
   * Ids, codes, counts, names of things. Never a secret, never the content of a record (AUD-5), never
   * a person's name or address: who it was stands in the ids (AUD-7).
   */
  detail?: Readonly<Record<string, DetailValue>>;
  requestId?: string;
};

/**
 * Records one event in the caller's transaction. It is chained and written just before the commit
 * (`appendEvents`): if that fails, the change it tells of does not happen either (AUD-1, AUD-2).
 *
 * @throws {Error} `tx` is not a running transaction of `inTransaction`
 */
export async function recordEvent(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  entry: AuditEntry,
): Promise<void> {
  collectUntilCommit(tx, eventOf(deps, entry));
}

/**
 * An entry as an event without its place, for `appendEvents`. An agent acts for its owner: the event
 * names both, and the key in its detail (AUD-5).
 */
export function eventOf(deps: { clock: Clock; random: Random }, entry: AuditEntry): EventContent {
  const { principal } = entry;
  const isAgent = principal?.kind === "agent";
  const detail = isAgent ? { ...entry.detail, keyId: principal.keyId } : entry.detail;
  return {
    id: deps.random.uuid(),
    teamId: entry.teamId ?? principal?.teamId ?? null,
    at: deps.clock.now(),
    actorKind: isAgent ? "agent" : principal ? "user" : "nobody",
    actorId: (isAgent ? principal.agentId : principal?.userId) ?? null,
    sessionId: (isAgent ? null : principal?.sessionId) ?? null,
    action: entry.action,
    targetKind: entry.target?.kind ?? null,
    targetId: entry.target?.id ?? null,
    connectionId: entry.connectionId ?? null,
    onBehalfOf: entry.onBehalfOf ?? (isAgent ? principal.ownerId : null),
    result: entry.result,
    // As it will be read again: absent members are gone, numbers are JSON's.
    detail: detail === undefined ? {} : asRead(detail),
    requestId: entry.requestId ?? null,
  };
}

function asRead(detail: Readonly<Record<string, DetailValue | undefined>>) {
  const read: Record<string, DetailValue> = {};
  for (const name in detail) {
    const value = detail[name];
    if (value === undefined) continue;
    const isAsItIs = typeof value === "string" || typeof value === "boolean";
    read[name] = isAsItIs ? value : JSON.parse(JSON.stringify(value));
  }
  return read;
}
