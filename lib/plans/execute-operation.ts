import type { StepContent } from "#lib/plans/plan-content.ts";
import { PROXIED_CALL, proxiedCall, type StepOperation } from "#lib/plans/proxied-step.ts";
import { findOperation } from "#lib/providers/operations.ts";

/** What made a step, and knows what its answer means; null where no operation of ours did. */
export function operationOfStep({ operationId, target }: StepContent): StepOperation | null {
  if (operationId === PROXIED_CALL) return proxiedCall;
  const operation = findOperation(operationId);
  if (operation === null || operation.effect === "read") return null;
  return operation.provider === target.provider ? operation : null;
}
