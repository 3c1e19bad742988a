import { type FieldIssue, isStudioError, type Remedy, StudioError } from "#lib/core/errors.ts";
import type { PlannedOperation } from "#lib/plans/schema.ts";

/** One operation of several could not be planned; with its own code and remedy, and its place. */
class OperationInPlanError extends StudioError {
  readonly code: string;
  readonly status: number;
  readonly userMessage: string;
  readonly remedy: Remedy;
  readonly issues: readonly FieldIssue[];
  constructor(
    cause: StudioError & { issues?: readonly FieldIssue[] },
    { operationId }: PlannedOperation,
    { index, total }: { index: number; total: number },
  ) {
    super(`operation ${index + 1} of ${total}: ${cause.message}`, { cause });
    this.code = cause.code;
    this.status = cause.status;
    this.remedy = cause.remedy;
    const id = operationId.replaceAll(/[^a-z0-9_.-]/gi, "").slice(0, 100);
    this.userMessage = `Operation ${index + 1} of ${total} (${id}): ${cause.userMessage} Nothing of the plan was stored.`;
    this.issues = (cause.issues ?? []).map(({ path, message }) => ({
      path: `operations.${index}.input${path === "" ? "" : `.${path}`}`,
      message,
    }));
  }
}

/** Runs what one operation of a plan needs; a failure names it, where there are several. */
export async function operationInPlan<T>(
  operation: PlannedOperation,
  place: { index: number; total: number },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (place.total === 1 || !isStudioError(error)) throw error;
    throw new OperationInPlanError(error, operation, place);
  }
}
