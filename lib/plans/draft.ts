import type { Random } from "#lib/core/ids.ts";
import type { Json, JsonObject } from "#lib/core/json.ts";
import { lineOf } from "#lib/core/plain-text.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { Database } from "#lib/db/client.ts";
import { type HotPool, sqlOfPool } from "#lib/db/hot-pool.ts";
import type { Grant } from "#lib/grants/grant-repository.ts";
import { limitOfPlans } from "#lib/limits/limit-table.ts";
import type { Limits } from "#lib/limits/limits.ts";
import { requireSendable } from "#lib/operations/send-request.ts";
import { PlansTooLargeTodayError, PlanTooLargeError } from "#lib/plans/errors.ts";
import { canonicalText, contentOfStep, hostOfDoor, targetOf } from "#lib/plans/plan-content.ts";
import {
  OBSERVED_BYTES_MOST,
  PLAN_BYTES_MOST,
  REQUEST_BYTES_MOST,
  STEPS_MOST,
} from "#lib/plans/plan-states.ts";
import { deleteDraft, insertDraft } from "#lib/plans/repository.ts";
import { insertSteps, type NewStep } from "#lib/plans/step-repository.ts";
import { createSummary, type PlanSummary } from "#lib/plans/summary.ts";
import type { PreparedStep, ProviderRequest } from "#lib/providers/operation.ts";
import { OperationFailedError, OperationRefusedError } from "#lib/providers/operation-errors.ts";
import { previewSchema } from "#lib/providers/preview.ts";

/** Steps are written when so many, or so many bytes of them, have gathered. */
const BATCH_STEPS = 64;
const BATCH_BYTES = 2 * 1024 * 1024;

export type DraftDeps = { db: Database; hotPool: HotPool; random: Random; limits: Limits };

/** The plan that a draft's steps are for: a new one, or another version of one. */
export type PlanToBe = Pick<Principal, "teamId"> & {
  id: string;
  ownerId: string;
  version: number;
  createdAt: Date;
  expiresAt: Date;
};

export type PreparedOperation = { operationId: string; grant: Grant; input: Json };

/**
 * Holds a plan's steps while they are prepared: written a few at a time, so that memory stays as it is
 * however many there are, under a row that nobody sees.
 */
export type Draft = {
  readonly id: string;
  /**
   * Takes the steps of one operation, in the order in which they will be sent.
   *
   * @throws {PlanTooLargeError} the plan, or one of its requests, is more than can be looked at
   * @throws {PlansTooLargeTodayError} its owner has put forward as much as is kept in a day
   * @throws {OperationRefusedError} no approval could let it pass
   */
  add(operation: PreparedOperation, steps: readonly PreparedStep[]): Promise<void>;
  /** Writes what is left. @returns all that the plan's own row and hash are made of */
  finish(): Promise<PlanSummary>;
  /** Drops everything. */
  discard(): Promise<void>;
};

export async function openDraft(deps: DraftDeps, plan: PlanToBe): Promise<Draft> {
  // A new plan's draft becomes it; another version's is only where its steps wait.
  const id = plan.version === 1 ? plan.id : deps.random.uuid();
  const { teamId, ownerId, createdAt, expiresAt } = plan;
  await insertDraft(deps.db, { id, teamId, ownerId, createdAt, expiresAt });
  const summary = createSummary();
  const writer = stepWriter(deps, ownerId);

  return {
    id,
    async add({ operationId, grant, input }, steps) {
      const target = targetOf(grant);
      const first = summary.count() + 1;
      for (const prepared of steps) {
        const position = summary.count() + 1;
        if (position > STEPS_MOST) {
          throw new PlanTooLargeError(`A plan has at most ${STEPS_MOST} steps. Split it.`);
        }
        const step = checkedStep(grant, prepared);
        const { content, hash } = contentOfStep(
          {
            plan,
            position,
            target: { ...target, host: requireHost(grant, step.request) },
            operationId,
            input: position === first ? input : null,
            inputPosition: first,
          },
          step,
        );
        const { title, effect, records, recipients } = step;
        summary.add(target, { effect, records, recipients, warnings: step.preview.warnings }, hash);
        await writer.write({
          planId: id,
          version: plan.version,
          position,
          connectionId: target.connectionId,
          ...{ operationId, title, effect, records, recipients, content, hash },
        });
      }
    },
    async finish() {
      await writer.flush();
      return summary.all();
    },
    discard: () => deleteDraft(deps.db, plan, id),
  };
}

/** Writes a plan's steps a few at a time, as far as the plan and its owner's day have room for them. */
function stepWriter(deps: Pick<DraftDeps, "hotPool" | "limits">, ownerId: string) {
  let batch: NewStep[] = [];
  let batchBytes = 0;
  let bytes = 0;

  async function flush(): Promise<void> {
    const steps = batch;
    if (steps.length === 0) return;
    const room = deps.limits.take([limitOfPlans(ownerId, batchBytes)]);
    if (!room.allowed) throw new PlansTooLargeTodayError(room.retryAfterSeconds);
    batch = [];
    batchBytes = 0;
    await insertSteps(sqlOfPool(deps.hotPool), steps);
  }

  return {
    flush,
    async write(step: NewStep): Promise<void> {
      const size = Buffer.byteLength(step.content);
      bytes += size;
      if (bytes > PLAN_BYTES_MOST) {
        throw new PlanTooLargeError("This plan is larger than 50 MB. Split it.");
      }
      batch.push(step);
      batchBytes += size;
      if (batch.length >= BATCH_STEPS || batchBytes >= BATCH_BYTES) await flush();
    },
  };
}

/** What an operation prepared, held against what a step may be; a fault of ours if it is not. */
function checkedStep(grant: Grant, prepared: PreparedStep): PreparedStep {
  const { request } = prepared;
  if (request.body !== null && Buffer.byteLength(request.body) > REQUEST_BYTES_MOST) {
    throw new PlanTooLargeError("One step's request is larger than 1 MB. Split it.");
  }
  requireSendable(grant, request, { isApproved: true });
  const preview = previewSchema.safeParse(prepared.preview);
  if (!preview.success) {
    throw new OperationRefusedError("a step's preview is none", { cause: preview.error });
  }
  const step = {
    ...prepared,
    title: lineOf(prepared.title),
    preview: preview.data,
  };
  if (
    ![step.records, step.recipients].every((count) => Number.isSafeInteger(count) && count >= 0)
  ) {
    throw new OperationRefusedError("a step's counts are none");
  }
  const observed = textOrRefuse(step.observed);
  if (Buffer.byteLength(observed) > OBSERVED_BYTES_MOST) {
    throw new OperationRefusedError("a step was prepared on more than 64 kB");
  }
  textOrRefuse(step as unknown as JsonObject);
  return step;
}

/** What has no canonical text cannot be hashed: half characters, for one. */
function textOrRefuse(value: Json): string {
  try {
    return canonicalText(value);
  } catch (cause) {
    throw new OperationFailedError(
      "operations.bad_query",
      "It holds text that is no valid Unicode, so it could not be shown and sent as the same.",
      { cause },
    );
  }
}

function requireHost(grant: Grant, { door }: ProviderRequest): string {
  const host = hostOfDoor(grant, door);
  if (host === null) throw new OperationRefusedError(`no host behind ${door}`);
  return host;
}
