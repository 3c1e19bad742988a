import { randomUUID } from "node:crypto";
import type { Client } from "@modelcontextprotocol/client";
import { expect, test } from "vitest";
import { usedToday } from "#lib/agents/agent-activity.ts";
import type { Principal } from "#lib/core/principal.ts";
import { approvePlan, rejectPlan } from "#lib/plans/approve-plan.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { approveInputSchema } from "#lib/plans/schema.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { clientEras, listenForMcp } from "#lib/testing/mcp.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const mcp = await listenForMcp(deps);

// biome-ignore lint/suspicious/noExplicitAny: any tool's answer, read by tests
type Answer = any;
async function call(client: Client, name: string, args: object = {}): Promise<Answer> {
  const result = await client.callTool({ name, arguments: { ...args } });
  if (!result.isError) return result.structuredContent;
  const [content] = result.content as { text: string }[];
  return JSON.parse(content?.text ?? "{}");
}

async function givenWorker(mode: "plan" | "build" = "build") {
  const person = await given.person({ secondFactor: true });
  const org = await given.connection(person, givenDefinitions.halden);
  await studio.connect(person, org, "dana.kowalczyk@halden.example");
  const unit = await given.connection(person, givenDefinitions.haldenUnit);
  await studio.connect(person, unit, "d.kowalczyk@halden");
  const agent = await givenAgent(deps, person, { mode, connections: [org, unit] });
  return { person, org, unit, ...agent };
}

/** As the person does it on the plan's page: of exactly what they see, with each production org's name. */
async function approve(person: Principal, planId: string, { apply = false } = {}) {
  const { hash, asks } = await getPlan(deps, person, planId);
  const typedNames = Object.fromEntries(
    asks.typedNames.map(({ connectionId, name }) => [connectionId, name]),
  );
  const input = approveInputSchema.parse({ hash, typedNames, apply });
  return approvePlan(deps, person, planId, input);
}

/** Waits as an agent does: again and again, with what it saw last. */
async function waitUntilEnd(client: Client, answer: Answer): Promise<Answer> {
  let now = answer;
  while (["proposed", "approved", "applying"].includes(now.plan.state)) {
    now = await call(client, "plans_get", {
      ...{ planId: now.plan.id, waitSeconds: 20, seen: now.plan.seen },
    });
  }
  return now;
}

async function waitWhile(
  state: string,
  client: Client,
  planId: string,
  seen: string,
): Promise<Answer> {
  for (;;) {
    const now = await call(client, "plans_get", { planId, waitSeconds: 20, seen });
    if (now.plan.state !== state) return now;
  }
}

test.each(clientEras)(
  "a whole job in Salesforce by the official client of the %s era: read, propose, approved, applied, read back",
  async (era) => {
    const { person, org, key } = await givenWorker();
    const client = await mcp.connect(key, { era });
    const soql = "SELECT Id, Name, Phone FROM Account ORDER BY Name LIMIT 1";
    const found = await call(client, "salesforce_query", { connectionId: org, soql });
    const { Id: id, Phone: before } = found.data.records[0];
    const phone = `+47 22 ${era.length} 4${era.charCodeAt(0)}`;
    const proposed = await call(client, "salesforce_records_update", {
      ...{ connectionId: org, object: "Account", id, values: { Phone: phone } },
      planReason: "The number on the website is this one.",
    });
    expect(proposed).toMatchObject({
      status: "plan",
      plan: { state: "proposed", stepCount: 1, records: 1 },
      data: {
        steps: [
          { preview: { changes: [{ field: "Phone", before, after: phone }] }, state: "pending" },
        ],
      },
    });
    expect(proposed.plan.url).toBe(`${deps.studioUrl}/plans/${proposed.plan.id}`);
    expect((await getPlan(deps, person, proposed.plan.id)).reason).toMatch(/website/);
    const { id: planId, seen } = proposed.plan;
    // Nothing was sent; and nobody but a person approves.
    expect((await call(client, "plans_apply", { planId })).error.code).toBe("plans.wrong_state");
    const waits = waitWhile("proposed", client, planId, seen);
    await approve(person, planId);
    expect((await waits).plan.state).toBe("approved");
    const applying = await call(client, "plans_apply", { planId });
    const ended = await waitUntilEnd(client, applying);
    expect(ended).toMatchObject({
      plan: { state: "applied" },
      data: { steps: [{ state: "applied", outcome: { output: { ids: [id] } } }] },
    });
    const after = await call(client, "salesforce_query", {
      ...{ connectionId: org, soql: `SELECT Phone FROM Account WHERE Id = '${id}'` },
    });
    expect(after.data.records[0].Phone).toBe(phone);
    const resource = await client.readResource({ uri: `studio://plans/${planId}` });
    expect(JSON.stringify(resource.contents)).toContain("applied");
  },
  60_000,
);

test("a whole job in Marketing Cloud: several operations in one plan, and its owner starts it", async () => {
  const { person, unit, key } = await givenWorker("plan");
  const client = await mcp.connect(key);
  const row = (status: string) => ({ OrderId: "O000007", Status: status });
  const read = async () =>
    (
      await call(client, "marketing_cloud_data_extensions_rows", {
        connectionId: unit,
        key: "Orders",
        filter: { conditions: [{ column: "OrderId", is: "eq", value: "O000007" }] },
      })
    ).data.rows[0];
  const { Status: before } = await read();
  const status = before === "shipped" ? "returned" : "shipped";
  const proposed = await call(client, "plans_propose", {
    title: "Mark an order, and note its guest",
    operations: [
      {
        operationId: "marketing-cloud.rows.upsert",
        connectionId: unit,
        input: { key: "Orders", rows: [row(status)] },
      },
      {
        operationId: "marketing-cloud.rows.upsert",
        connectionId: unit,
        input: {
          key: "Winback_Audience",
          rows: [{ SubscriberKey: "G1", EmailAddress: "guest@mail.example" }],
        },
      },
    ],
    clientKey: "job-1",
  });
  expect(proposed).toMatchObject({ plan: { state: "proposed", stepCount: 2 } });
  const { id: planId, seen } = proposed.plan;
  const waits = call(client, "plans_get", { planId, waitSeconds: 20, seen });
  await approve(person, planId, { apply: true });
  const ended = await waitUntilEnd(client, await waits);
  expect(ended.plan).toMatchObject({ state: "applied", progress: { applied: 2 } });
  expect((await read()).Status).toBe(status);
});

test.each(clientEras)(
  "a client of the %s era that asks for it is told how far a long call is",
  async (era) => {
    const { unit, key } = await givenWorker("plan");
    const client = await mcp.connect(key, { era });
    const told: [number, number | undefined][] = [];
    const result = await client.callTool(
      {
        name: "plans_propose",
        arguments: {
          title: "Three orders",
          operations: ["O000011", "O000012", "O000013"].map((id) => ({
            operationId: "marketing-cloud.rows.upsert",
            connectionId: unit,
            input: { key: "Orders", rows: [{ OrderId: id, Status: `Noted ${id}`.slice(0, 12) }] },
          })),
        },
      },
      { onprogress: ({ progress, total }) => told.push([progress, total]) },
    );
    expect(result.structuredContent).toMatchObject({ plan: { stepCount: 3 } });
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  },
);

test("[MCP-9] an agent in plan mode has no tool that applies, and none that approves by any argument", async () => {
  const { person, org, key } = await givenWorker("plan");
  const client = await mcp.connect(key);
  const names = (await client.listTools()).tools.map(({ name }) => name);
  expect(names).toContain("plans_propose");
  expect(names).not.toContain("plans_apply");
  const { data } = await call(client, "salesforce_query", {
    ...{ connectionId: org, soql: "SELECT Id FROM Lead LIMIT 1" },
  });
  const { plan } = await call(client, "salesforce_records_delete", {
    ...{ connectionId: org, object: "Lead", id: data.records[0].Id },
  });
  for (const [name, args] of [
    ["plans_get", { planId: plan.id, approve: true }],
    ["plans_get", { planId: plan.id, hash: "0".repeat(64) }],
    ["plans_cancel", { planId: plan.id, state: "approved" }],
    ["salesforce_query", { soql: "SELECT Id FROM Lead LIMIT 1", mode: "build" }],
  ] as const) {
    const answer = await call(client, name, args);
    expect(answer.error.code, name).toBe("input.invalid");
  }
  await expect(call(client, "plans_apply", { planId: plan.id })).rejects.toThrow("no such tool");
  await expect(call(client, "plans_approve", { planId: plan.id })).rejects.toThrow("no such tool");
  expect((await getPlan(deps, person, plan.id)).state).toBe("proposed");
});

test("[TEN-2] a plan of another agent or team answers as one that does not exist", async () => {
  const [own, foreign] = await Promise.all([givenWorker(), givenWorker()]);
  const theirs = await mcp.connect(foreign.key);
  const { data } = await call(theirs, "salesforce_query", {
    ...{ connectionId: foreign.org, soql: "SELECT Id FROM Account LIMIT 1" },
  });
  const { plan } = await call(theirs, "salesforce_records_update", {
    connectionId: foreign.org,
    ...{ object: "Account", id: data.records[0].Id, values: { Phone: "+47 1" } },
  });
  const colleague = await givenAgent(deps, foreign.person, { mode: "build", connections: [] });
  const absent = randomUUID();
  for (const key of [own.key, colleague.key]) {
    const client = await mcp.connect(key);
    for (const name of ["plans_get", "plans_apply", "plans_cancel"]) {
      const of = async (planId: string) => {
        const { error } = await call(client, name, { planId });
        return { ...error, requestId: null };
      };
      expect(await of(plan.id), name).toEqual(await of(absent));
      expect((await of(plan.id)).code).toBe("input.not_found");
    }
    await expect(client.readResource({ uri: `studio://plans/${plan.id}` })).rejects.toThrow(
      /not found/i,
    );
  }
});

test("an agent takes its plan back, and is told when a person says no", async () => {
  const { person, org, key } = await givenWorker();
  const client = await mcp.connect(key);
  const propose = async (phone: string) => {
    const { data } = await call(client, "salesforce_query", {
      ...{ connectionId: org, soql: "SELECT Id FROM Account LIMIT 1" },
    });
    return call(client, "salesforce_records_update", {
      connectionId: org,
      ...{ object: "Account", id: data.records[0].Id, values: { Phone: phone } },
    });
  };
  const first = await propose("+47 2");
  const cancelled = await call(client, "plans_cancel", { planId: first.plan.id });
  expect(cancelled.plan.state).toBe("cancelled");
  const second = await propose("+47 3");
  const waits = call(client, "plans_get", { planId: second.plan.id, waitSeconds: 20 });
  await rejectPlan(deps, person, second.plan.id, { reason: "Ask the dealer first." });
  const rejected = await waits;
  expect(rejected.plan.state).toBe("rejected");
  expect(rejected.data.rejection).toBe("Ask the dealer first.");
  expect(rejected.next).toMatch(/A person said no/);
});

test("[PLN-3] an agent puts its plan anew, and what was approved of it counts no more", async () => {
  const { person, unit, key, agentId } = await givenWorker();
  const client = await mcp.connect(key);
  const operations = (id: string) => [
    {
      operationId: "marketing-cloud.rows.upsert",
      connectionId: unit,
      input: { key: "Orders", rows: [{ OrderId: id, Status: "put anew" }] },
    },
  ];
  const first = await call(client, "plans_propose", {
    title: "One order",
    operations: operations("O000021"),
  });
  const planId = first.plan.id;
  await approve(person, planId);
  const second = await call(client, "plans_edit", {
    ...{ planId, version: 1, title: "Another order", operations: operations("O000022") },
  });
  expect(second).toMatchObject({
    plan: { id: planId, version: 2, state: "proposed" },
    data: { title: "Another order" },
  });
  await deps.agentActivity.flush();
  // Each version's preview shows a record, which counts as read (BRK-9).
  expect(await usedToday(deps, agentId)).toMatchObject({ rows: 2 });
  expect((await call(client, "plans_apply", { planId })).error.code).toBe("plans.wrong_state");
});

test("a raw call becomes a plan of one step; one that reads, and one for a session, do not", async () => {
  const { org, key } = await givenWorker();
  const client = await mcp.connect(key);
  const propose = (method: string, path: string, body: string | null = null) =>
    call(client, "propose_call", {
      ...{ connectionId: org, door: "rest", method, path, body },
      ...(body === null ? {} : { contentType: "application/json" }),
    });
  const proposed = await propose(
    "POST",
    "/services/data/v60.0/sobjects/Lead",
    JSON.stringify({ LastName: "Berg", Company: "Berg AB" }),
  );
  expect(proposed).toMatchObject({ plan: { state: "proposed", stepCount: 1 } });
  expect((await propose("GET", "/services/data/v60.0/limits")).error.code).toBe("plans.not_needed");
  const session = await propose("POST", "/services/oauth2/token", "{}");
  expect(session.error.code).toBe("broker.never_allowed");
});
