import { afterEach, describe, expect, test } from "vitest";
import { NotFoundError } from "#lib/core/errors.ts";
import { inTransaction } from "#lib/db/client.ts";
import { endGrantRow, findOwnGrant } from "#lib/grants/grant-repository.ts";
import { approvePlan, rejectPlan } from "#lib/plans/approve-plan.ts";
import { editPlan } from "#lib/plans/edit-plan.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { listPlanChanges } from "#lib/plans/list-plan-changes.ts";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { agentPlanInputSchema, type PlannedOperation } from "#lib/plans/schema.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { agentPrincipalOf } from "#lib/testing/plan-askers.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const signal = new AbortController().signal;

afterEach(() => {
  simulator.faults.clear();
  simulator.log.clear();
});

async function givenOwner() {
  const owner = await given.person({ secondFactor: true });
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const made = await givenAgent(deps, owner, { connections: [connectionId] });
  const agent = agentPrincipalOf(owner, made, { connectionIds: [connectionId] });
  const order = (id: string, status: string): PlannedOperation => ({
    ...{ operationId: "marketing-cloud.rows.upsert", connectionId },
    input: { key: "Orders", rows: [{ OrderId: id, Status: status }] },
  });
  const propose = (operations: PlannedOperation[]) =>
    proposePlan(deps, agent, agentPlanInputSchema.parse({ title: "Orders", operations }), {
      signal,
    });
  const edit = (id: string, version: number, operations: PlannedOperation[]) =>
    editPlan(
      deps,
      agent,
      id,
      { title: "Orders", reason: "", operations, version, expiresInMinutes: 90 },
      { signal },
    );
  return { owner, agent, connectionId, order, propose, edit };
}

describe("what an edit changed", () => {
  test("[PLN-3] is told step by step: what is new, what took whose place, and what is gone", async () => {
    const { owner, connectionId, order, propose, edit } = await givenOwner();
    const drop: PlannedOperation = {
      operationId: "marketing-cloud.rows.delete",
      connectionId,
      input: { key: "Orders", rows: [{ OrderId: "O000001" }] },
    };
    const first = await propose([order("V1", "placed"), order("V2", "placed"), drop]);
    await edit(first.id, 1, [order("V1", "placed"), order("V2", "sent"), order("V3", "placed")]);
    const changes = await listPlanChanges(deps, owner, first.id, {});
    expect(changes).toMatchObject({
      ...{ version: 2, since: 1, isApproved: false, isReordered: false },
      changed: [
        { position: 2, was: 2 },
        { position: 3, was: null },
      ],
      removed: [{ position: 3, connectionId, effect: "destructive" }],
    });
  });

  test("is told since the version that this person approved, over versions between", async () => {
    const { owner, order, propose, edit } = await givenOwner();
    const first = await propose([order("V4", "placed"), order("V5", "placed")]);
    await approvePlan(deps, owner, first.id, {
      hash: first.hash,
      typedNames: Object.fromEntries(
        first.asks.typedNames.map(({ connectionId, name }) => [connectionId, name]),
      ),
      apply: false,
    });
    await edit(first.id, 1, [order("V4", "sent"), order("V5", "placed")]);
    await edit(first.id, 2, [order("V4", "sent"), order("V5", "sent")]);
    expect(await listPlanChanges(deps, owner, first.id, {})).toMatchObject({
      ...{ version: 3, since: 1, isApproved: true },
      changed: [
        { position: 1, was: 1 },
        { position: 2, was: 2 },
      ],
    });
    expect(await listPlanChanges(deps, owner, first.id, { since: 2 })).toMatchObject({
      ...{ since: 2, isApproved: false },
      changed: [{ position: 2, was: 2 }],
    });
  });

  test("is nothing where nobody edited, and a version that is not there yet is none", async () => {
    const { owner, order, propose } = await givenOwner();
    const { id } = await propose([order("V6", "placed")]);
    const none = { version: 1, since: 1, changed: [], removed: [], isReordered: false };
    expect(await listPlanChanges(deps, owner, id, {})).toMatchObject(none);
    await expect(listPlanChanges(deps, owner, id, { since: 2 })).rejects.toThrow(NotFoundError);
  });

  test("[TEN-4] an admin sees which steps, and nothing of what they write; a stranger sees nothing", async () => {
    const { owner, order, propose, edit } = await givenOwner();
    const { id } = await propose([order("V8", "placed")]);
    await edit(id, 1, [order("V8", "a secret word")]);
    const admin = await given.person({ teamId: owner.teamId, role: "admin", secondFactor: true });
    const seen = await listPlanChanges(deps, admin, id, {});
    expect(seen.changed).toEqual([{ position: 1, was: 1 }]);
    expect(JSON.stringify(seen)).not.toMatch(/secret word|V8/);
    for (const stranger of [
      await given.person({ secondFactor: true }),
      await given.person({ teamId: owner.teamId, role: "member" }),
    ]) {
      await expect(listPlanChanges(deps, stranger, id, {})).rejects.toThrow(NotFoundError);
    }
  });
});

describe("where a plan would stop", () => {
  test("is told while it waits: a grant that needs reconnecting, until it is reconnected or the plan ends", async () => {
    const { owner, agent, connectionId, order, propose } = await givenOwner();
    const { id, unready } = await propose([order("V7", "placed")]);
    expect(unready).toEqual([]);
    const grant = await findOwnGrant(deps.db, owner, connectionId);
    if (!grant) throw new Error("no grant");
    await inTransaction(deps.db, (tx) =>
      endGrantRow(tx, grant.id, { state: "needs_reconnect", reason: "grant_pushed_out" }),
    );
    const expected = [{ connectionId, why: "needs_reconnect" }];
    expect((await getPlan(deps, owner, id)).unready).toEqual(expected);
    expect((await getPlan(deps, agent, id)).unready).toEqual(expected);
    await studio.connect(owner, connectionId, "d.kowalczyk@halden");
    expect((await getPlan(deps, owner, id)).unready).toEqual([]);
    await deps.db.grant.update({
      where: { id: grant.id },
      data: { providerUserId: "somebody-else" },
    });
    expect((await getPlan(deps, owner, id)).unready).toEqual([
      { connectionId, why: "another_identity" },
    ]);
    await rejectPlan(deps, owner, id, { reason: "" });
    expect((await getPlan(deps, owner, id)).unready).toEqual([]);
  });
});
