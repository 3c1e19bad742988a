import { inTransaction } from "#lib/db/client.ts";
import { sqlOf } from "#lib/db/sql.ts";
import { findOwnGrant, type Grant } from "#lib/grants/grant-repository.ts";
import { holdOwner } from "#lib/plans/apply-repository.ts";
import { leadsThere } from "#lib/plans/execute-checks.ts";
import { retryAfterOf } from "#lib/plans/execute-failure.ts";
import {
  apiOf,
  type ExecuteDeps,
  type OpenedStep,
  type StepEnd,
  type Work,
  writeStep,
} from "#lib/plans/execute-work.ts";
import { storedStepOf } from "#lib/plans/plan-content.ts";
import type { Outcome } from "#lib/providers/operation.ts";

const unknown: Outcome = {
  kind: "unknown",
  summary:
    "The answer to this step never came, and reading back does not tell whether it happened. Look at the provider, then say so here.",
};

/**
 * Finds out what became of a step that may have been sent and whose answer never came (PLN-5): by reading
 * back, never by sending it again. That it happened is believed at once; that it did not only when the
 * provider had time to end what it may still be working on. What cannot be told is left to a person.
 *
 * @param sinceMs - when the answer was given up, on the stopwatch; null: another process began the step
 */
export async function settleStep(
  deps: ExecuteDeps,
  work: Work,
  step: OpenedStep,
  { sinceMs }: { sinceMs: number | null },
): Promise<StepEnd> {
  const { quietMs, mostLooks, betweenMs } = work.looks;
  const quietAtMs = (sinceMs ?? deps.stopwatch.monotonicMs()) + quietMs;
  let outcome: Outcome = unknown;
  for (let look = 1; look <= mostLooks; ) {
    if (work.isStopping()) return "left";
    const isQuiet = deps.stopwatch.monotonicMs() >= quietAtMs;
    const seen = await readBack(deps, work, step);
    if (seen === "unreadable") break;
    if (seen !== "again") {
      outcome = seen;
      if (outcome.kind === "applied" || isQuiet) break;
    } else {
      look += 1;
    }
    const leftMs = quietAtMs - deps.stopwatch.monotonicMs();
    await work.pause(seen === "again" ? betweenMs : Math.max(1, leftMs));
  }
  return writeStep(deps, work, step, "sending", {
    state: outcome.kind,
    summary: outcome.summary,
    code: outcome.kind === "failed" ? outcome.code : null,
    output: outcome.kind === "unknown" ? {} : outcome.output,
    settledBy: outcome.kind === "unknown" ? null : "read-back",
    requestId: null,
  });
}

/** One look; "again" where the provider could not be asked now, "unreadable" where it cannot be. */
async function readBack(
  deps: ExecuteDeps,
  work: Work,
  { content, operation }: OpenedStep,
): Promise<Outcome | "again" | "unreadable"> {
  try {
    const grant = await readableGrant(deps, work, content);
    if (grant === null) return "unreadable";
    return await operation.settle(apiOf(deps, work, grant), storedStepOf(content));
  } catch (error) {
    deps.log.warn("a step was not settled yet", { planId: work.taken.id, error });
    return retryAfterOf(error) === null && !isOfDatabase(error) ? "unreadable" : "again";
  }
}

/** Failures of ours without a word for others: most often the database's, which comes back. */
const isOfDatabase = (error: unknown): boolean =>
  typeof (error as { userMessage?: unknown } | null)?.userMessage !== "string";

/** The owner's, while they are here and it leads to where the step was sent. Only reads go by it. */
async function readableGrant(
  deps: ExecuteDeps,
  { taken }: Work,
  content: OpenedStep["content"],
): Promise<Grant | null> {
  const { teamId, ownerId } = taken.plan;
  return inTransaction(deps.db, async (tx) => {
    if ((await holdOwner(sqlOf(tx), taken.plan)) !== "live") return null;
    const { connectionId } = content.target;
    const grant = await findOwnGrant(tx, { teamId, userId: ownerId }, connectionId);
    return grant?.state === "active" && leadsThere(grant, content) ? grant : null;
  });
}
