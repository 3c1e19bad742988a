import { NotFoundError } from "#lib/core/errors.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { sightOf } from "#lib/plans/content-sight.ts";
import { planFacts, type ReadPlanDeps } from "#lib/plans/get-plan.ts";
import { openEarlierStep, openStep } from "#lib/plans/plan-content.ts";
import type { StepList, StepQuery } from "#lib/plans/schema.ts";
import { toStepJson } from "#lib/plans/serialize.ts";
import { contentsOf, listStepFacts, type StepFacts } from "#lib/plans/step-repository.ts";
import { requireStepsOf } from "#lib/plans/verify-plan.ts";

/** A preview up to this size comes with its step in a list, as long as the list has room. */
const PREVIEW_BYTES = 64 * 1024;
const PAGE_BYTES = 1024 * 1024;

/**
 * One page of the steps of a plan's version, with the previews that fit and that the asker sees.
 *
 * @throws {NotFoundError} as `getPlan`
 * @throws {PlanDamagedError} what is stored was changed
 */
export async function listPlanSteps(
  deps: ReadPlanDeps,
  asker: Asker,
  planId: string,
  query: StepQuery,
): Promise<StepList> {
  const facts = await planFacts(deps.db, asker, planId);
  const plan = { ...facts.plan, version: query.version ?? facts.plan.version };
  if (plan.version > facts.plan.version) throw new NotFoundError();
  const isEarlier = plan.version < facts.plan.version;
  const isRemoved = plan.contentsRemovedAt !== null;
  // What a version before was hashed with is not stored any more.
  if (!isEarlier && !isRemoved) await requireStepsOf(deps.db, plan);
  const found = await listStepFacts(deps.db, plan, {
    after: query.cursor ?? 0,
    limit: query.limit + 1,
    state: query.state,
  });
  const steps = found.slice(0, query.limit);
  const connectionIds = steps.map(({ connectionId }) => connectionId);
  const sees = await sightOf(deps.db, asker, facts, { isEarlier, connectionIds });
  const contents = await contentsOf(deps.db, plan, isRemoved ? [] : fitting(steps));
  const open = isEarlier ? openEarlierStep : openStep;
  const items = steps.map((step) => {
    const content = contents.get(step.position);
    const opened = content === undefined ? null : open(plan, { ...step, content });
    return toStepJson(step, opened && sees(opened.target) ? opened.preview : null);
  });
  const last = steps.at(-1);
  return { items, nextCursor: found.length > query.limit && last ? String(last.position) : null };
}

/** The positions of those whose previews a list has room for. */
function fitting(steps: readonly StepFacts[]): number[] {
  let room = PAGE_BYTES;
  return steps
    .filter(({ contentBytes }) => {
      const fits = contentBytes <= PREVIEW_BYTES && contentBytes <= room;
      if (fits) room -= contentBytes;
      return fits;
    })
    .map(({ position }) => position);
}
