import { randomUUID } from "node:crypto";
import type { Principal } from "#lib/core/principal.ts";
import { inTransaction } from "#lib/db/client.ts";
import type { StudioDeps } from "#lib/deps.ts";
import { openProviderApi } from "#lib/operations/open-provider-api.ts";
import { readyOperation } from "#lib/operations/run-operation.ts";
import { contentOfStep, hashOfPlan, hostOfDoor, targetOf } from "#lib/plans/plan-content.ts";
import { risksOf } from "#lib/plans/plan-state.ts";
import {
  findPlan,
  insertApproval,
  insertDraft,
  insertSteps,
  movePlan,
  type NewStep,
  proposeDraft,
} from "#lib/plans/repository.ts";
import type { PlannedOperation, PlanTarget } from "#lib/plans/schema.ts";
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
  const plan = { id, teamId, ownerId, version: 1, expiresAt };
  await insertDraft(deps.db, { id, teamId, ownerId, createdAt, expiresAt });
  const facts: Pick<NewStep, "effect" | "records" | "recipients" | "hash">[] = [];
  const targets = new Map<string, PlanTarget>();
  for (const call of operations) {
    const { operation, grant, input } = await readyOperation(deps, owner, call);
    if (operation.effect === "read") throw new Error("a plan writes");
    const api = openProviderApi(deps, owner, grant, { signal: new AbortController().signal });
    const target = targetOf(grant);
    targets.set(call.connectionId, target);
    const inputPosition = facts.length + 1;
    for (const prepared of await operation.prepare(api, input)) {
      const position = facts.length + 1;
      const step = adjust(prepared, position);
      const { title, effect, records, recipients } = step;
      const { content, hash } = contentOfStep(
        {
          plan,
          position,
          target: { ...target, host: hostOfDoor(grant, step.request.door) ?? "" },
          operationId: operation.id,
          input: position === inputPosition ? (call.input as never) : null,
          inputPosition,
        },
        step,
      );
      const { connectionId, operationId } = call;
      const at = { planId: id, version: 1, position, connectionId, operationId };
      await insertSteps(deps.db, [{ ...at, title, effect, records, recipients, content, hash }]);
      facts.push({ effect, records, recipients, hash });
    }
  }
  const values = {
    agentId: agent?.agentId ?? null,
    keyId: agent?.keyId ?? null,
    proposedById: agent ? null : ownerId,
    title: "Tidy up",
    reason: "Because it is spring.",
    targets: [...targets.values()],
    risks: risksOf(facts, targets.values()),
    warnings: [],
    records: facts.reduce((sum, { records }) => sum + records, 0),
    recipients: facts.reduce((sum, { recipients }) => sum + recipients, 0),
  };
  const hash = hashOfPlan(
    { ...plan, ...values },
    facts.map((fact) => fact.hash),
  );
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
        stepCount: facts.length,
        connectionIds: [...targets.keys()],
      },
    );
    const proposed = await findPlan(tx, { teamId }, id);
    if (!proposed) throw new Error("the plan is not there");
    const approval = { id: randomUUID(), planId: id, version: 1, hash, userId: ownerId };
    await insertApproval(tx, { ...approval, part: "owner", approvedAt: createdAt });
    await movePlan(tx, proposed, {
      state: "approved",
      approvedAt: createdAt,
      updatedAt: createdAt,
    });
  });
  return id;
}
