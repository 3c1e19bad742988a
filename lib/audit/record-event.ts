import type { AuditAction } from "#lib/audit/actions.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Transaction } from "#lib/db/client.ts";

type DetailValue = string | number | boolean | null | readonly string[];

export type AuditEntry = {
  action: AuditAction;
  /** Who did it; `null` before anybody is known (a refused sign-in, the set-up). */
  principal: (Pick<Principal, "userId" | "teamId"> & { sessionId: string | null }) | null;
  teamId?: string;
  target?: { kind: string; id: string };
  connectionId?: string;
  /** Whose grant it was about, where that is not the actor. */
  onBehalfOf?: string;
  result: "success" | "refused" | "failed" | "intent";
  /** Names, codes and counts. Never a secret, never the content of a record (AUD-5). */
  detail?: Readonly<Record<string, DetailValue>>;
  requestId?: string;
};

/**
 * Writes one event in the caller's transaction: if it cannot be written, the change it tells of does
 * not happen either (AUD-1, AUD-2).
 */
export async function recordEvent(
  tx: Transaction,
  deps: { clock: Clock; random: Random },
  entry: AuditEntry,
): Promise<void> {
  const { principal } = entry;
  await tx.auditEvent.create({
    data: {
      id: deps.random.uuid(),
      teamId: entry.teamId ?? principal?.teamId ?? null,
      at: deps.clock.now(),
      actorKind: principal ? "user" : "nobody",
      actorId: principal?.userId ?? null,
      sessionId: principal?.sessionId ?? null,
      action: entry.action,
      targetKind: entry.target?.kind ?? null,
      targetId: entry.target?.id ?? null,
      connectionId: entry.connectionId ?? null,
      onBehalfOf: entry.onBehalfOf ?? null,
      result: entry.result,
      detail: { ...(entry.detail ?? {}) },
      requestId: entry.requestId ?? null,
    },
  });
}
