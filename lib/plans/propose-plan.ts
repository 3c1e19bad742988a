import { InvalidInputError } from "#lib/core/errors.ts";
import type { Json } from "#lib/core/json.ts";
import { lineOf } from "#lib/core/plain-text.ts";
import { openProviderApi } from "#lib/operations/open-provider-api.ts";
import { isRead, type OperationDeps, readyOperation } from "#lib/operations/run-operation.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import type { ApplyDeps } from "#lib/plans/apply-plan.ts";
import { type Draft, openDraft, type PlanToBe } from "#lib/plans/draft.ts";
import { ClientKeyTakenError, PlanNotNeededError } from "#lib/plans/errors.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { operationInPlan } from "#lib/plans/operation-in-plan.ts";
import { canonicalText, hashOfText } from "#lib/plans/plan-content.ts";
import { findPlanByClientKey, isClientKeyConflict } from "#lib/plans/repository.ts";
import type { PlanInput, PlanJson, PlannedOperation } from "#lib/plans/schema.ts";
import { storeProposal } from "#lib/plans/store-proposal.ts";
import type { ProviderApi, WriteOperation } from "#lib/providers/operation.ts";
import { OperationFailedError } from "#lib/providers/operation-errors.ts";

export type ProposeDeps = OperationDeps & ApplyDeps & { studioUrl: string };

export type ProposeOptions = {
  requestId?: string | undefined;
  /** Aborted when nobody waits for the answer any more: nothing is stored then. */
  signal: AbortSignal;
  /** Told after each operation: how many are prepared, of how many. */
  onProgress?: ((done: number, total: number | null) => void) | undefined;
};

/**
 * Prepares operations with the asker's own grants and stores what they would write as one plan; nothing is
 * sent to a provider but reads. All of it becomes visible at once, or nothing: one operation that cannot
 * be done refuses the whole plan and is named. Memory stays as it is, however many steps there are.
 *
 * Asked again under the same `clientKey`, an agent gets the plan that it proposed first.
 *
 * @throws as `readyOperation`; {OperationFailedError} of an operation, with its place in the plan
 * @throws {PlanNotNeededError} an operation only reads
 * @throws {PlanTooLargeError} more than 2,000 steps, 50 MB, or 1 MB of one request
 * @throws {ClientKeyTakenError} something else was proposed under that key
 * @throws {TooManyPlansError} too many wait already
 * @throws {BudgetSpentError} it writes to more people than the agent may today
 */
export async function proposePlan(
  deps: ProposeDeps,
  asker: Asker,
  input: PlanInput,
  options: ProposeOptions,
): Promise<PlanJson> {
  const { operations, clientKey, ...rest } = input;
  return proposeOnce(deps, asker, { clientKey, asked: { ...rest, operations } }, async () => {
    const plan = planToBe(deps, asker, input);
    const draft = await openDraft(deps, plan);
    return keptOrDropped(deps, draft, async () => {
      const titles = await prepareAll(deps, asker, draft, operations, options);
      const summary = await draft.finish();
      return storeProposal(deps, asker, {
        plan,
        draftId: draft.id,
        summary,
        title: input.title ?? titleOf(titles),
        reason: input.reason,
        ...keyOf(clientKey, { ...rest, operations }),
        requestId: options.requestId,
      });
    });
  });
}

/** A new plan of this asker's, before anything of it is known. */
export function planToBe(
  deps: Pick<ProposeDeps, "clock" | "random">,
  asker: Asker,
  { expiresInMinutes }: Pick<PlanInput, "expiresInMinutes">,
): PlanToBe {
  const createdAt = deps.clock.now();
  return {
    id: deps.random.uuid(),
    teamId: asker.teamId,
    ownerId: asker.kind === "agent" ? asker.ownerId : asker.userId,
    version: 1,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + expiresInMinutes * 60_000),
  };
}

/** Gives what a client key stands for already, or what `propose` makes; two at once make one. */
export async function proposeOnce(
  deps: ProposeDeps,
  asker: Asker,
  { clientKey, asked }: { clientKey: string | undefined; asked: unknown },
  propose: () => Promise<string>,
): Promise<PlanJson> {
  const known = await findKnown(deps, asker, clientKey, asked);
  if (known !== null) return getPlan(deps, asker, known);
  try {
    return await getPlan(deps, asker, await propose());
  } catch (error) {
    if (!isClientKeyConflict(error)) throw error;
    const other = await findKnown(deps, asker, clientKey, asked);
    if (other === null) throw error;
    return getPlan(deps, asker, other);
  }
}

async function findKnown(
  deps: ProposeDeps,
  asker: Asker,
  clientKey: string | undefined,
  asked: unknown,
): Promise<string | null> {
  if (clientKey === undefined || asker.kind !== "agent") return null;
  const known = await findPlanByClientKey(deps.db, asker, clientKey);
  if (known === null) return null;
  if (known.clientHash !== clientHashOf(asked)) throw new ClientKeyTakenError();
  return known.id;
}

export const keyOf = (clientKey: string | undefined, asked: unknown) => ({
  clientKey: clientKey ?? null,
  clientHash: clientKey === undefined ? null : clientHashOf(asked),
});

/** What was asked for, all of it. Half characters have no canonical text, and are refused. */
function clientHashOf(asked: unknown): string {
  try {
    return hashOfText(canonicalText(asked));
  } catch {
    throw new InvalidInputError("Something in the input is no valid Unicode.");
  }
}

/** A draft that its work did not bring to an end is dropped. */
export async function keptOrDropped<T>(
  { log }: Pick<ProposeDeps, "log">,
  draft: Draft,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // The sweep finds what is left of it.
    await draft.discard().catch((cause: unknown) => {
      log.warn("a plan's draft was not dropped", { error: cause });
    });
    throw error;
  }
}

/**
 * Prepares one operation after another into a draft.
 *
 * @returns the titles of the first steps
 */
export async function prepareAll(
  deps: ProposeDeps,
  asker: Asker,
  draft: Draft,
  operations: readonly PlannedOperation[],
  { signal, onProgress = () => {} }: ProposeOptions,
): Promise<string[]> {
  const total = operations.length;
  const titles: string[] = [];
  // One door a grant: what an operation read of the org, the next one need not ask again.
  const apis = new Map<string, ProviderApi>();
  // All are looked at before the first one asks a provider anything.
  for (const [index, each] of operations.entries()) {
    await operationInPlan(each, { index, total }, () => readyWrite(deps, asker, each));
  }
  for (const [index, each] of operations.entries()) {
    signal.throwIfAborted();
    await operationInPlan(each, { index, total }, async () => {
      const { operation, grant, input } = await readyWrite(deps, asker, each);
      const api =
        apis.get(grant.id) ??
        openProviderApi(deps, asker, grant, {
          signal,
          onProgress: total === 1 ? onProgress : () => {},
        });
      apis.set(grant.id, api);
      const steps = await operation.prepare(api, input);
      if (steps.length === 0) {
        throw new OperationFailedError("operations.nothing_to_change", "Nothing would change.");
      }
      await draft.add({ operationId: operation.id, grant, input: input as Json }, steps);
      if (titles.length < 2) titles.push(...steps.slice(0, 2).map(({ title }) => title));
    });
    if (total > 1) onProgress(index + 1, total);
  }
  return titles;
}

async function readyWrite(deps: ProposeDeps, asker: Asker, call: PlannedOperation) {
  const ready = await readyOperation(deps, asker, call);
  if (isRead(ready)) throw new PlanNotNeededError(`"${ready.operation.title}"`);
  return { ...ready, operation: ready.operation as WriteOperation };
}

/** What a plan is called that nobody gave a name. */
export const titleOf = ([first = "", second]: readonly string[]): string =>
  lineOf(second === undefined ? first : `${first}, and more`, 200);
