import { describe, expect, test } from "vitest";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { editPlan } from "#lib/plans/edit-plan.ts";
import { getPlanStep } from "#lib/plans/get-plan-step.ts";
import { listPlanSteps } from "#lib/plans/list-plan-steps.ts";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { agentPrincipalOf } from "#lib/testing/plan-askers.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const { signal } = new AbortController();
type Asker = Parameters<typeof listPlanSteps>[1];

const write = (connectionId: string, value: string) => ({
  operations: [
    {
      operationId: "marketing-cloud.rows.upsert",
      connectionId,
      input: { key: "Orders", rows: [{ OrderId: "O000001", Status: value }] },
    },
  ],
  expiresInMinutes: 60,
  reason: "",
});

/** An agent's plan: its first version writes in one business unit, its second in another. */
async function givenVersions({ to = "other" }: { to?: "other" | "same" } = {}) {
  const owner = await given.person({ secondFactor: true });
  const first = await given.connection(owner, givenDefinitions.haldenUnit);
  const other = await given.connection(owner, { ...givenDefinitions.haldenUnit, name: "Another" });
  const reconnect = async (who: string) => studio.connect(owner, first, who);
  await reconnect("d.kowalczyk@halden");
  await studio.connect(owner, other, "d.kowalczyk@halden");
  const connectionIds = [first, other];
  const made = await givenAgent(deps, owner, { connections: connectionIds });
  const agent = agentPrincipalOf(owner, made, { connectionIds });
  const { id } = await proposePlan(deps, agent, write(first, "canary-first"), { signal });
  const next = to === "other" ? other : first;
  await editPlan(deps, agent, id, { ...write(next, "canary-next"), version: 1 }, { signal });
  const disconnect = async () => {
    const { myGrant } = await getConnectionView(deps, owner, first);
    await disconnectGrant(deps, owner, myGrant?.id ?? "");
  };
  const agentWith = (ids: string[]) => agentPrincipalOf(owner, made, { connectionIds: ids });
  return { owner, id, first, other, agent, agentWith, reconnect, disconnect };
}

/** Which versions' contents somebody sees, by every way to a step. */
async function seen(asker: Asker, id: string): Promise<string[]> {
  const found = [];
  for (const [version, canary] of [
    [1, "canary-first"],
    [2, "canary-next"],
  ] as const) {
    const page = await listPlanSteps(deps, asker, id, { limit: 50, version });
    expect(page.items).toHaveLength(1);
    if (JSON.stringify(page).includes(canary)) found.push(canary);
  }
  const step = JSON.stringify(await getPlanStep(deps, asker, id, 1));
  expect(step.includes("canary-first")).toBe(false);
  expect(step.includes("canary-next")).toBe(found.includes("canary-next"));
  return found;
}
const both = ["canary-first", "canary-next"];

describe("[TEN-4] what an earlier version would have written", () => {
  test("is shown to its owner and its agent while they have what it was prepared with", async () => {
    const { owner, agent, id } = await givenVersions();
    expect(await seen(owner, id)).toEqual(both);
    expect(await seen(agent, id)).toEqual(both);
  });

  test("[TEN-4] not to the owner once they are disconnected there, and again when they are back as themselves", async () => {
    const { owner, id, disconnect, reconnect } = await givenVersions();
    await disconnect();
    expect(await seen(owner, id)).toEqual(["canary-next"]);
    await reconnect("d.kowalczyk@halden");
    expect(await seen(owner, id)).toEqual(both);
  });

  test("[TEN-4] not when the sign-in there is another person's by now, or the connection is gone", async () => {
    const moved = await givenVersions();
    await deps.db.grant.updateMany({
      where: { connectionId: moved.first },
      data: { providerUserId: "somebody-else" },
    });
    expect(await seen(moved.owner, moved.id)).toEqual(["canary-next"]);
    const gone = await givenVersions();
    await deps.db.connection.delete({ where: { id: gone.first } });
    expect(await seen(gone.owner, gone.id)).toEqual(["canary-next"]);
  });

  test("[TEN-4] not to an agent that has the connection no more, of no version", async () => {
    const { agentWith, id, first, other } = await givenVersions();
    expect(await seen(agentWith([other]), id)).toEqual(["canary-next"]);
    expect(await seen(agentWith([first]), id)).toEqual(["canary-first"]);
    expect(await seen(agentWith([]), id)).toEqual([]);
  });

  test("[TEN-4] [PLN-8] to a second person only where the plan still leads, and as long as they may give that word", async () => {
    for (const to of ["other", "same"] as const) {
      const { owner, id } = await givenVersions({ to });
      const { teamId } = owner;
      const admin = await given.person({ teamId, role: "admin", secondFactor: true });
      expect(await seen(admin, id)).toEqual([]);
      await deps.db.team.update({ where: { id: teamId }, data: { fourEyes: ["production"] } });
      expect(await seen(admin, id)).toEqual(to === "same" ? both : ["canary-next"]);
      const demoted: Principal = { ...admin, role: "member" };
      await expect(seen(demoted, id)).rejects.toThrow(NotFoundError);
    }
  });
});

test("[TEN-2] a colleague with a sign-in of their own there, another agent and another team find no version", async () => {
  const { owner, id, first } = await givenVersions();
  const colleague = await given.person({ teamId: owner.teamId, role: "member" });
  await studio.connect(colleague, first, "d.kowalczyk@halden");
  const made = await givenAgent(deps, owner, { connections: [first] });
  const agent = agentPrincipalOf(owner, made, { connectionIds: [first] });
  const elsewhere: Principal = { ...owner, teamId: (await given.person()).teamId };
  for (const asker of [colleague, agent, elsewhere]) {
    for (const version of [1, 2]) {
      const steps = listPlanSteps(deps, asker, id, { limit: 50, version });
      await expect(steps).rejects.toThrow(NotFoundError);
    }
    await expect(getPlanStep(deps, asker, id, 1)).rejects.toThrow(NotFoundError);
  }
});
