import type { Clock } from "#lib/core/clock.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import { lastApprovedVersion } from "#lib/plans/approval-repository.ts";
import { planFacts } from "#lib/plans/get-plan.ts";
import {
  canonicalText,
  hashOfText,
  openEarlierStep,
  openStep,
  type StepContent,
} from "#lib/plans/plan-content.ts";
import type { PlanRow } from "#lib/plans/repository.ts";
import type { PlanChangesJson } from "#lib/plans/schema.ts";
import { listSteps } from "#lib/plans/step-repository.ts";
import { requireStepsOf } from "#lib/plans/verify-plan.ts";
import { type StepMark, versionChanges } from "#lib/plans/version-changes.ts";

/** Steps that are held at once. */
const BATCH = 20;

/**
 * What became of an earlier version's steps in the plan as it stands: for whoever looked at that one. Two
 * steps are the same where the same request goes to the same place and the same is shown of it. Says which
 * steps, and nothing of what they write.
 *
 * @param since - left out: the version that this person approved last, or the one before
 * @throws {NotFoundError} as `getPlan`, there is no such version, or its contents were removed
 * @throws {PlanDamagedError} what is stored was changed
 */
export async function listPlanChanges(
  deps: { db: DatabaseOrTransaction; clock: Clock },
  principal: Principal,
  planId: string,
  { since: asked }: { since?: number | undefined },
): Promise<PlanChangesJson> {
  const { plan } = await planFacts(deps.db, principal, planId);
  if (plan.contentsRemovedAt !== null) throw new NotFoundError();
  const approved = await lastApprovedVersion(deps.db, plan, principal);
  const since = asked ?? approved ?? Math.max(1, plan.version - 1);
  if (since > plan.version) throw new NotFoundError();
  await requireStepsOf(deps.db, plan);
  const before = await marksOf(deps.db, { ...plan, version: since }, since < plan.version);
  const after = await marksOf(deps.db, plan, false);
  const { changed, removed, isReordered } = versionChanges(before, after);
  return {
    version: plan.version,
    since,
    isApproved: since === approved,
    changed,
    removed: removed.map(({ position, connectionId, title, effect }) => ({
      ...{ position, connectionId, title, effect },
    })),
    isReordered,
  };
}

type Marked = StepMark & Pick<StepContent, "title" | "effect"> & { connectionId: string };

async function marksOf(
  db: DatabaseOrTransaction,
  plan: PlanRow,
  isEarlier: boolean,
): Promise<Marked[]> {
  const marks: Marked[] = [];
  for (let after = 0; ; ) {
    const steps = await listSteps(db, plan, { after, limit: BATCH });
    const open = isEarlier ? openEarlierStep : openStep;
    for (const step of steps) marks.push(markOf(open(plan, step)));
    const last = steps.at(-1);
    if (!last || steps.length < BATCH) return marks;
    after = last.position;
  }
}

function markOf(content: StepContent): Marked {
  const { position, target, operationId, effect, title, request, preview } = content;
  const { records, recipients } = content;
  const { connectionId } = target;
  const { method, path, query } = request;
  const kind = canonicalText([connectionId, operationId]);
  return {
    position,
    connectionId,
    title,
    effect,
    kind,
    place: hashOfText(canonicalText([kind, method, path, query])),
    content: hashOfText(
      canonicalText({
        ...{ target, operationId, effect, title, request, preview, records, recipients },
      }),
    ),
  };
}
