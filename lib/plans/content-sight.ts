import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { isSameTarget, targetOf } from "#lib/plans/plan-content.ts";
import type { PlanTarget } from "#lib/plans/schema.ts";
import { type PlanFacts, showsContent } from "#lib/plans/serialize.ts";

/** Whether somebody sees what a step of one version writes, by where it leads. */
export type Sight = (target: PlanTarget) => boolean;

/**
 * Of which steps the asker sees the contents, by the rights that they have now (TEN-2, TEN-4). An agent:
 * while it has the connection. People: of the plan as it stands, whoever may see it; of a version before,
 * which is nobody's record of what was done, its owner while they are signed in there as whom it was
 * prepared, and a second person where the plan still leads.
 *
 * @param of.connectionIds - of the steps that are asked about
 */
export async function sightOf(
  db: DatabaseOrTransaction,
  asker: Asker,
  facts: PlanFacts,
  { isEarlier, connectionIds }: { isEarlier: boolean; connectionIds: Iterable<string> },
): Promise<Sight> {
  const { plan } = facts;
  if (plan.contentsRemovedAt !== null || !showsContent(asker, facts)) return () => false;
  if (asker.kind === "agent") return ({ connectionId }) => asker.connections.has(connectionId);
  if (!isEarlier) return () => true;
  if (asker.userId !== plan.ownerId) {
    return (target) => plan.targets.some((now) => isSameTarget(now, target));
  }
  const grants = new Map<string, Grant | null>();
  for (const connectionId of new Set(connectionIds)) {
    grants.set(connectionId, await findOwnGrant(db, asker, connectionId));
  }
  return (target) => {
    const grant = grants.get(target.connectionId) ?? null;
    if (grant === null || grant.state === "disconnected") return false;
    return isSameTarget(targetOf(grant), target);
  };
}
