import type { AgentDeps } from "#lib/agents/create-agent.ts";
import { announceAgent } from "#lib/agents/repository.ts";
import { requireAgent } from "#lib/agents/require-agent.ts";
import { recordEvent } from "#lib/audit/record-event.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import { announcePlan } from "#lib/plans/repository.ts";
import {
  lockStanding,
  lockWaitingPlansOf,
  revokeStandingRow,
  takeApprovalBack,
} from "#lib/plans/standing-approval-repository.ts";

/**
 * Takes back what was approved beforehand, now: it covers nothing more, and plans that it approved and of
 * which nothing was sent yet wait for a person again. What is being applied stops before its next step.
 * Revoking what is over already changes nothing.
 *
 * @throws {NotFoundError} no such approval of such an agent, for somebody who may see it (TEN-2)
 * @throws {ForbiddenError | SecondFactorRequiredError} as for ending the agent
 */
export async function revokeStandingApproval(
  deps: AgentDeps,
  principal: Principal,
  { agentId, approvalId }: { agentId: string; approvalId: string },
  requestId?: string,
): Promise<void> {
  await inTransaction(deps.db, async (tx) => {
    const agent = await requireAgent(tx, principal, agentId, "agent.end");
    const of = { teamId: principal.teamId, agentId };
    // Plans first, as whoever edits one takes them; then nobody covers anything by it any more.
    await lockWaitingPlansOf(tx, principal, approvalId);
    const standing = await lockStanding(tx, of, approvalId);
    if (!standing) throw new NotFoundError();
    if (standing.revokedAt !== null) return;
    const now = deps.clock.now();
    const plans = await lockWaitingPlansOf(tx, principal, approvalId);
    await revokeStandingRow(tx, approvalId, now);
    for (const plan of plans) {
      await takeApprovalBack(tx, principal, plan, now);
      await announcePlan(tx, plan.id);
    }
    await recordEvent(tx, deps, {
      action: "standing_approval.revoked",
      principal,
      target: { kind: "agent", id: agentId },
      connectionId: standing.connectionId,
      ...(agent.ownerId === principal.userId ? {} : { onBehalfOf: agent.ownerId }),
      result: "success",
      detail: {
        name: agent.name,
        operation: standing.operationId,
        standingApprovalId: approvalId,
        usesLeft: standing.usesLeft,
        plans: plans.map(({ id }) => id),
      },
      ...(requestId ? { requestId } : {}),
    });
    await announceAgent(tx, agentId);
  });
}
