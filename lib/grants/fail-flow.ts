import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type DatabaseOrTransaction, inTransaction } from "#lib/db/client.ts";
import { type Flow, moveFlow } from "#lib/grants/flow-repository.ts";
import type { ReasonCode } from "#lib/providers/reason-codes.ts";

export type FlowFailure = { reason: ReasonCode; providerCode?: string | null };

const maxProviderCodeLength = 80;

/**
 * Ends a flow that exchanges with its reason, and writes it; one that moved on meanwhile stays as it is.
 *
 * @returns whether this ended it
 */
export async function failFlow(
  deps: { db: DatabaseOrTransaction; clock: Clock; random: Random },
  principal: Principal | null,
  flow: Pick<Flow, "id" | "connectionId" | "teamId">,
  failure: FlowFailure,
): Promise<boolean> {
  const providerCode = plainCode(failure.providerCode ?? null);
  return inTransaction(deps.db, async (tx) => {
    const outcome = { status: "failed", reason: failure.reason, providerCode } as const;
    if (!(await moveFlow(tx, flow.id, "exchanging", outcome, deps.clock.now()))) return false;
    await recordEvent(tx, deps, {
      action: "flow.failed",
      principal,
      teamId: flow.teamId,
      target: { kind: "flow", id: flow.id },
      connectionId: flow.connectionId,
      result: "failed",
      detail: { reason: failure.reason, providerCode },
    });
    return true;
  });
}

/** A stranger's code, cut to plain characters before it is kept (OA-7). */
function plainCode(code: string | null): string | null {
  const plain = code?.replace(/[^A-Za-z0-9 _.-]/g, "").slice(0, maxProviderCodeLength);
  return plain || null;
}
