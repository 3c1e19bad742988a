import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { revokeKey } from "#lib/agents/revoke-key.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { findOwnGrant } from "#lib/grants/grant-repository.ts";
import { operations } from "#lib/providers/operations.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { loggedHeader } from "#lib/simulator/kit/request-log.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const agents = await listenForAgents(deps);

const dana = "d.kowalczyk@halden";
const list = "marketing-cloud.data-extensions.list";

async function givenReader() {
  const person = await given.person();
  const connectionId = await given.connection(person, givenDefinitions.haldenUnit);
  await studio.connect(person, connectionId, dana);
  const agent = await givenAgent(deps, person, { connections: [connectionId] });
  return { person, connectionId, ...agent };
}
type Item = { id: string; connectionIds: string[] };

test("an agent is told what it can do on its connections, with schemas, in the registry's order", async () => {
  const { key, connectionId } = await givenReader();
  const { status, body } = await agents.call("/api/broker/operations", { credential: key });
  expect(status).toBe(200);
  const items = body.items as Item[];
  const order = operations.map(({ id }) => id);
  expect(items.map(({ id }) => id)).toEqual(
    order.filter((id) => items.some((item) => item.id === id)),
  );
  expect(items.find(({ id }) => id === list)).toMatchObject({
    provider: "marketing-cloud",
    effect: "read",
    input: { type: "object", additionalProperties: false },
    output: { type: "object" },
    connectionIds: [connectionId],
  });
  expect(items.every(({ id }) => id.startsWith("marketing-cloud."))).toBe(true);
  expect(body.nextCursor).toBeNull();
});

test("the list comes in pages where that is asked for, each operation once", async () => {
  const { key } = await givenReader();
  const whole = await agents.call("/api/broker/operations", { credential: key });
  const seen: string[] = [];
  let cursor = "";
  do {
    const path = `/api/broker/operations?limit=7${cursor === "" ? "" : `&cursor=${cursor}`}`;
    const { body } = await agents.call(path, { credential: key });
    seen.push(...(body.items as Item[]).map(({ id }) => id));
    cursor = String(body.nextCursor ?? "");
  } while (cursor !== "");
  expect(seen).toEqual((whole.body.items as Item[]).map(({ id }) => id));
});

test("[MCP-5] what the grant's scopes do not reach is not among them", async () => {
  const { key, connectionId } = await givenReader();
  await deps.db.grant.updateMany({ where: { connectionId }, data: { scopes: ["offline"] } });
  const { body } = await agents.call("/api/broker/operations", { credential: key });
  const needing = operations.filter(({ scopes }) => scopes.length > 0).map(({ id }) => id);
  expect((body.items as Item[]).filter(({ id }) => needing.includes(id))).toEqual([]);
});

test("a read answers with its result and how many rows it is", async () => {
  const { key, connectionId } = await givenReader();
  const { status, body } = await agents.call(`/api/broker/operations/${list}`, {
    method: "POST",
    credential: key,
    json: { connectionId, input: { most: 5 } },
  });
  expect(status, JSON.stringify(body)).toBe(200);
  const { dataExtensions } = body.result as { dataExtensions: unknown[] };
  expect(dataExtensions).toHaveLength(5);
  expect(body.rows).toBe(5);
});

test("a write answers with its plan, and nothing reaches the provider", async () => {
  const { key, connectionId } = await givenReader();
  const writes = () =>
    studio.simulator.marketingCloud.requestsTo(
      ({ path, method }) => path.includes("/hub/v1/dataevents") && method !== "GET",
    ).length;
  const before = writes();
  const { status, body } = await agents.call("/api/broker/operations/marketing-cloud.rows.upsert", {
    method: "POST",
    credential: key,
    json: {
      connectionId,
      input: { key: "Orders", rows: [{ OrderId: "O000009", Status: "returned" }] },
    },
  });
  expect(status, JSON.stringify(body)).toBe(202);
  expect(body).toMatchObject({ state: "proposed", stepCount: 1, records: 1 });
  expect(writes()).toBe(before);
});

test.each([
  ["an operation that does not exist", () => ({ id: "marketing-cloud.none.such" }), 404],
  ["one of the other provider", () => ({ id: "salesforce.limits" }), 404],
  ["a connection that is not the agent's", () => ({ connectionId: randomUUID() }), 404],
  ["an unknown field", () => ({ input: { nothing: 1 } }), 400],
  ["no object", () => ({ input: [] }), 400],
])("%s is refused", async (_what, change, wanted) => {
  const { key, connectionId } = await givenReader();
  const asked: { id: string; connectionId: string; input: unknown } = {
    ...{ id: list, connectionId, input: {} },
    ...change(),
  };
  const { status } = await agents.call(`/api/broker/operations/${asked.id}`, {
    method: "POST",
    credential: key,
    json: { connectionId: asked.connectionId, input: asked.input },
  });
  expect(status).toBe(wanted);
});

test("[MCP-1] what the sign-in was not given the scope for is refused before anything is sent", async () => {
  const { key, connectionId } = await givenReader();
  await deps.db.grant.updateMany({ where: { connectionId }, data: { scopes: ["offline"] } });
  simulator.log.clear();
  const { status, body } = await agents.call(`/api/broker/operations/${list}`, {
    method: "POST",
    credential: key,
    json: { connectionId, input: {} },
  });
  expect([status, body.code]).toEqual([403, "operations.missing_scope"]);
  expect(simulator.log.all()).toEqual([]);
});

test.each(["!", "%21", "\\u0021"])(
  "[BRK-6] an answer that holds the connection's own token, with its sign spelt %s, goes to nobody",
  async (sign) => {
    const person = await given.person();
    const connectionId = await given.connection(person, givenDefinitions.halden);
    await studio.connect(person, connectionId, "dana.kowalczyk@halden.example");
    const { key } = await givenAgent(deps, person, { connections: [connectionId] });
    const ask = () =>
      agents.call("/api/broker/operations/salesforce.limits", {
        method: "POST",
        credential: key,
        json: { connectionId, input: {} },
      });
    simulator.log.clear();
    expect((await ask()).status).toBe(200);
    const [sent] = simulator.log.requestsTo(/\/limits/);
    const token = (sent && loggedHeader(sent, "authorization")?.slice(7)) ?? "";
    expect(token).toContain("!");
    const body = `{"Echo":{"Max":1,"Remaining":1,"Of":"${token.replace("!", sign)}"}}`;
    const answer = { status: 200, body, contentType: "application/json" };
    const fault = simulator.faults.set(wireFaults.answer, answer, { path: sent?.path ?? "" });
    const stopped = await ask();
    fault.clear();
    expect([stopped.status, stopped.body.code]).toEqual([502, "broker.answer_stopped"]);
    expect(stopped.text).not.toContain(token.split("!")[1]);
  },
);

test("[TEN-2] another team's connection answers as an absent one", async () => {
  const [own, foreign] = await Promise.all([givenReader(), givenReader()]);
  const ask = async (connectionId: string) => {
    const answer = await agents.call(`/api/broker/operations/${list}`, {
      method: "POST",
      credential: own.key,
      json: { connectionId },
    });
    const { requestId: _, ...body } = answer.body;
    return { status: answer.status, body };
  };
  expect(await ask(foreign.connectionId)).toEqual(await ask(randomUUID()));
});

test("[WEB-10] a body of a megabyte is read, and not a byte more", async () => {
  const { key, connectionId } = await givenReader();
  const call = (length: number) =>
    agents.call(`/api/broker/operations/${list}`, {
      method: "POST",
      credential: key,
      json: { connectionId, input: { search: "x".repeat(length) } },
    });
  expect((await call(500_000)).status).toBe(400);
  expect((await call(1_048_576)).status).toBe(413);
});

test("[BRK-11] a read under way ends when its key is revoked, and gives nothing", async () => {
  const { person, connectionId, key, agentId, keyId } = await givenReader();
  const held = { stage: "before-work" } as const;
  const fault = simulator.faults.set(wireFaults.held, held, { path: "/Service.asmx" });
  const reading = agents.call(`/api/broker/operations/${list}`, {
    method: "POST",
    credential: key,
    json: { connectionId, input: { most: 5 } },
  });
  await fault.reached;
  await revokeKey(deps, person, agentId, keyId);
  // The provider has not answered yet.
  expect(await reading).toMatchObject({ status: 401, body: { code: "agents.not_authenticated" } });
  fault.release();
});

type Reader = Awaited<ReturnType<typeof givenReader>>;
test.each([
  [
    "its owner disconnects",
    async ({ person, connectionId }: Reader) => {
      const grant = await findOwnGrant(deps.db, person, connectionId);
      await disconnectGrant(deps, person, String(grant?.id));
    },
    { status: 409, code: "grants.not_connected" },
  ],
  [
    "its owner takes the connection from the agent",
    ({ person, agentId }: Reader) => editAgent(deps, person, agentId, { connections: [] }),
    { status: 404, code: "input.not_found" },
  ],
])("[BRK-11] a read under way ends when %s, and gives nothing", async (_, takeBack, told) => {
  const reader = await givenReader();
  const held = { stage: "after-work" } as const;
  const fault = simulator.faults.set(wireFaults.held, held, { path: "/Service.asmx", times: 1 });
  const reading = agents.call(`/api/broker/operations/${list}`, {
    method: "POST",
    credential: reader.key,
    json: { connectionId: reader.connectionId, input: { most: 5 } },
  });
  await fault.reached;
  await takeBack(reader);
  // The provider has not answered yet.
  const { status, body } = await reading;
  expect({ status, code: body.code }).toEqual(told);
  fault.release();
});
