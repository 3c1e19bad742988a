import { NotFoundError } from "#lib/core/errors.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { sightOf } from "#lib/plans/content-sight.ts";
import { planFacts, type ReadPlanDeps } from "#lib/plans/get-plan.ts";
import { openStep } from "#lib/plans/plan-content.ts";
import type { StepDetailJson } from "#lib/plans/schema.ts";
import { toStepJson } from "#lib/plans/serialize.ts";
import { findStep } from "#lib/plans/step-repository.ts";
import { requireStepsOf } from "#lib/plans/verify-plan.ts";

/**
 * One step of a plan as it stands, with all that is hashed where the asker sees it.
 *
 * @throws {NotFoundError} as `getPlan`, or the plan has no such step
 * @throws {PlanDamagedError} what is stored was changed
 */
export async function getPlanStep(
  deps: ReadPlanDeps,
  asker: Asker,
  planId: string,
  position: number,
): Promise<StepDetailJson> {
  const facts = await planFacts(deps.db, asker, planId);
  const { plan } = facts;
  const step = await findStep(deps.db, plan, position);
  if (!step) throw new NotFoundError();
  const isRemoved = plan.contentsRemovedAt !== null;
  if (!isRemoved) await requireStepsOf(deps.db, plan);
  const opened = isRemoved ? null : openStep(plan, step);
  const connectionIds = [step.connectionId];
  const sees = await sightOf(deps.db, asker, facts, { isEarlier: false, connectionIds });
  const content = opened && sees(opened.target) ? opened : null;
  const contentBytes = Buffer.byteLength(step.content);
  return {
    ...toStepJson({ ...step, contentBytes }, content?.preview ?? null),
    request: content && { ...content.request, host: content.target.host },
    input: content?.input ?? null,
    inputPosition: opened?.inputPosition ?? position,
    isGuarded: opened !== null && opened.observed !== null,
    content: content && step.content,
  };
}
