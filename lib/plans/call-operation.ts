import { type NotedCallDeps, notedCall } from "#lib/agents/noted-call.ts";
import {
  isRead,
  type OperationDeps,
  readyOperation,
  runRead,
} from "#lib/operations/run-operation.ts";
import type { OperationCallInput } from "#lib/operations/schema.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";
import { findOperation } from "#lib/providers/operations.ts";

export type CallOperationDeps = OperationDeps & NotedCallDeps;
export type CallOptions = {
  /** Through which an agent came. */
  door?: "operation" | "tool";
  requestId: string;
  signal: AbortSignal;
  onProgress?: (done: number, total: number | null) => void;
};

/** What came of it: a read's answer. */
export type Called = { kind: "result"; result: unknown; rows: number };

/**
 * Does one operation for whoever asks: a read now, with their own grant; a write becomes a plan that a person
 * approves, and nothing is sent. An agent's call counts against its budgets and stands in its log.
 *
 * @throws as `readyOperation` and `runRead`; {BudgetSpentError}
 */
export async function callOperation(
  deps: CallOperationDeps,
  asker: Asker,
  call: OperationCallInput & { operationId: string },
  options: CallOptions,
): Promise<Called> {
  const work = () => doOperation(deps, asker, call, options);
  if (asker.kind === "user") return work();
  // What is asked for may be anything; only a name of the registry goes into a log.
  const operation = findOperation(call.operationId);
  return notedCall(
    deps,
    asker,
    {
      door: options.door ?? "operation",
      operation: operation?.id ?? "unknown",
      effect: operation?.effect ?? "read",
      connectionId: asker.connections.has(call.connectionId) ? call.connectionId : null,
    },
    work,
  );
}

async function doOperation(
  deps: OperationDeps,
  asker: Asker,
  call: OperationCallInput & { operationId: string },
  { signal, onProgress }: CallOptions,
): Promise<Called> {
  const ready = await readyOperation(deps, asker, call);
  if (!isRead(ready)) {
    throw new OperationFailedError("operations.refused_by_provider", "Writes need a plan.");
  }
  const options = onProgress ? { signal, onProgress } : { signal };
  const { output, rows } = await runRead(deps, asker, ready, options);
  return { kind: "result", result: output, rows };
}
