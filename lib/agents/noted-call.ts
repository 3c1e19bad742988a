import type { AgentActivity, NotedCall } from "#lib/agents/agent-activity.ts";
import type { Clock } from "#lib/core/clock.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";

export type NotedCallDeps = { agentActivity: AgentActivity; clock: Clock };

/**
 * Does what an agent asked for within its budgets (BRK-9), and tells its log of it, whatever comes.
 *
 * @param work - gives back how many rows it read; none counts as 0
 * @throws {BudgetSpentError} before anything was done
 */
export async function notedCall<T extends { rows?: number }>(
  deps: NotedCallDeps,
  agent: AgentPrincipal,
  call: Pick<NotedCall, "door" | "operation" | "effect" | "connectionId">,
  work: () => Promise<T>,
): Promise<T> {
  const beganMs = deps.clock.monotonicMs();
  const note = (code: string | null, rows: number) =>
    deps.agentActivity.note(agent, {
      ...call,
      ...{ status: null, code, rows },
      durationMs: deps.clock.monotonicMs() - beganMs,
    });
  try {
    await deps.agentActivity.admit(agent);
    const done = await work();
    note(null, done.rows ?? 0);
    return done;
  } catch (error) {
    note(codeOf(error), 0);
    throw error;
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "server_error";
