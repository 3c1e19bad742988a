import { expect, test } from "vitest";
import { verifyTrail } from "#lib/audit/verify-trail.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import { rejectPlan } from "#lib/plans/approve-plan.ts";
import { editPlan } from "#lib/plans/edit-plan.ts";
import { exportPlan } from "#lib/plans/export-plan.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { getPlanStep } from "#lib/plans/get-plan-step.ts";
import { listPlanChanges } from "#lib/plans/list-plan-changes.ts";
import { listPlanSteps } from "#lib/plans/list-plan-steps.ts";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { removePlanContents } from "#lib/plans/remove-contents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, database } = studio;
const daySeconds = 24 * 60 * 60;
const { signal } = new AbortController();
const expiresInMinutes = 60;

const operations = (connectionId: string, Status: string) => [
  {
    operationId: "marketing-cloud.rows.upsert",
    connectionId,
    input: { key: "Orders", rows: [{ OrderId: "O000001", Status }] },
  },
];

/** A plan of two versions that its owner rejected; every text in it can be looked for. */
async function rejected() {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const first = { operations: operations(connectionId, "canary-first"), expiresInMinutes };
  const { id } = await proposePlan(deps, owner, { ...first, reason: "canary-why" }, { signal });
  const next = { operations: operations(connectionId, "canary-next"), expiresInMinutes };
  const edit = { ...next, reason: "canary-why", version: 1 };
  const { hash } = await editPlan(deps, owner, id, edit, { signal });
  await rejectPlan(deps, owner, id, { reason: "canary-words" });
  return { owner, id, hash };
}
const dump = async () => {
  const tables = ["plans", "plan_steps", "plan_approvals", "audit_events"];
  const texts = tables.map((table) =>
    database.pool.query(`select coalesce(string_agg(t::text, ''), '') as text from ${table} t`),
  );
  return (await Promise.all(texts)).map(({ rows }) => rows[0].text).join("");
};
const removals = (id: string) =>
  deps.db.auditEvent.count({ where: { targetId: id, action: "plan.contents_removed" } });

test("[OPS-6] ninety days after its end nothing of what a plan would have written is stored, of no version", async () => {
  const { id, hash, owner } = await rejected();
  expect(await dump()).toContain("canary-first");
  deps.clock.advanceSeconds(90 * daySeconds);
  await removePlanContents(deps);
  expect(await removals(id)).toBe(0);
  deps.clock.advanceSeconds(1);
  await removePlanContents(deps);
  expect(await dump()).not.toContain("canary");
  // What was decided about which hash stays, and is told once.
  const kept = { state: "rejected", hash, version: 2, stepCount: 1, title: expect.any(String) };
  expect(await getPlan(deps, owner, id)).toMatchObject(kept);
  await removePlanContents(deps);
  expect(await removals(id)).toBe(1);
  const { chains } = await verifyTrail(deps, { chainIds: [owner.teamId] });
  expect(chains[0]?.firstBad).toBeNull();
});

test("[OPS-6] a plan without its contents says since when, on its page, of its steps and in its export", async () => {
  const { id, owner } = await rejected();
  deps.clock.advanceSeconds(91 * daySeconds);
  await removePlanContents(deps);
  const contentsRemovedAt = deps.clock.now().toISOString();
  const shown = await getPlan(deps, owner, id);
  expect(shown).toMatchObject({ contentsRemovedAt, showsContent: false, reason: "" });
  for (const query of [{ limit: 50 }, { limit: 50, version: 1 }]) {
    const { items } = await listPlanSteps(deps, owner, id, query);
    expect(items).toMatchObject([{ position: 1, state: expect.any(String), preview: null }]);
  }
  const step = await getPlanStep(deps, owner, id, 1);
  expect(step).toMatchObject({ preview: null, request: null, input: null, content: null });
  await expect(listPlanChanges(deps, owner, id, { since: 1 })).rejects.toThrow(NotFoundError);
  const lines = [];
  for await (const piece of await exportPlan(deps, owner, id)) lines.push(piece);
  const [plan, exported] = lines
    .join("")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(plan).toMatchObject({ id, contentsRemovedAt });
  expect(exported).toMatchObject({ hash: step.hash, content: null });
});

test("[OPS-6] how long is the operator's choice, and what is open or may still go on keeps its contents", async () => {
  const settings = { planContentsDays: 2 };
  const { id, owner } = await rejected();
  const { id: other } = await rejected();
  await deps.db.plan.update({
    where: { id: other },
    data: {
      ...{ state: "stopped", endReason: "budget_spent" },
      expiresAt: new Date(deps.clock.now().getTime() + 7 * daySeconds * 1_000),
    },
  });
  deps.clock.advanceSeconds(3 * daySeconds);
  await removePlanContents({ ...deps, settings });
  expect((await getPlan(deps, owner, id)).contentsRemovedAt).not.toBeNull();
  expect(await removals(other)).toBe(0);
  deps.clock.advanceSeconds(5 * daySeconds);
  await removePlanContents({ ...deps, settings });
  expect(await removals(other)).toBe(1);
});
