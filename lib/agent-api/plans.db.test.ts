import { afterEach, describe, expect, test } from "vitest";
import { usedToday } from "#lib/agents/agent-activity.ts";
import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { createSession } from "#lib/auth/sessions.ts";
import type { Principal } from "#lib/core/principal.ts";
import { approvePlan, rejectPlan } from "#lib/plans/approve-plan.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { getPlanStep } from "#lib/plans/get-plan-step.ts";
import { soapTokenMark } from "#lib/providers/operation.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const agents = await listenForAgents(deps);
Object.assign(globalThis, { studioDeps: deps });
const { POST: approveRoute } = await import("../../app/api/plans/[planId]/approve/route.ts");

afterEach(async () => {
  simulator.log.clear();
  await deps.agentKeys.settled();
  await deps.agentActivity.flush();
});

let made = 0;

async function givenPlace({
  mode = "plan",
  isUnit = true,
}: {
  mode?: "plan" | "build";
  isUnit?: boolean;
} = {}) {
  const owner = await given.person({ secondFactor: true });
  const definition = isUnit ? givenDefinitions.haldenUnit : givenDefinitions.halden;
  const connectionId = await given.connection(owner, definition);
  const username = isUnit ? "d.kowalczyk@halden" : "dana.kowalczyk@halden.example";
  await studio.connect(owner, connectionId, username);
  const agent = await givenAgent(deps, owner, { mode, connections: [connectionId] });
  simulator.log.clear();
  const call = (method: string, path: string, json?: unknown) =>
    agents.call(`/api/broker/plans${path}`, {
      method,
      credential: agent.key,
      ...(json === undefined ? {} : { json }),
    });
  const write = () => ({
    ...{ operationId: "marketing-cloud.rows.upsert", connectionId },
    input: { key: "Orders", rows: [{ OrderId: `H${++made}`, Status: "placed" }] },
  });
  const approve = async (planId: string, apply = false) => {
    const { hash } = await getPlan(deps, owner, planId);
    const typedNames = { [connectionId]: definition.name };
    return approvePlan(deps, owner, planId, { hash, typedNames, apply });
  };
  const fromCall = (input: object) =>
    call("POST", "/from-call", { connectionId, door: "rest", ...input });
  return { owner, connectionId, agent, call, write, approve, fromCall };
}

const applied = async (owner: Principal, planId: string) => {
  await deps.planExecutor.run(planId);
  return getPlan(deps, owner, planId);
};
const hostsAsked = () => simulator.log.all().map(({ method, path }) => `${method} ${path}`);

describe("an agent", () => {
  test("proposes, follows, and in build mode applies what its owner approved; the rows are there once", async () => {
    const { owner, call, write, approve } = await givenPlace({ mode: "build" });
    const { status, body } = await call("POST", "", { operations: [write()], clientKey: "job-1" });
    expect(status).toBe(201);
    const id = String(body.id);
    expect(await call("POST", `/${id}/apply`)).toMatchObject({
      status: 409,
      body: { code: "plans.wrong_state" },
    });
    await approve(id);
    expect((await call("GET", `/${id}`)).body).toMatchObject({ state: "approved", canApply: true });
    simulator.log.clear();
    expect((await call("POST", `/${id}/apply`)).status).toBe(202);
    expect(await applied(owner, id)).toMatchObject({ state: "applied", progress: { applied: 1 } });
    const sent = hostsAsked().filter((line) => /rowset/.test(line) && !/^GET/.test(line));
    expect(sent).toHaveLength(1);
    const { body: steps } = await call("GET", `/${id}/steps`);
    expect(steps).toMatchObject({ items: [{ position: 1, state: "applied" }], nextCursor: null });
    expect((await call("GET", `/${id}/steps/1`)).body).toMatchObject({ isGuarded: true });
    expect((await call("GET", "?view=ended")).body).toMatchObject({ items: [{ id }] });
  });

  test("may send an empty object where no body is taken, and nothing else", async () => {
    const { call, write } = await givenPlace();
    const { body } = await call("POST", "", { operations: [write()] });
    expect(await call("POST", `/${body.id}/cancel`, { reason: "x" })).toMatchObject({
      status: 400,
      body: { code: "http.unexpected_body" },
    });
    expect(await call("POST", `/${body.id}/cancel`, {})).toMatchObject({
      status: 200,
      body: { state: "cancelled" },
    });
  });

  test("[BRK-9] reads no more of records by proposing than its day lets it read", async () => {
    const { agent, call, write } = await givenPlace();
    const { agentId } = agent;
    await deps.db.agent.update({ where: { id: agentId }, data: { rowsPerDay: 2 } });
    const one = { operations: [write(), write()] };
    const { status, body } = await call("POST", "", one);
    expect(status).toBe(201);
    await deps.agentActivity.flush();
    expect(await usedToday(deps, agentId)).toMatchObject({ rows: 2 });
    const spent = { status: 429, body: { code: "agents.budget_spent" } };
    expect(await call("POST", "", { operations: [write()] })).toMatchObject(spent);
    const edit = { operations: [write()], version: 1 };
    expect(await call("PUT", `/${body.id}`, edit)).toMatchObject(spent);
  });

  test("in plan mode does not apply what its owner approved", async () => {
    const { call, write, approve } = await givenPlace();
    const { body } = await call("POST", "", { operations: [write()] });
    await approve(String(body.id));
    expect(await call("POST", `/${body.id}/apply`)).toMatchObject({
      status: 403,
      body: { code: "plans.build_mode_needed" },
    });
  });

  test("waits for its owner's word, and has it with their words", async () => {
    const { owner, call, write } = await givenPlace();
    const { body } = await call("POST", "", { operations: [write()] });
    const id = String(body.id);
    const waiting = call("GET", `/${id}?waitSeconds=25`);
    await rejectPlan(deps, owner, id, { reason: "Ask me tomorrow." });
    expect((await waiting).body).toMatchObject({
      state: "rejected",
      rejection: "Ask me tomorrow.",
    });
  });

  test("changes and takes back what waits", async () => {
    const { call, write } = await givenPlace();
    const { body } = await call("POST", "", { operations: [write()] });
    const edit = { operations: [write(), write()], version: 1 };
    expect((await call("PUT", `/${body.id}`, edit)).body).toMatchObject({ version: 2 });
    expect((await call("PUT", `/${body.id}`, edit)).body).toMatchObject({ code: "plans.changed" });
    expect((await call("POST", `/${body.id}/cancel`)).body).toMatchObject({ state: "cancelled" });
  });

  test("[TEN-2] another agent's plan answers as an absent one, on every way", async () => {
    const mine = await givenPlace();
    const theirs = await givenPlace();
    const { body } = await theirs.call("POST", "", { operations: [theirs.write()] });
    const absent = "00000000-0000-4000-8000-000000000000";
    const edit = { operations: [mine.write()], version: 1 };
    for (const [method, path, json] of [
      ["GET", "", undefined],
      ["PUT", "", edit],
      ["GET", "/steps", undefined],
      ["GET", "/steps/1", undefined],
      ["POST", "/apply", undefined],
      ["POST", "/cancel", undefined],
    ] as const) {
      const answers = await Promise.all(
        [body.id, absent].map((id) => mine.call(method, `/${id}${path}`, json)),
      );
      const [foreign, none] = answers.map(({ status, body: { requestId: _, ...rest } }) => ({
        ...{ status, rest },
      }));
      expect(foreign, `${method} ${path}`).toEqual(none);
      expect(foreign?.status).toBe(404);
    }
  });
});

describe("[PLN-6] no key and no tool approves", () => {
  test("[PLN-6] there is no way to approve on the agents' surface", async () => {
    const { call, write } = await givenPlace({ mode: "build" });
    const { body } = await call("POST", "", { operations: [write()] });
    const yes = { hash: body.hash, typedNames: {}, apply: true };
    for (const way of ["approve", "reject", "resolve", "approvals"]) {
      expect((await call("POST", `/${body.id}/${way}`, yes)).status, way).toBe(404);
    }
  });

  test("[PLN-6] people's way takes no agent key, no lease token, and no session without its own Origin", async () => {
    const { owner, agent, connectionId, call, write } = await givenPlace({ mode: "build" });
    const { body } = await call("POST", "", { operations: [write()] });
    const { body: lease } = await agents.call("/api/broker/leases", {
      method: "POST",
      credential: agent.key,
      json: { connectionId },
    });
    const { token } = await createSession(deps.db, deps, {
      ...{ userId: owner.userId, teamId: owner.teamId, network: "127.0.0.0/24", userAgent: null },
      secondFactorAt: owner.secondFactorAt,
    });
    const [cookie = ""] = (await sessionSetCookie(deps, token)).split(";");
    const origin = deps.studioUrl;
    const yes = {
      hash: body.hash,
      typedNames: { [connectionId]: givenDefinitions.haldenUnit.name },
    };
    const ask = (headers: Record<string, string>) =>
      approveRoute(
        new Request(`${deps.studioUrl}/api/plans/${body.id}/approve`, {
          method: "POST",
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(yes),
        }),
        { params: Promise.resolve({ planId: String(body.id) }) },
      );
    for (const [headers, status] of [
      [{ origin }, 401],
      [{ origin, authorization: `Bearer ${agent.key}` }, 401],
      [{ origin, authorization: `Bearer ${lease.leaseToken}` }, 401],
      [{ cookie }, 403],
      [{ cookie, origin: "https://evil.example" }, 403],
      [{ cookie, origin: "null" }, 403],
    ] as const) {
      expect((await ask(headers)).status, JSON.stringify(Object.keys(headers))).toBe(status);
    }
    expect(await getPlan(deps, owner, String(body.id))).toMatchObject({ state: "proposed" });
    expect((await ask({ cookie, origin })).status).toBe(200);
  });

  test("[PLN-6] a lease's token proposes nothing either", async () => {
    const { agent, connectionId, write } = await givenPlace();
    const { body } = await agents.call("/api/broker/leases", {
      method: "POST",
      credential: agent.key,
      json: { connectionId },
    });
    const credential = String(body.leaseToken);
    const answer = await agents.call("/api/broker/plans", {
      ...{ method: "POST", credential, json: { operations: [write()] } },
    });
    expect(answer.status).toBe(403);
  });
});

describe("a write that the proxy refused", () => {
  const update = {
    method: "POST",
    path: "/hub/v1/dataevents/key:Orders/rowset",
    contentType: "application/json",
  };
  const bodyOf = (id: string) => `[ {"keys":{"OrderId":"${id}"},  "values":{"Status":"placed"}} ]`;

  test("[PLN-2] becomes a plan of exactly that call, and exactly that is sent once it is approved", async () => {
    const { owner, connectionId, agent, approve, fromCall } = await givenPlace();
    const text = bodyOf("C1");
    const refused = await agents.call(`/api/broker/proxy/${connectionId}/rest${update.path}`, {
      method: "POST",
      credential: agent.key,
      headers: { "content-type": "application/json" },
      body: text,
    });
    expect(refused.headers["x-studio-code"]).toBe("broker.plan_required");
    const { status, body } = await fromCall({ ...update, body: text });
    expect(status).toBe(201);
    expect(body).toMatchObject({ stepCount: 1, records: 1, risks: ["production"] });
    const step = await getPlanStep(deps, owner, String(body.id), 1);
    expect(step).toMatchObject({ operationId: "proxy.call", effect: "write", isGuarded: false });
    expect(step.preview?.warnings).toEqual([expect.objectContaining({ code: "no_preview" })]);
    expect(step.preview?.bodies).toEqual([
      { label: "Body", kind: "json", before: null, after: text },
    ]);
    await approve(String(body.id), true);
    expect(await applied(owner, String(body.id))).toMatchObject({ state: "applied" });
    const sent = simulator.log.requestsTo(/rowset$/);
    expect(sent.map(({ method, path, body: bytes }) => [method, path, bytes.toString()])).toEqual([
      ["POST", update.path, text],
    ]);
  });

  test("[BRK-7] is classed by the call table: what reads needs no plan, what makes sessions or keys is refused in every mode", async () => {
    const { fromCall } = await givenPlace({ mode: "build" });
    const read = await fromCall({ method: "GET", path: "/hub/v1/campaigns" });
    expect(read.body).toMatchObject({ code: "plans.not_needed", status: 422 });
    const keys = await fromCall({
      ...{ method: "POST", path: "/platform/v1/key", contentType: "application/json" },
      body: "{}",
    });
    expect(keys.body).toMatchObject({ code: "broker.never_allowed", status: 403 });
    const token = await fromCall({ method: "POST", path: "/v2/token", body: "{}" });
    expect(token.body).toMatchObject({ code: "broker.never_allowed" });
    expect(simulator.log.all().filter(({ path }) => /key|token/.test(path))).toEqual([]);
  });

  test("[BRK-4] what could be read in two ways is refused, and what nobody knows counts as code", async () => {
    const { owner, fromCall } = await givenPlace();
    for (const path of ["/hub/v1/../v2/token", "/hub%2fv1/x", "hub/v1"]) {
      expect((await fromCall({ ...update, path, body: "[]" })).body, path).toMatchObject({
        code: "broker.ambiguous_path",
      });
    }
    const headers = { "x-http-method-override": "DELETE" };
    expect((await fromCall({ ...update, headers, body: "[]" })).body).toMatchObject({
      code: "broker.header_refused",
    });
    const unknown = await fromCall({ ...update, path: "/hub/v1/no-such-thing", body: "[]" });
    expect(unknown.body).toMatchObject({ risks: ["production", "bulk", "code", "send"] });
    const step = await getPlanStep(deps, owner, String(unknown.body.id), 1);
    expect(step.preview?.warnings.map(({ code }) => code)).toEqual([
      "no_preview",
      "undocumented_route",
      "send",
    ]);
  });

  test("[PLN-9] [PLN-10] one record of Salesforce is shown with its values before, and looked at again before it is sent", async () => {
    const { owner, agent, connectionId, approve, fromCall } = await givenPlace({ isUnit: false });
    const found = await agents.call("/api/broker/operations/salesforce.query", {
      method: "POST",
      credential: agent.key,
      json: { connectionId, input: { soql: "SELECT Id, Title FROM Contact LIMIT 2" } },
    });
    const [one, two] = (found.body.result as { records: { Id: string; Title: string | null }[] })
      .records;
    const path = (id = "") => `/services/data/v61.0/sobjects/Contact/${id}`;
    const patch = (id: string | undefined, title: string) =>
      fromCall({
        ...{ method: "PATCH", path: path(id), contentType: "application/json" },
        body: `{ "Title" : "${title}" }`,
      });
    const { body } = await patch(one?.Id, "Head of Orders");
    const step = await getPlanStep(deps, owner, String(body.id), 1);
    expect(step).toMatchObject({ operationId: "salesforce.records.update", isGuarded: true });
    expect(step.preview?.changes).toEqual([
      expect.objectContaining({
        field: expect.stringContaining("Title"),
        before: one?.Title ?? null,
        after: "Head of Orders",
      }),
    ]);
    expect(step.preview?.warnings.map(({ code }) => code)).not.toContain("no_preview");
    // All that is sent is what the preview shows, in the operation's own words.
    const written = JSON.stringify({ Title: "Head of Orders" });
    expect(step.request).toMatchObject({
      path: `/services/data/v60.0/sobjects/Contact/${one?.Id}`,
      body: written,
    });
    await approve(String(body.id), true);
    expect(await applied(owner, String(body.id))).toMatchObject({ state: "applied" });
    const sent = simulator.log.requestsTo(/sobjects\/Contact\/\w+$/);
    expect(
      sent.filter(({ method }) => method === "PATCH").map(({ body }) => body.toString()),
    ).toEqual([written]);
    for (const [hidden, sent] of [
      [{ headers: { "sforce-duplicate-rule-header": "allowSave=true" } }, "allowSave=true"],
      [{ contentType: "application/json; charset=utf-16" }, "charset=utf-16"],
    ] as const) {
      const raw = await fromCall({
        ...{ method: "PATCH", path: path(two?.Id), contentType: "application/json" },
        body: `{"Title":"Zero"}`,
        ...hidden,
      });
      const shown = await getPlanStep(deps, owner, String(raw.body.id), 1);
      expect(shown).toMatchObject({ operationId: "proxy.call", isGuarded: false });
      expect(JSON.stringify(shown.preview?.facts)).toContain(sent);
    }
    const twice = await fromCall({
      ...{ method: "PATCH", path: path(two?.Id), contentType: "application/json" },
      body: `{"Title":"Hidden","Title":"Shown"}`,
    });
    const { request } = await getPlanStep(deps, owner, String(twice.body.id), 1);
    expect(request?.body).toBe(`{"Title":"Shown"}`);
    const first = await patch(two?.Id, "One");
    const second = await patch(two?.Id, "Two");
    await approve(String(first.body.id), true);
    await applied(owner, String(first.body.id));
    await approve(String(second.body.id), true);
    expect(await applied(owner, String(second.body.id))).toMatchObject({
      state: "stopped",
      endReason: "step_drifted",
    });
  });

  test("[BRK-3] an envelope keeps a mark where the agent's key stood", async () => {
    const { owner, agent, approve, fromCall } = await givenPlace();
    const envelope = `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header><fueloauth xmlns="http://exacttarget.com">${agent.key}</fueloauth></Header><Body><UpdateRequest xmlns="http://exacttarget.com/wsdl/partnerAPI"><Objects xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Subscriber"><SubscriberKey>nobody-17</SubscriberKey><Status>Unsubscribed</Status></Objects></UpdateRequest></Body></Envelope>`;
    const { body } = await fromCall({
      ...{ door: "soap", method: "POST", path: "/Service.asmx", contentType: "text/xml" },
      ...{ soapAction: "Update", body: envelope },
    });
    expect(body.stepCount, JSON.stringify(body)).toBe(1);
    const step = await getPlanStep(deps, owner, String(body.id), 1);
    expect(step.content).not.toContain(agent.key);
    expect(step.request?.body).toBe(envelope.replace(agent.key, soapTokenMark));
    await approve(String(body.id), true);
    await applied(owner, String(body.id));
    const [sent] = simulator.log.requestsTo(/Service\.asmx$/);
    const text = sent?.body.toString() ?? "";
    expect(text).not.toContain(soapTokenMark);
    expect(text.replace(/<fueloauth[^>]*>[^<]*/, "")).toBe(
      envelope.replace(/<fueloauth[^>]*>[^<]*/, ""),
    );
  });

  test("asked again under the same key it is the same plan, and not another call's", async () => {
    const { fromCall } = await givenPlace();
    const call = { ...update, body: bodyOf("C9"), clientKey: "call-1" };
    const [one, two] = [await fromCall(call), await fromCall(call)];
    expect(two.body.id).toBe(one.body.id);
    expect((await fromCall({ ...call, body: bodyOf("C10") })).body).toMatchObject({
      code: "plans.client_key_taken",
    });
  });
});
