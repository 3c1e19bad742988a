import { expect, test } from "vitest";
import type { NotedCall } from "#lib/agents/agent-activity.ts";
import { listAgentCalls } from "#lib/agents/list-agent-calls.ts";
import { callQuerySchema } from "#lib/agents/schema.ts";
import { NotFoundError } from "#lib/core/errors.ts";
import type { Principal } from "#lib/core/principal.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const { deps, given } = await testStudio();

const call = (operation: string, more: Partial<NotedCall> = {}): NotedCall => ({
  door: "operation",
  connectionId: null,
  operation,
  effect: "read",
  status: 200,
  code: null,
  durationMs: 12,
  ...more,
});
const listOf = (person: Principal, agentId: string, query: object = {}) =>
  listAgentCalls(deps, person, agentId, callQuerySchema.parse(query));

test("what an agent did is listed by the page, the newest first, with what it used of its day", async () => {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.halden);
  const { agentId, keyId } = await givenAgent(deps, owner, { budget: { callsPerDay: 10 } });
  const agent = { agentId, keyId, teamId: owner.teamId, ownerId: owner.userId };
  const operation = "marketing-cloud.data-extensions.list";
  deps.agentActivity.note(agent, call("query", { door: "proxy", connectionId, rows: 40 }));
  deps.agentActivity.note(agent, call("query", { door: "proxy", connectionId, rows: 2 }));
  await deps.agentActivity.flush();
  deps.agentActivity.note(agent, call(operation, { code: "agents.budget_spent", status: null }));
  await deps.agentActivity.flush();
  const first = await listOf(owner, agentId, { limit: 1 });
  expect(first.items).toMatchObject([
    { operation, title: "List data extensions", code: "agents.budget_spent", keyName: "Key" },
  ]);
  expect(first.today.calls.most).toBe(10);
  expect(first.today.rows).toEqual({ used: 42, most: null });
  const second = await listOf(owner, agentId, { limit: 1, cursor: first.nextCursor });
  expect(second).toMatchObject({
    items: [
      {
        operation: "query",
        title: null,
        rows: 42,
        repeats: 2,
        connection: { id: connectionId, name: "Halden Production", environment: "production" },
      },
    ],
    nextCursor: null,
  });
});

test("[TEN-2] what a teammate's or a stranger's agent did answers as an absent agent's", async () => {
  const owner = await given.person();
  const { agentId } = await givenAgent(deps, owner);
  const { teamId } = owner;
  const member = await given.person({ teamId, role: "member" });
  for (const person of [member, await given.person()]) {
    await expect(listOf(person, agentId)).rejects.toThrow(NotFoundError);
  }
  const admin = await given.person({ teamId, role: "admin", secondFactor: true });
  expect((await listOf(admin, agentId)).items).toEqual([]);
});
