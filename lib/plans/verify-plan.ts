import type { DatabaseOrTransaction } from "#lib/db/client.ts";
import { PlanDamagedError } from "#lib/plans/errors.ts";
import { canonicalText, hashOfPlan, openStep, type StepContent } from "#lib/plans/plan-content.ts";
import type { PlanRow } from "#lib/plans/repository.ts";
import { listSteps, stepHashesOf } from "#lib/plans/step-repository.ts";
import { createSummary } from "#lib/plans/summary.ts";

/** Steps that are held at once. */
const BATCH = 20;

/**
 * Hashes a plan anew, from the bytes of each stored step, and holds against it all that the plan's row says
 * (PLN-2): what was shown, what is approved and what would be sent are the same, or nothing goes on.
 *
 * @throws {PlanDamagedError} a step's bytes, their number or order, or the row itself is not what was hashed
 */
export async function verifyStored(db: DatabaseOrTransaction, plan: PlanRow): Promise<void> {
  const summary = createSummary();
  for await (const { content, hash } of openSteps(db, plan)) {
    if (content.position !== summary.count() + 1) throw new PlanDamagedError("a step is missing");
    const { host: _, ...target } = content.target;
    const { warnings } = content.preview;
    summary.add(target, { ...content, warnings }, hash);
    const shown = plan.targets.find(({ connectionId }) => connectionId === target.connectionId);
    if (canonicalText(shown ?? null) !== canonicalText(target)) {
      throw new PlanDamagedError("a step's target is not the plan's");
    }
  }
  const found = summary.all();
  const ofSteps = ({ stepCount, connectionIds }: Pick<PlanRow, "stepCount" | "connectionIds">) =>
    canonicalText({ stepCount, connectionIds });
  if (ofSteps(plan) !== ofSteps(found))
    throw new PlanDamagedError("the row disagrees with its steps");
  const { targets, risks, warnings, records, recipients, stepHashes } = found;
  const hash = hashOfPlan({ ...plan, targets, risks, warnings, records, recipients }, stepHashes);
  if (hash !== plan.hash || hashOfPlan(plan, stepHashes) !== plan.hash) {
    throw new PlanDamagedError("the plan's hash is another");
  }
}

/**
 * Holds the hashes of a plan's steps against the plan's own, which an approval will name: what is shown
 * of steps is what the hash beside them is over (PLN-2).
 *
 * @throws {PlanDamagedError}
 */
export async function requireStepsOf(db: DatabaseOrTransaction, plan: PlanRow): Promise<void> {
  const hash = hashOfPlan(plan, await stepHashesOf(db, plan));
  if (hash !== plan.hash) throw new PlanDamagedError("the steps are not the plan's");
}

/** The steps of a plan's version, opened one after another; a few are held at a time. */
async function* openSteps(
  db: DatabaseOrTransaction,
  plan: PlanRow,
): AsyncGenerator<{ content: StepContent; hash: string }> {
  for (let after = 0; ; ) {
    const steps = await listSteps(db, plan, { after, limit: BATCH });
    for (const step of steps) yield { content: openStep(plan, step), hash: step.hash };
    const last = steps.at(-1);
    if (!last || steps.length < BATCH) return;
    after = last.position;
  }
}
