import { type NotedCallDeps, notedCall } from "#lib/agents/noted-call.ts";
import { isRead, readyOperation, runRead } from "#lib/operations/run-operation.ts";
import type { OperationCallInput } from "#lib/operations/schema.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { type WhileUsableDeps, whileUsable } from "#lib/operations/while-usable.ts";
import { EXPIRY_MINUTES } from "#lib/plans/plan-states.ts";
import { type ProposeDeps, proposePlan } from "#lib/plans/propose-plan.ts";
import type { PlanJson } from "#lib/plans/schema.ts";
import { findOperation } from "#lib/providers/operations.ts";

export type CallOperationDeps = ProposeDeps & NotedCallDeps & WhileUsableDeps;
export type CallOptions = {
  /** Through which an agent came. */
  door?: "operation" | "tool";
  requestId: string;
  signal: AbortSignal;
  onProgress?: (done: number, total: number | null) => void;
  /** Why, where it becomes a plan; a stranger's text for whoever approves it. */
  reason?: string;
};

/** What came of it: a read's answer, or the plan that a write became. */
export type Called =
  | { kind: "result"; result: unknown; rows: number }
  /** What its preview shows of records counts as read. */
  | { kind: "plan"; plan: PlanJson; rows: number };

/**
 * Does one operation for whoever asks: a read now, with their own grant; a write becomes a plan that a person
 * approves, and nothing is sent. An agent's call counts against its budgets, stands in its log, and ends when
 * the connection is taken back.
 *
 * @throws as `readyOperation`, `runRead` and `proposePlan`; {BudgetSpentError}
 */
export async function callOperation(
  deps: CallOperationDeps,
  asker: Asker,
  call: OperationCallInput & { operationId: string },
  options: CallOptions,
): Promise<Called> {
  if (asker.kind === "user") return doOperation(deps, asker, call, options);
  const { connectionId } = call;
  const work = () =>
    whileUsable(deps, asker, { connectionId, signal: options.signal }, (signal) =>
      doOperation(deps, asker, call, { ...options, signal }),
    );
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
  deps: ProposeDeps,
  asker: Asker,
  call: OperationCallInput & { operationId: string },
  { requestId, signal, onProgress, reason = "" }: CallOptions,
): Promise<Called> {
  const ready = await readyOperation(deps, asker, call);
  const options = onProgress ? { signal, onProgress } : { signal };
  if (!isRead(ready)) {
    const proposal = { reason, operations: [call], expiresInMinutes: EXPIRY_MINUTES.usual };
    const plan = await proposePlan(deps, asker, proposal, { ...options, requestId });
    return { kind: "plan", plan, rows: plan.records };
  }
  const { output, rows } = await runRead(deps, asker, ready, options);
  return { kind: "result", result: output, rows };
}
