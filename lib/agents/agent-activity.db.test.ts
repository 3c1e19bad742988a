import { randomUUID } from "node:crypto";
import { beforeEach, expect, test } from "vitest";
import { createAgentActivity, type NotedCall, usedToday } from "#lib/agents/agent-activity.ts";
import { authenticateAgent } from "#lib/agents/authenticate-agent.ts";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { pauseIfUnusual } from "#lib/agents/pause-agent.ts";
import { BUDGET_MOST } from "#lib/agents/terms.ts";
import type { AgentBudget } from "#lib/core/principal.ts";
import { unknownRecipients } from "#lib/providers/vocabulary.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given } = await testStudio();

/** Within a second everybody has heard of it; here, now. */
async function whoIs(key: string) {
  await deps.changes.current();
  return authenticateAgent(deps, key);
}

async function whoHas(budget: Partial<AgentBudget> = {}) {
  const owner = await given.person();
  const { key } = await givenAgent(deps, owner, { budget });
  const agent = await authenticateAgent(deps, key);
  if (!agent) throw new Error("the key is not taken");
  return { owner, key, agent };
}
const activity = () =>
  createAgentActivity({ ...deps, onLargeDay: (use) => pauseIfUnusual(deps, use) });
const read: NotedCall = {
  door: "operation",
  connectionId: null,
  operation: "salesforce.query",
  effect: "read",
  status: 200,
  code: null,
  durationMs: 12.4,
};
let one = activity();
let other = activity();
beforeEach(() => {
  one = activity();
  other = activity();
});

test("[BRK-9] calls of a day end with its budget, over two instances, and begin anew at midnight", async () => {
  const { agent } = await whoHas({ callsPerDay: 5 });
  for (let call = 0; call < 3; call++) await one.admit(agent);
  await one.flush();
  for (let call = 0; call < 2; call++) await other.admit(agent);
  await expect(async () => other.admit(agent)).rejects.toMatchObject({
    code: "agents.budget_spent",
    status: 429,
    remedy: { do: "retry" },
  });
  await other.flush();
  await one.flush();
  deps.clock.advanceSeconds(24 * 60 * 60);
  await one.admit(agent);
});

test("[BRK-9] rows that were read count, and nothing further is begun beyond them", async () => {
  const { agent } = await whoHas({ rowsPerDay: 2_000 });
  await one.admit(agent);
  one.note(agent, { ...read, rows: 2_000 });
  await expect(async () => one.admit(agent)).rejects.toMatchObject({ code: "agents.budget_spent" });
  await one.flush();
  await expect(async () => other.admit(agent)).rejects.toMatchObject({
    code: "agents.budget_spent",
  });
});

test("[BRK-9] people written to never go beyond the budget, however many ask at once", async () => {
  const { agent } = await whoHas({ sendsPerDay: 100 });
  const asked = Array.from({ length: 30 }, (_, at) => (at % 2 ? one : other)).map(async (of) =>
    of.admit(agent, { sends: 10 }),
  );
  const allowed = (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled");
  expect(allowed).toHaveLength(10);
});

test("[BRK-9] people whom nobody can count fit into no budget, and without one spoil no sum", async () => {
  const { agent } = await whoHas({ sendsPerDay: BUDGET_MOST });
  const asked = Promise.resolve(one.admit(agent, { sends: unknownRecipients }));
  await expect(asked).rejects.toMatchObject({ code: "agents.budget_spent" });
  const { agent: free } = await whoHas();
  for (const of of [one, one, other]) await of.admit(free, { sends: unknownRecipients });
  await one.flush();
  await other.flush();
  expect(await usedToday(deps, free.agentId)).toMatchObject({ calls: 3, sends: unknownRecipients });
});

test("what happened is listed with the same again as one row, without content", async () => {
  const { agent } = await whoHas();
  for (let call = 0; call < 40; call++) one.note(agent, { ...read, rows: 2 });
  one.note(agent, { ...read, status: null, code: "broker.plan_required", effect: "write" });
  await one.flush();
  const rows = await deps.db.agentCall.findMany({
    where: { agentId: agent.agentId },
    orderBy: { id: "asc" },
  });
  expect(rows).toMatchObject([
    { operation: "salesforce.query", repeats: 40, rows: 80, status: 200, code: null },
    { effect: "write", repeats: 1, status: null, code: "broker.plan_required" },
  ]);
});

test("many different calls at once of one agent are a bounded number of lines, and none is missing in them", async () => {
  const [busy, quiet] = [(await whoHas()).agent, (await whoHas()).agent];
  for (let call = 0; call < 500; call++) {
    one.note(busy, { ...read, connectionId: randomUUID(), rows: 1 });
  }
  one.note(quiet, { ...read, connectionId: randomUUID() });
  await one.flush();
  const rows = await deps.db.agentCall.findMany({ where: { agentId: busy.agentId } });
  expect(rows).toHaveLength(101);
  expect(rows.find(({ connectionId }) => connectionId === null)).toMatchObject({ repeats: 400 });
  expect(rows.reduce((sum, row) => sum + row.rows, 0)).toBe(500);
  expect(await deps.db.agentCall.count({ where: { agentId: quiet.agentId } })).toBe(1);
});

test("[BRK-13] bulk reads unlike the days before pause the agent; its owner lets it go on", async () => {
  const { agent, key, owner } = await whoHas();
  for (let ago = 1; ago <= 4; ago++) {
    await deps.db.agentDay.create({
      data: {
        agentId: agent.agentId,
        day: new Date(deps.clock.now().getTime() - ago * 24 * 60 * 60 * 1000),
        calls: 50,
        rows: 1_000,
      },
    });
  }
  await one.admit(agent);
  one.note(agent, { ...read, rows: 60_000 });
  await one.flush();
  expect(await whoIs(key)).toBeNull();
  const paused = await deps.db.agent.findUniqueOrThrow({ where: { id: agent.agentId } });
  expect(paused).toMatchObject({ pausedReason: "bulk_reads" });
  const event = await deps.db.auditEvent.findFirst({
    where: { action: "agent.paused", targetId: agent.agentId },
  });
  expect(event).toMatchObject({ onBehalfOf: owner.userId, teamId: owner.teamId });

  await editAgent(deps, owner, agent.agentId, { isPaused: false });
  expect(await whoIs(key)).not.toBeNull();
  // The same day is not held against it again.
  one.note(agent, { ...read, rows: 60_000 });
  await one.flush();
  expect(await whoIs(key)).not.toBeNull();
});

test("[BRK-13] bytes that came through the proxy count where nobody counts rows", async () => {
  const { agent, key } = await whoHas();
  await one.admit(agent);
  one.note(agent, { ...read, door: "proxy", bytes: 2_300_000_000 });
  await one.flush();
  expect(await whoIs(key)).toBeNull();
});

test("an agent that is gone leaves no trace and troubles nobody", async () => {
  const { agent } = await whoHas();
  await deps.db.agent.delete({ where: { id: agent.agentId } });
  one.note(agent, read);
  await one.flush();
  expect(await deps.db.agentDay.count({ where: { agentId: agent.agentId } })).toBe(0);
});
