import { afterEach } from "vitest";
import type { Principal } from "#lib/core/principal.ts";
import { isRead, readyOperation, runRead } from "#lib/operations/run-operation.ts";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { createPlanExecutor } from "#lib/plans/execute-plan.ts";
import { givenApprovedPlan } from "#lib/testing/plans.ts";
import type { TestStudio } from "#lib/testing/studio.ts";

/** As long as the simulator needs, where a provider is given minutes. */
const shortLooks = { quietMs: 300, mostLooks: 3, betweenMs: 50 };

/** A person's own org or business unit. */
export type Place = { owner: Principal; connectionId: string };

/**
 * Reads at a place of the simulator, and applies plans there, as their owner. What a test breaks is whole
 * again after it.
 */
export function applyAt({ deps, given, simulator, connect }: TestStudio) {
  deps.planExecutor = createPlanExecutor(deps, { looks: shortLooks });
  afterEach(() => {
    simulator.faults.clear();
    simulator.log.clear();
  });
  return {
    async place(definition: object, username: string): Promise<Place> {
      const owner = await given.person();
      const connectionId = await given.connection(owner, definition);
      await connect(owner, connectionId, username);
      return { owner, connectionId };
    },
    // biome-ignore lint/suspicious/noExplicitAny: any operation's answer, read by tests
    async read({ owner, connectionId }: Place, operationId: string, input: object): Promise<any> {
      const ready = await readyOperation(deps, owner, { operationId, connectionId, input });
      if (!isRead(ready)) throw new Error("no read");
      const { signal } = new AbortController();
      return (await runRead(deps, owner, ready, { signal })).output;
    },
    /** An approved plan of one operation. @returns its id */
    planned: ({ owner, connectionId }: Place, operationId: string, input: object) =>
      givenApprovedPlan(deps, owner, {
        operations: [{ operationId, connectionId, input: input as never }],
      }),
    /** @returns its only step, once nothing more is done about the plan */
    async applied({ owner }: Place, planId: string) {
      await applyPlan(deps, owner, planId);
      await deps.planExecutor.run(planId);
      return deps.db.planStep.findFirstOrThrow({ where: { planId } });
    },
  };
}
