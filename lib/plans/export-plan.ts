import { recordEvent } from "#lib/audit/record-event.ts";
import type { Clock } from "#lib/core/clock.ts";
import { ForbiddenError } from "#lib/core/errors.ts";
import type { Random } from "#lib/core/ids.ts";
import type { Principal } from "#lib/core/principal.ts";
import { type Database, inTransaction } from "#lib/db/client.ts";
import { planFacts } from "#lib/plans/get-plan.ts";
import type { PlanRow } from "#lib/plans/repository.ts";
import { showsContent, toPlanJson, toStepJson } from "#lib/plans/serialize.ts";
import { listSteps } from "#lib/plans/step-repository.ts";
import { unreadyTargets } from "#lib/plans/unready-targets.ts";

const BATCH = 20;

/**
 * A plan with all that was hashed and what came of each step, as lines of JSON: the plan first, then its
 * steps with their canonical text, so that anybody can hash them again; null where the contents were removed
 * since. Recorded before the first byte.
 *
 * @returns a few steps a piece; the next are read when they are asked for
 * @throws {NotFoundError} absent, or not theirs to know of
 * @throws {ForbiddenError} they see that it is there, not what it writes
 */
export async function exportPlan(
  deps: { db: Database; clock: Clock; random: Random; studioUrl: string },
  principal: Principal,
  planId: string,
  requestId?: string,
): Promise<AsyncGenerator<string>> {
  const facts = await inTransaction(deps.db, async (tx) => {
    const found = await planFacts(tx, principal, planId);
    if (!showsContent(principal, found)) {
      throw new ForbiddenError(
        "Only the person whose sign-ins it uses exports what a plan writes.",
      );
    }
    const { plan } = found;
    await recordEvent(tx, deps, {
      action: "plan.exported",
      principal,
      target: { kind: "plan", id: planId },
      ...(plan.ownerId === principal.userId ? {} : { onBehalfOf: plan.ownerId }),
      result: "success",
      detail: { hash: plan.hash, version: plan.version, steps: plan.stepCount },
      ...(requestId ? { requestId } : {}),
    });
    return found;
  });
  const { studioUrl } = deps;
  const unready = await unreadyTargets(deps.db, facts.plan);
  const first = toPlanJson(principal, facts, { now: deps.clock.now(), studioUrl, unready });
  return linesOf(deps.db, facts.plan, JSON.stringify(first));
}

async function* linesOf(db: Database, plan: PlanRow, first: string): AsyncGenerator<string> {
  yield `${first}\n`;
  for (let after = 0; ; ) {
    const steps = await listSteps(db, plan, { after, limit: BATCH });
    const lines = steps.map(({ content, ...step }) => {
      const contentBytes = Buffer.byteLength(content);
      const { preview: _, ...facts } = toStepJson({ ...step, contentBytes }, null);
      const kept = plan.contentsRemovedAt === null ? content : null;
      return `${JSON.stringify({ ...facts, content: kept })}\n`;
    });
    if (lines.length > 0) yield lines.join("");
    const last = steps.at(-1);
    if (!last || steps.length < BATCH) return;
    after = last.position;
  }
}
