import { recordEvent } from "#lib/audit/record-event.ts";
import type { JsonObject } from "#lib/core/json.ts";
import { inTransaction, type Transaction } from "#lib/db/client.ts";
import { isEgressError } from "#lib/egress/errors.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { sendRequest } from "#lib/operations/send-request.ts";
import { doerOf, judgeStep, recallVerdict, type Verdict } from "#lib/plans/execute-checks.ts";
import { codeOf, retryAfterOf, wordsOf } from "#lib/plans/execute-failure.ts";
import { operationOfStep } from "#lib/plans/execute-operation.ts";
import { settleStep } from "#lib/plans/execute-settle.ts";
import {
  announceSoon,
  apiOf,
  type ExecuteDeps,
  neverAborted,
  notSetBack,
  type OpenedStep,
  type StepEnd,
  stopAs,
  type Work,
  writeStep,
} from "#lib/plans/execute-work.ts";
import { stopPlan } from "#lib/plans/execute-writes.ts";
import { isWithinDay } from "#lib/plans/plan-budget.ts";
import { canonicalText, openStep, storedStepOf } from "#lib/plans/plan-content.ts";
import { findStep, moveStep, type StepRow } from "#lib/plans/step-repository.ts";
import type { ProviderResponse } from "#lib/providers/operation.ts";

/**
 * A process that was held up for longer between its intent and its call sends nothing: by then others may
 * take it for dead, and settle what it has not sent yet (PLN-4).
 */
const sendWithinMs = 2_000;
const mostTries = 6;

/**
 * Carries out one step: looked at anew, intent written, sent once, and what came of it written, each in this
 * order (AUD-2, PLN-4). One that was begun before by a process that is gone is only settled (PLN-5).
 *
 * @throws {Error} the database did not take the intent: nothing was sent
 */
export async function carryOutStep(
  deps: ExecuteDeps,
  work: Work,
  position: number,
): Promise<StepEnd> {
  for (let tries = 1; ; tries += 1) {
    if (work.isStopping()) return "left";
    const row = await findStep(deps.db, work.taken.plan, position);
    const step = row && open(deps, work, row);
    if (!step) return stopAs(deps, work, "damaged");
    switch (row.state) {
      case "sending":
        return settleStep(deps, work, step, { sinceMs: null });
      case "pending":
        // Whoever set it back would have it sent twice (PLN-4).
        if (work.taken.sent.has(position)) return stopAs(deps, work, "damaged");
        break;
      case "unknown":
        return stopAs(deps, work, "step_unknown");
      default:
        return "next";
    }
    const tried = await tryStep(deps, work, step);
    if (typeof tried === "string") return tried;
    if (tries === mostTries) return failUnsent(deps, work, step, tried.error);
    const waitMs = Math.min(work.longestWaitMs, Math.max(1, tried.afterSeconds) * 1_000);
    const end = await waitTurn(deps, work, step, waitMs);
    if (end !== null) return end;
  }
}

/** Until the step may be tried again; what is taken back meanwhile is heard at once (PLN-7). */
async function waitTurn(
  deps: ExecuteDeps,
  work: Work,
  step: OpenedStep,
  waitMs: number,
): Promise<StepEnd | null> {
  const untilMs = deps.stopwatch.monotonicMs() + waitMs;
  for (let leftMs = waitMs; leftMs > 0; leftMs = untilMs - deps.stopwatch.monotonicMs()) {
    await work.pause(leftMs);
    if (work.isStopping()) return "left";
    const verdict = await judged(deps, work, step, null);
    if (verdict.kind !== "go") return endOf(verdict);
  }
  return null;
}

/** Nothing was sent, and it may be tried again. */
type Again = { afterSeconds: number; error: unknown };

async function tryStep(deps: ExecuteDeps, work: Work, step: OpenedStep): Promise<StepEnd | Again> {
  const drift = await lookForDrift(deps, work, step);
  if (drift !== null) return drift;
  if (!(await isCounted(deps, work, step))) return stopAs(deps, work, "budget_spent");
  // Before the intent can be seen by anybody.
  const begunAtMs = deps.stopwatch.monotonicMs();
  const startedAt = deps.clock.now();
  const begun = { ...step, row: { ...step.row, startedAt } };
  const verdict = await judged(deps, work, step, (tx) => begin(deps, tx, work, begun));
  if (verdict.kind !== "go") return endOf(verdict);
  return send(deps, work, begun, verdict.grant, begunAtMs);
}

/** Counted in its agent's day, once however often it is tried (BRK-9); false where the day is spent. */
async function isCounted(
  deps: ExecuteDeps,
  work: Work,
  { row: { position }, content: { recipients } }: OpenedStep,
): Promise<boolean> {
  const { agentId } = work.taken.plan;
  if (agentId === null || work.countedPosition === position) return true;
  if (!(await isWithinDay(deps, agentId, { calls: 1, sends: recipients }))) return false;
  work.countedPosition = position;
  return true;
}

/**
 * Reads again what the step was prepared on (PLN-10). Drifted: nothing is sent, and the plan is stopped.
 *
 * @returns null where it is as it was shown
 */
async function lookForDrift(
  deps: ExecuteDeps,
  work: Work,
  step: OpenedStep,
): Promise<StepEnd | Again | null> {
  const { content, operation } = step;
  if (content.observed === null) return null;
  const verdict = await judged(deps, work, step, null);
  if (verdict.kind !== "go") return endOf(verdict);
  try {
    const now = await operation.observe(apiOf(deps, work, verdict.grant), storedStepOf(content));
    if (canonicalText(now) === canonicalText(content.observed)) return null;
  } catch (error) {
    const afterSeconds = retryAfterOf(error);
    if (afterSeconds !== null) return { afterSeconds, error };
    if (codeOf(error) !== "operations.not_found") return failUnsent(deps, work, step, error);
  }
  return writeStep(deps, work, step, "pending", {
    state: "drifted",
    summary: "What this step was prepared on has changed since. Nothing was sent.",
    code: "plans.drifted",
    output: {},
    settledBy: null,
    requestId: null,
  });
}

/** Judges the step, and does with it what the verdict asks for, in one transaction. @param go - null: only look */
async function judged(
  deps: ExecuteDeps,
  work: Work,
  step: OpenedStep,
  go: ((tx: Transaction) => Promise<void>) | null,
): Promise<Verdict> {
  const of = { content: step.content, hash: step.row.hash };
  const known = go === null ? await recallVerdict(deps, work, of) : null;
  if (known?.kind === "go") return known;
  return notSetBack(() =>
    inTransaction(deps.db, async (tx) => {
      const verdict = await judgeStep(deps, tx, work, of);
      if (verdict.kind === "go") await go?.(tx);
      if (verdict.kind === "stop") await stopPlan(deps, tx, verdict.plan, verdict.reason);
      return verdict;
    }),
  );
}

const endOf = (verdict: Exclude<Verdict, { kind: "go" }>): StepEnd =>
  verdict.kind === "lost" ? "lost" : "over";

/** The intent (AUD-2): its commit stands before the first byte leaves, or none does. */
async function begin(
  deps: ExecuteDeps,
  tx: Transaction,
  work: Work,
  { row, content }: OpenedStep,
): Promise<void> {
  const to = { state: "sending", startedAt: row.startedAt ?? deps.clock.now() } as const;
  if (!(await moveStep(tx, row, to))) throw new Error("a step moved although its plan was held");
  await recordEvent(tx, deps, {
    action: "plan.step_begun",
    principal: doerOf(work.taken.plan),
    target: { kind: "plan", id: row.planId },
    connectionId: row.connectionId,
    result: "intent",
    detail: { step: row.position, operation: content.operationId, hash: row.hash },
  });
  await announceSoon(deps, tx, work);
}

async function send(
  deps: ExecuteDeps,
  work: Work,
  step: OpenedStep,
  grant: Grant,
  begunAtMs: number,
): Promise<StepEnd | Again> {
  const { content, operation } = step;
  let hasLeft = false;
  let response: ProviderResponse;
  try {
    response = await sendRequest(deps, doerOf(work.taken.plan), grant, content.request, {
      signal: neverAborted,
      isApproved: true,
      isStillWanted() {
        const isInTime = deps.stopwatch.monotonicMs() - begunAtMs <= sendWithinMs;
        if (isInTime) hasLeft = true;
        return isInTime;
      },
    });
  } catch (error) {
    if (mayHaveArrived(error, hasLeft)) return settleNow(deps, work, step, error);
    return takeBack(deps, work, step, error);
  }
  if (response.status === tooManyRequests) {
    const told = Number(response.headers["retry-after"]);
    const afterSeconds = Number.isFinite(told) && told > 0 ? told : busySeconds;
    const error = { code: "operations.provider_busy", remedy: { do: "retry", afterSeconds } };
    return takeBack(deps, work, step, error);
  }
  const api = apiOf(deps, work, grant);
  const outcome = await operation
    .conclude(api, storedStepOf(content), response)
    .catch((error: unknown) => {
      deps.log.warn("a step's answer was not understood", { planId: work.taken.id, error });
      return null;
    });
  if (outcome === null || outcome.kind === "unknown") return settleNow(deps, work, step, null);
  return writeStep(deps, work, step, "sending", {
    state: outcome.kind,
    summary: outcome.summary,
    code: outcome.kind === "failed" ? outcome.code : null,
    output: outcome.output,
    settledBy: "answer",
    requestId: requestIdOf(response, outcome.output),
    status: response.status,
  });
}

const tooManyRequests = 429;
const busySeconds = 5;

/**
 * Whether the provider may have seen the write. What the studio itself refuses before it sends, and what
 * keeps a token from being had, is known not to; nor what never left. A second try follows only upon an
 * answer that refused the first one.
 */
function mayHaveArrived(error: unknown, hasLeft: boolean): boolean {
  if (isEgressError(error)) return error.sentBytes;
  return hasLeft && !codeOf(error).startsWith("grants.");
}

function settleNow(
  deps: ExecuteDeps,
  work: Work,
  step: OpenedStep,
  error: unknown,
): Promise<StepEnd> {
  if (error !== null) {
    const { position } = step.row;
    deps.log.warn("a step's answer did not come", { planId: work.taken.id, step: position, error });
  }
  return settleStep(deps, work, step, { sinceMs: deps.stopwatch.monotonicMs() });
}

/** Nothing was sent: the step is as if it had not been begun, and the trail says so. */
async function takeBack(
  deps: ExecuteDeps,
  work: Work,
  step: OpenedStep,
  error: unknown,
): Promise<StepEnd | Again> {
  const afterSeconds = retryAfterOf(error);
  if (afterSeconds === null) return failUnsent(deps, work, step, error, "sending");
  const end = await writeStep(deps, work, step, "sending", {
    state: "pending",
    summary: "",
    code: codeOf(error),
    output: {},
    settledBy: null,
    requestId: null,
  });
  return end === "next" ? { afterSeconds, error } : end;
}

const failUnsent = (
  deps: ExecuteDeps,
  work: Work,
  step: OpenedStep,
  error: unknown,
  from: "pending" | "sending" = "pending",
): Promise<StepEnd> =>
  writeStep(deps, work, step, from, {
    state: "failed",
    summary: `Nothing was sent. ${wordsOf(error)}`,
    code: codeOf(error),
    output: {},
    settledBy: null,
    requestId: null,
  });

/** @returns null where the bytes are not the step's, or no operation of ours makes such steps */
function open({ log }: ExecuteDeps, { taken }: Work, row: StepRow): OpenedStep | null {
  try {
    const content = openStep(taken.plan, row);
    const operation = operationOfStep(content);
    return operation && { row, content, operation };
  } catch (error) {
    log.error("a step is not what was stored", { planId: row.planId, step: row.position, error });
    return null;
  }
}

const requestIdHeaders = ["x-request-id", "x-sfdc-request-id", "x-mashery-message-id"];
const plainId = /[^A-Za-z0-9_.:-]/g;

/** The provider's own name of a request, for whoever has to ask there. */
function requestIdOf({ headers }: ProviderResponse, output: JsonObject): string | null {
  const told = requestIdHeaders.map((name) => headers[name]).find((value) => value !== undefined);
  const id = told ?? (typeof output.requestId === "string" ? output.requestId : "");
  return id.replaceAll(plainId, "").slice(0, 80) || null;
}
