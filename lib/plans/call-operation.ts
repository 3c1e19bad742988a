import {
  isRead,
  type OperationDeps,
  readyOperation,
  runRead,
} from "#lib/operations/run-operation.ts";
import type { OperationCallInput } from "#lib/operations/schema.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";

export type CallOptions = {
  requestId: string;
  signal: AbortSignal;
  onProgress?: (done: number, total: number | null) => void;
};

/** What came of it: a read's answer. */
export type Called = { kind: "result"; result: unknown; rows: number };

/**
 * Does one operation for whoever asks: a read now, with their own grant; a write becomes a plan that a person
 * approves, and nothing is sent.
 *
 * @throws as `readyOperation` and `runRead`
 */
export async function callOperation(
  deps: OperationDeps,
  asker: Asker,
  { operationId, connectionId, input }: OperationCallInput & { operationId: string },
  { signal, onProgress }: CallOptions,
): Promise<Called> {
  const ready = await readyOperation(deps, asker, { operationId, connectionId, input });
  if (!isRead(ready)) {
    throw new OperationFailedError("operations.refused_by_provider", "Writes need a plan.");
  }
  const options = onProgress ? { signal, onProgress } : { signal };
  const { output, rows } = await runRead(deps, asker, ready, options);
  return { kind: "result", result: output, rows };
}
