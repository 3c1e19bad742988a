import { PROXIED_CALL, proxiedCall, type StepOperation } from "#lib/plans/proxied-step.ts";
import { findOperation } from "#lib/providers/operations.ts";

/** What observes, concludes and settles a stored step; null where this release has it no more. */
export function findStepOperation(operationId: string): StepOperation | null {
  if (operationId === PROXIED_CALL) return proxiedCall;
  const operation = findOperation(operationId);
  return operation === null || operation.effect === "read" ? null : operation;
}
