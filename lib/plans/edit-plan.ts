import { recordEvent } from "#lib/audit/record-event.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { inTransaction } from "#lib/db/client.ts";
import type { Asker } from "#lib/operations/send-request.ts";
import { openDraft, type PlanToBe } from "#lib/plans/draft.ts";
import { PlanChangedError, PlanStateError, PlanTooLargeError } from "#lib/plans/errors.ts";
import { getPlan, planFacts } from "#lib/plans/get-plan.ts";
import { hashOfPlan } from "#lib/plans/plan-content.ts";
import { isWaiting } from "#lib/plans/plan-state.ts";
import {
  keptOrDropped,
  type ProposeDeps,
  type ProposeOptions,
  planToBe,
  prepareAll,
  titleOf,
} from "#lib/plans/propose-plan.ts";
import { lockPlan, type PlanRow, replaceVersion } from "#lib/plans/repository.ts";
import type { PlanEdit, PlanJson } from "#lib/plans/schema.ts";
import {
  eventDetail,
  headerOf,
  onlyConnection,
  proposerOf,
  requireNoFault,
  requireRoomToSend,
} from "#lib/plans/store-proposal.ts";
import { requireMay } from "#lib/policy/role-matrix.ts";
import { lockTeam } from "#lib/team/members-repository.ts";

/** The steps of each stay stored. */
const VERSIONS_MOST = 50;

/**
 * Puts other operations in place of a plan's: a new version under the same id, prepared anew, with its own
 * hash and time. Every approval of the version before counts no more (PLN-3); its steps stay readable. By
 * the person whose grants it uses, or by the agent that proposed it.
 *
 * @throws {NotFoundError} absent, or not theirs to know of
 * @throws {ForbiddenError} not theirs to change
 * @throws {PlanChangedError} it is at another version by now
 * @throws {PlanStateError} it is being applied, or has ended
 * @throws {PlanTooLargeError} it was changed fifty times: the steps of every version stay
 * @throws as `proposePlan`
 */
export async function editPlan(
  deps: ProposeDeps,
  asker: Asker,
  planId: string,
  { version, operations, ...input }: PlanEdit,
  options: ProposeOptions,
): Promise<PlanJson> {
  const { plan: before } = await planFacts(deps.db, asker, planId);
  requireEditable(asker, before, version);
  const plan: PlanToBe = {
    ...planToBe(deps, asker, input),
    id: before.id,
    ownerId: before.ownerId,
    version: version + 1,
  };
  const draft = await openDraft(deps, plan);
  await keptOrDropped(deps, draft, async () => {
    const titles = await prepareAll(deps, asker, draft, operations, options);
    const summary = await draft.finish();
    const proposer = editorOf(asker, before);
    const words = { title: input.title ?? titleOf(titles), reason: input.reason };
    const header = headerOf(proposer, plan, summary, words);
    const { stepHashes, ...sums } = summary;
    const hash = hashOfPlan(header, stepHashes);
    await inTransaction(deps.db, async (tx) => {
      await lockTeam(tx, plan.teamId);
      const now = await lockPlan(tx, plan, planId);
      if (!now) throw new NotFoundError();
      requireEditable(asker, now, version);
      const { expiresAt } = plan;
      const values = { ...proposer, ...words, ...sums, hash, expiresAt };
      const isReplaced = await replaceVersion(tx, now, draft.id, {
        ...values,
        updatedAt: deps.clock.now(),
      });
      if (!isReplaced) throw new PlanChangedError();
      await requireNoFault(tx, deps, plan);
      await requireRoomToSend(tx, deps, header);
      await recordEvent(tx, deps, {
        action: "plan.edited",
        principal: asker,
        target: { kind: "plan", id: planId },
        ...onlyConnection(sums.connectionIds),
        result: "success",
        detail: { ...eventDetail(header, sums, hash), from: now.hash },
        ...(options.requestId ? { requestId: options.requestId } : {}),
      });
    });
  });
  return getPlan(deps, asker, planId);
}

/** The agent that began it goes on to follow it, also where a person changed it. */
const editorOf = (asker: Asker, { agentId, keyId }: PlanRow) =>
  asker.kind === "agent" ? proposerOf(asker) : { ...proposerOf(asker), agentId, keyId };

function requireEditable(asker: Asker, plan: PlanRow, version: number): void {
  if (asker.kind === "user") requireMay(asker, "plan.edit", { ownerId: plan.ownerId });
  if (plan.version !== version) throw new PlanChangedError();
  if (!isWaiting(plan.state)) throw new PlanStateError(plan.state);
  if (plan.version >= VERSIONS_MOST) {
    throw new PlanTooLargeError(`A plan has at most ${VERSIONS_MOST} versions. Propose a new one.`);
  }
}
