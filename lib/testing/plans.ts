import { randomUUID } from "node:crypto";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import type { StudioDeps } from "#lib/deps.ts";
import { openProviderApi } from "#lib/operations/open-provider-api.ts";
import { readyOperation } from "#lib/operations/run-operation.ts";
import { macOfApproval } from "#lib/plans/approval-mac.ts";
import { insertApproval } from "#lib/plans/approval-repository.ts";
import { openDraft } from "#lib/plans/draft.ts";
import { hashOfPlan } from "#lib/plans/plan-content.ts";
import { findPlan, movePlan, proposeDraft } from "#lib/plans/repository.ts";
import type { PlannedOperation } from "#lib/plans/schema.ts";
import type { PreparedStep } from "#lib/providers/operation.ts";
import type { GivenAgent } from "#lib/testing/agents.ts";

const usualSeconds = 3_600;

type Options = {
  operations: readonly PlannedOperation[];
  /** Who proposed it; left out: the owner. */
  agent?: GivenAgent;
  expiresInSeconds?: number;
  /** Changes what was prepared, before it is hashed. */
  adjust?(step: PreparedStep, position: number): PreparedStep;
};

/** A plan of these operations that its owner has approved, prepared at the simulator. @returns its id */
export async function givenApprovedPlan(
  deps: StudioDeps,
  owner: Principal,
  { operations, agent, expiresInSeconds = usualSeconds, adjust = (step) => step }: Options,
): Promise<string> {
  const id = randomUUID();
  const { teamId, userId: ownerId } = owner;
  const createdAt = deps.clock.now();
  const expiresAt = new Date(createdAt.getTime() + expiresInSeconds * 1_000);
  const plan = { id, teamId, ownerId, version: 1, createdAt, expiresAt };
  const draft = await openDraft(deps, plan);
  let position = 0;
  for (const call of operations) {
    const { operation, grant, input } = await readyOperation(deps, owner, call);
    if (operation.effect === "read") throw new Error("a plan writes");
    const api = openProviderApi(deps, owner, grant, { signal: new AbortController().signal });
    const steps = (await operation.prepare(api, input)).map((step) => {
      position += 1;
      return adjust(step, position);
    });
    await draft.add({ operationId: operation.id, grant, input: call.input as never }, steps);
  }
  const { stepHashes, stepCount, connectionIds, ...summed } = await draft.finish();
  const values = {
    agentId: agent?.agentId ?? null,
    keyId: agent?.keyId ?? null,
    proposedById: agent ? null : ownerId,
    title: "Tidy up",
    reason: "Because it is spring.",
    ...summed,
  };
  const hash = hashOfPlan({ ...plan, ...values }, stepHashes);
  await inTransaction(deps.db, async (tx) => {
    await proposeDraft(
      tx,
      { id, teamId },
      {
        ...values,
        hash,
        createdAt,
        expiresAt,
        clientKey: null,
        clientHash: null,
        ...{ stepCount, connectionIds },
      },
    );
    const proposed = await findPlan(tx, { teamId }, id);
    if (!proposed) throw new Error("the plan is not there");
    const approval = {
      ...{ id: randomUUID(), planId: id, version: 1, hash, userId: ownerId },
      part: "owner",
      approvedAt: createdAt,
    } as const;
    const mac = macOfApproval(deps, { ...approval, standingApprovalId: null });
    await insertApproval(tx, { ...approval, mac });
    await movePlan(tx, proposed, {
      state: "approved",
      approvedAt: createdAt,
      updatedAt: createdAt,
    });
  });
  return id;
}
