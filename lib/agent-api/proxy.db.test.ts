import { type IncomingMessage, request } from "node:http";
import { describe, expect, test } from "vitest";
import type { AgentBudget } from "#lib/core/principal.ts";
import { limitOfAnswers, limitsOfCall, limitTable } from "#lib/limits/limit-table.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { type LoggedRequest, loggedHeader } from "#lib/simulator/kit/request-log.ts";
import { salesforceFaults } from "#lib/simulator/salesforce/faults.ts";
import type { AgentApiAnswer } from "#lib/testing/agent-api.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const agents = await listenForAgents(deps);
const instance = "haldenoutdoor.my.salesforce.com";
const data = "/services/data/v64.0";
const query = `${data}/query?q=${encodeURIComponent("SELECT Id, Name FROM Account LIMIT 2")}`;

type Given = {
  mode?: "plan" | "build";
  directWritesUntil?: Date | null;
  budget?: Partial<AgentBudget>;
};
const inAnHour = () => new Date(deps.clock.now().getTime() + 3_600_000);

/** An agent with a connected Salesforce org, and what calls through it. */
async function salesforce(options: Given = {}) {
  const owner = await given.person();
  const id = await given.connection(owner, givenDefinitions.halden);
  await studio.connect(owner, id, "dana.kowalczyk@halden.example");
  return { owner, ...(await agentOn(owner, id, options)) };
}

async function marketingCloud(options: Given = {}) {
  const owner = await given.person();
  const id = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, id, "d.kowalczyk@halden");
  return { owner, ...(await agentOn(owner, id, options)) };
}

async function agentOn(
  owner: Parameters<typeof givenAgent>[1],
  id: string,
  { mode = "plan", directWritesUntil = null, budget = {} }: Given,
) {
  const connections = [{ id, directWritesUntil }];
  const agent = await givenAgent(deps, owner, { mode, connections, budget });
  simulator.log.clear();
  const call = (path: string, options: Parameters<typeof agents.call>[1] = {}) =>
    agents.call(`/api/broker/proxy/${id}${path}`, { credential: agent.key, ...options });
  return { id, agent, call };
}

/** Our own refusal, in Salesforce's shape. */
function refusal(answer: AgentApiAnswer) {
  const [only] = answer.body as unknown as { errorCode: string; message: string }[];
  return {
    status: answer.status,
    isOurs: answer.headers["x-studio-refused"] === "1",
    code: answer.headers["x-studio-code"],
    errorCode: only?.errorCode,
  };
}

const planRequired = {
  status: 403,
  isOurs: true,
  code: "broker.plan_required",
  errorCode: "PLAN_REQUIRED",
};

const textOf = ({ path, rawHeaders, body }: LoggedRequest) =>
  `${path}\n${rawHeaders.join("\n")}\n${body.toString("latin1")}`;

describe("a call that passes", () => {
  test("[BRK-3] brings the provider's own rows for the agent's key, which goes no further", async () => {
    const { call, agent } = await salesforce();
    const answer = await call(`/rest${query}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ totalSize: 2, done: true });
    expect(answer.headers["x-studio-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.headers["x-studio-refused"]).toBeUndefined();
    const [sent, ...more] = simulator.log.all();
    expect(more).toEqual([]);
    expect([sent?.host, sent?.path]).toEqual([instance, query]);
    expect(loggedHeader(sent as LoggedRequest, "authorization")).toMatch(/^Bearer 00D\w+!/);
    expect(textOf(sent as LoggedRequest)).not.toContain(agent.key);
  });

  test("takes the doubled slashes, letter case and bearer forms of real clients", async () => {
    const { call, agent } = await salesforce();
    const forms: [path: string, credential: string][] = [
      [`/rest/${query}`, agent.key],
      [`/REST${query.replace("services", "Services")}`, agent.key],
      [`/rest${query}`, `00D5f000000AbcDEAQ!${agent.key}`],
    ];
    for (const [path, credential] of forms) {
      expect((await call(path, { credential })).status, path).toBe(200);
    }
    const old = await call(`/rest${query}`, {
      credential: undefined,
      headers: { authorization: `OAuth ${agent.key}` },
    });
    expect(old.status).toBe(200);
  });

  test("notes the grant's use, at most once a minute, and leaves the trail to what writes", async () => {
    const { call, id } = await salesforce();
    const before = await deps.db.auditEvent.count({ where: { connectionId: id } });
    deps.clock.advanceSeconds(61);
    await call(`/rest${query}`);
    await call(`/rest${query}`);
    await expect
      .poll(
        async () => (await deps.db.grant.findFirst({ where: { connectionId: id } }))?.lastUsedAt,
      )
      .toEqual(deps.clock.now());
    expect(await deps.db.auditEvent.count({ where: { connectionId: id } })).toBe(before);
  });

  test("[BRK-2] a client that follows `identity` stays at the proxy, and its key with it", async () => {
    const { call, id, agent } = await salesforce();
    const { body } = await call(`/rest${data}`);
    const { identity } = body as { identity: string };
    const base = `${deps.studioUrl}/api/broker/proxy/${id}/rest/id/`;
    expect(identity.startsWith(base)).toBe(true);
    const path = identity.slice(identity.indexOf("/rest/"));
    const who = await call(`${path}?format=json&oauth_token=${agent.key}`);
    expect(who.body).toMatchObject({ username: "dana.kowalczyk@halden.example" });
    for (const sent of simulator.log.all()) expect(textOf(sent)).not.toContain(agent.key);
  });
});

describe("who may do what", () => {
  const record = { method: "POST", json: { Name: "Kettle & Cloth" } };
  const beyondReading: [name: string, path: string, options: object][] = [
    ["creates", `${data}/sobjects/Account`, record],
    ["updates", `${data}/sobjects/Account/0015f00000AAAAAAAA`, { method: "PATCH", json: {} }],
    ["deletes", `${data}/sobjects/Account/0015f00000AAAAAAAA`, { method: "DELETE" }],
    ["runs code by GET", `${data}/tooling/executeAnonymous?anonymousBody=1`, {}],
    ["runs code by its own address", "/services/apexrest/anything", {}],
    [
      "overrides the verb",
      `${data}/sobjects/Account/0015f00000AAAAAAAA?_HttpMethod=DELETE`,
      { method: "POST" },
    ],
    [
      "writes within a batch",
      `${data}/composite`,
      {
        method: "POST",
        json: {
          compositeRequest: [
            { method: "GET", url: `${data}/limits`, referenceId: "a" },
            { method: "DELETE", url: `${data}/sobjects/Account/001`, referenceId: "b" },
          ],
        },
      },
    ],
    ["is known to nobody", "/services/data/v64.0/nothing/known", { method: "POST", json: {} }],
  ];
  test.each(beyondReading)(
    "[BRK-8] in plan mode, what %s needs a plan",
    async (_n, path, options) => {
      const { call, owner } = await salesforce({ mode: "plan", directWritesUntil: inAnHour() });
      expect(refusal(await call(`/rest${path}`, options))).toEqual(planRequired);
      expect(simulator.log.all()).toEqual([]);
      expect(owner.kind).toBe("user");
    },
  );

  test("[BRK-8] in build mode a plain write passes until the date that its owner chose", async () => {
    const { call } = await salesforce({ mode: "build", directWritesUntil: inAnHour() });
    const made = await call(`/rest${data}/sobjects/Account`, record);
    expect(made).toMatchObject({ status: 201, body: { success: true } });
    const at = `/rest${data}/sobjects/Account/${String(made.body.id)}`;
    expect((await call(at, { method: "PATCH", json: { Industry: "Retail" } })).status).toBe(204);
    expect((await call(at, { method: "DELETE" })).status).toBe(204);
    deps.clock.advanceSeconds(3_601);
    expect(refusal(await call(`/rest${data}/sobjects/Account`, record))).toEqual(planRequired);
  });

  test("[BRK-8] build mode alone writes nothing, and direct writes are never code", async () => {
    const without = await salesforce({ mode: "build" });
    expect(refusal(await without.call(`/rest${data}/sobjects/Account`, record))).toEqual(
      planRequired,
    );
    const { call } = await salesforce({ mode: "build", directWritesUntil: inAnHour() });
    const code = await call(`/rest${data}/tooling/executeAnonymous?anonymousBody=1`);
    expect(refusal(code)).toEqual(planRequired);
    expect(simulator.log.all()).toEqual([]);
  });

  test("[BRK-7] what makes or ends sessions is refused in every mode", async () => {
    const { call } = await salesforce({ mode: "build", directWritesUntil: inAnHour() });
    for (const path of ["/services/oauth2/token", "/services/oauth2/revoke"]) {
      const answer = await call(`/rest${path}`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: "grant_type=refresh_token&refresh_token=x",
      });
      expect(refusal(answer)).toMatchObject({ isOurs: true, code: "broker.never_allowed" });
    }
    expect(simulator.log.all()).toEqual([]);
  });

  test("[BRK-9] a day that is used up is used up at every door, and nothing is sent", async () => {
    const { id: connectionId, agent, call } = await salesforce({ budget: { callsPerDay: 1 } });
    expect((await call(`/rest${query}`)).status).toBe(200);
    simulator.log.clear();
    const asked = (path: string, json: object) =>
      agents.call(path, { method: "POST", credential: agent.key, json });
    const answers = await Promise.all([
      call(`/rest${query}`),
      asked("/api/broker/leases", { connectionId }),
      asked("/api/broker/operations/salesforce.limits", { connectionId, input: {} }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 429]);
    expect(answers[0]?.headers["x-studio-code"]).toBe("agents.budget_spent");
    expect(answers.slice(1).map(({ body }) => body.code)).toEqual([
      "agents.budget_spent",
      "agents.budget_spent",
    ]);
    for (const { headers } of answers) expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    expect(simulator.log.all()).toEqual([]);
  });

  test("[TEN-2] a foreign connection answers as an absent one, to everybody alike", async () => {
    const mine = await salesforce();
    const theirs = await salesforce();
    const absent = "00000000-0000-4000-8000-000000000000";
    const [foreign, none] = await Promise.all(
      [theirs.id, absent].map((id) =>
        agents.call(`/api/broker/proxy/${id}/rest${query}`, { credential: mine.agent.key }),
      ),
    );
    expect(foreign?.status).toBe(404);
    expect(foreign?.body).toEqual(none?.body);
    expect(refusal(foreign as AgentApiAnswer).isOurs).toBe(true);
  });

  test("[BRK-1] no key, a wrong one and a cookie are refused in words that clients know", async () => {
    const { call, agent } = await salesforce();
    const wrong = `${agent.key.slice(0, -5)}AAAA${agent.key.slice(-1)}`;
    for (const options of [
      { credential: undefined },
      { credential: wrong },
      { credential: undefined, headers: { cookie: `session=${agent.key}` } },
    ]) {
      const answer = await call(`/rest${query}`, options);
      expect(answer.status).toBe(401);
      expect(refusal(answer).errorCode).toBe("INVALID_SESSION_ID");
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer\s.+?invalid_token/);
    }
    expect(simulator.log.all()).toEqual([]);
  });
});

test("[BRK-10] whoever calls more than a key may is told when to go on, in the provider's shape", async () => {
  const { call } = await salesforce();
  const { limit } = limitTable.call.key;
  const plan = () => call(`/rest${data}/sobjects/Account`, { method: "POST", json: {} });
  for (let sent = 0; sent < limit; sent += 40) await Promise.all(Array.from({ length: 40 }, plan));
  const answer = await call(`/rest${query}`);
  expect(refusal(answer)).toMatchObject({ status: 429, code: "broker.rate_limited" });
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  expect(simulator.log.all()).toEqual([]);
  deps.clock.advanceSeconds(61);
  expect((await call(`/rest${query}`)).status).toBe(200);
});

test("[BRK-10] to ask whom a sign-in is of counts as a call", async () => {
  const { call, agent, id, owner } = await marketingCloud();
  const by = { keyId: agent.keyId, ownerId: owner.userId, connectionId: id };
  const [ofKey] = limitsOfCall({ ...by, provider: "marketing-cloud" });
  for (let asked = 1; ofKey && asked < limitTable.call.key.limit; asked += 1) {
    deps.limits.take([ofKey]);
  }
  expect((await call("/auth/v2/userinfo")).status).toBe(200);
  const answer = await call("/auth/v2/userinfo");
  expect([answer.status, answer.headers["x-studio-code"]]).toEqual([429, "broker.rate_limited"]);
  expect(simulator.log.requestsTo("/v2/userinfo")).toHaveLength(1);
});

test("[BRK-9] a key whose answers of a day are used up begins no further call, until the next", async () => {
  const { call, agent } = await salesforce();
  const { limit } = limitTable.answers.key;
  deps.limits.take([limitOfAnswers(agent.keyId, (limit - 1) * 1024)]);
  // The last kilobyte is its to use; what the answer holds beyond it is counted, not cut.
  expect((await call(`/rest${data}`)).status).toBe(200);
  const answer = await call(`/rest${data}`);
  expect(refusal(answer)).toMatchObject({ status: 429, code: "broker.rate_limited" });
  expect(simulator.log.all()).toHaveLength(1);
  deps.clock.advanceSeconds(24 * 3_600);
  expect((await call(`/rest${data}`)).status).toBe(200);
});

describe("what the provider refuses", () => {
  const refused: [status: number, errorCode: string, message: string, code: string][] = [
    [400, "MALFORMED_QUERY", "unexpected token", "provider.api_bad_request"],
    [
      401,
      "INVALID_SESSION_ID",
      "This session is not valid for use with the REST API",
      "provider.missing_scope",
    ],
    [401, "INVALID_SESSION_ID", "Connected app is not attached to Agent", "provider.missing_scope"],
    [403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", "provider.api_limit_reached"],
    [403, "INSUFFICIENT_ACCESS", "no", "provider.api_forbidden"],
    [404, "NOT_FOUND", "The requested resource does not exist", "provider.api_not_found"],
    [503, "SERVER_UNAVAILABLE", "try later", "provider.provider_down"],
  ];
  test.each(refused)("passes whole, %i %s, and is explained beside it", async (...of) => {
    const [status, errorCode, message, code] = of;
    const { call } = await salesforce();
    const fault = simulator.faults.set(
      salesforceFaults.restError,
      { status, errorCode, message },
      { host: instance },
    );
    const answer = await call(`/rest${query}`);
    fault.clear();
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual([{ message, errorCode }]);
    expect(answer.headers["x-studio-refused"]).toBeUndefined();
    expect(answer.headers["x-studio-code"]).toBe(code);
    expect(answer.headers["x-studio-hint"]).toMatch(/\w/);
    expect(answer.headers["x-studio-help"]).toMatch(/\/docs\/troubleshooting\/\w+$/);
    expect(simulator.log.all()).toHaveLength(1);
  });

  test("passes with its Retry-After", async () => {
    const { call } = await salesforce();
    const fault = simulator.faults.set(
      wireFaults.answer,
      { status: 429, body: "[]", contentType: "application/json", headers: { "retry-after": "7" } },
      { host: instance },
    );
    const answer = await call(`/rest${query}`);
    fault.clear();
    expect([answer.status, answer.headers["retry-after"]]).toEqual([429, "7"]);
  });

  test("[BRK-6] comes without cookies, policies and doors for other origins", async () => {
    const { call } = await salesforce();
    const fault = simulator.faults.set(
      wireFaults.answer,
      {
        status: 200,
        body: "{}",
        contentType: "application/json",
        headers: {
          "set-cookie": "sid=1",
          "access-control-allow-origin": "*",
          "content-security-policy": "default-src *",
          "strict-transport-security": "max-age=0",
          "x-studio-code": "forged",
          authorization: "Bearer x",
          location: "https://evil.example/",
          "sforce-limit-info": "api-usage=1/2",
        },
      },
      { host: instance },
    );
    const { headers } = await call(`/rest${query}`);
    fault.clear();
    expect(headers["sforce-limit-info"]).toBe("api-usage=1/2");
    for (const name of [
      "set-cookie",
      "access-control-allow-origin",
      "authorization",
      "location",
      "x-studio-code",
    ]) {
      expect(headers[name], name).toBeUndefined();
    }
    expect(headers["content-security-policy"]).toContain("sandbox");
  });

  test("[BRK-6] comes without a header that holds the connection's own token", async () => {
    const { call } = await salesforce();
    await call(`/rest${query}`);
    const token = loggedHeader(simulator.log.all()[0] as LoggedRequest, "authorization")?.slice(7);
    const location = `https://${instance}/next?sid=${token}`;
    const headers = { location, etag: `"${token}"`, "sforce-limit-info": "api-usage=1/2" };
    const fault = simulator.faults.set(
      wireFaults.answer,
      { status: 302, body: "{}", contentType: "application/json", headers },
      { host: instance },
    );
    const answer = await call(`/rest${query}`);
    fault.clear();
    expect(answer.status).toBe(302);
    expect(answer.headers["sforce-limit-info"]).toBe("api-usage=1/2");
    expect(JSON.stringify(answer.headers)).not.toContain(token?.split("!")[1]);
  });

  test("[BRK-6] a body that holds the connection's own token is stopped, and the trail says so", async () => {
    const { call, id } = await salesforce();
    await call(`/rest${query}`);
    const token = loggedHeader(simulator.log.all()[0] as LoggedRequest, "authorization")?.slice(7);
    const body = JSON.stringify({ echo: `session=${token}`.replace("!", "%21") });
    const fault = simulator.faults.set(
      wireFaults.answer,
      { status: 200, body, contentType: "application/json" },
      { host: instance },
    );
    const answer = await call(`/rest${query}`);
    fault.clear();
    expect(refusal(answer)).toMatchObject({ status: 502, code: "broker.answer_stopped" });
    expect(JSON.stringify(answer)).not.toContain(token?.split("!")[1]);
    await expect
      .poll(() =>
        deps.db.auditEvent.count({ where: { connectionId: id, action: "proxy.answer_stopped" } }),
      )
      .toBe(1);
  });
});

describe("[AUD-2] a write", () => {
  const record = { method: "POST", json: { Name: "Kettle & Cloth" } };
  const eventsOf = (connectionId: string) =>
    deps.db.auditEvent.findMany({
      where: { connectionId, action: "proxy.write" },
      orderBy: { sequence: "asc" },
    });

  test("stands in the trail before it is made, and its result after", async () => {
    const { call, id, agent, owner } = await salesforce({
      mode: "build",
      directWritesUntil: inAnHour(),
    });
    const made = await call(`/rest${data}/sobjects/Account`, record);
    await expect.poll(async () => (await eventsOf(id)).length).toBe(2);
    const [intent, result] = await eventsOf(id);
    expect(intent).toMatchObject({
      result: "intent",
      actorKind: "agent",
      actorId: agent.agentId,
      onBehalfOf: owner.userId,
      requestId: made.headers["x-studio-request-id"],
      detail: { method: "POST", door: "rest", operation: expect.any(String), keyId: agent.keyId },
    });
    expect(result).toMatchObject({ result: "success", detail: { status: 201 } });
    expect(JSON.stringify([intent?.detail, result?.detail])).not.toContain("Kettle");
  });

  test("is not made where the trail cannot be written", async () => {
    const { call } = await salesforce({ mode: "build", directWritesUntil: inAnHour() });
    await call(`/rest${query}`);
    simulator.log.clear();
    await studio.database.pool.query("alter table audit_events rename to audit_events_away");
    const answer = await call(`/rest${data}/sobjects/Account`, record);
    await studio.database.pool.query("alter table audit_events_away rename to audit_events");
    expect(refusal(answer)).toMatchObject({ status: 503, code: "broker.not_recorded" });
    expect(simulator.log.all()).toEqual([]);
  });

  test("whose answer never came is recorded as not known", async () => {
    const { call, id } = await salesforce({ mode: "build", directWritesUntil: inAnHour() });
    const fault = simulator.faults.set(wireFaults.cut, { stage: "after-work" }, { host: instance });
    const answer = await call(`/rest${data}/sobjects/Account`, record);
    fault.clear();
    expect(answer.status).toBe(502);
    expect(simulator.log.requestsTo(`${data}/sobjects/Account`)).toHaveLength(1);
    await expect.poll(async () => (await eventsOf(id)).length).toBe(2);
    expect((await eventsOf(id))[1]).toMatchObject({
      result: "failed",
      detail: { outcome: "unknown" },
    });
  });
});

describe("SOAP", () => {
  const envelope = (token: string) =>
    `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><RetrieveRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><RetrieveRequest><ObjectType>DataExtension</ObjectType><Properties>Name</Properties></RetrieveRequest></RetrieveRequestMsg></Body><Header><fueloauth xmlns="http://exacttarget.com">${token}</fueloauth></Header></Envelope>`;
  const envelopeWithHeaderFirst = (token: string, filler: string) =>
    envelope(token).replace(/(<Body>.*<\/Body>)(<Header>.*<\/Header>)/, `$2${filler}$1`);
  const retrieve = (token: string) => ({
    method: "POST",
    headers: { "content-type": "text/xml", soapaction: "Retrieve" },
    body: envelope(token),
  });

  test("[BRK-3] the agent key in the envelope is the credential, and the token takes its place", async () => {
    const { call, agent } = await marketingCloud();
    for (const credential of [undefined, agent.key]) {
      simulator.log.clear();
      const answer = await call("/soap/Service.asmx", { ...retrieve(agent.key), credential });
      expect([answer.status, answer.headers["x-studio-code"]]).toEqual([200, undefined]);
      const [sent] = simulator.log.all();
      const body = sent?.body.toString() ?? "";
      const token = /<fueloauth[^>]*>([^<]+)</.exec(body)?.[1] ?? "";
      expect(token).toMatch(/^[\w.-]{512}$/);
      expect(body).toBe(envelope(token));
      expect(sent && loggedHeader(sent, "authorization")).toBeUndefined();
    }
  });

  test("[BRK-8] what writes needs a plan, and an unknown key reads as an expired token", async () => {
    const { call, agent } = await marketingCloud();
    const create = envelope(agent.key).replaceAll("RetrieveRequestMsg", "CreateRequest");
    const soap = async (body: string, soapaction: string) => {
      const headers = { "content-type": "text/xml", soapaction };
      const answer = await call("/soap/Service.asmx", {
        ...{ method: "POST", credential: undefined, headers, body },
      });
      return [answer.status, answer.headers["x-studio-code"], answer.text];
    };
    expect(await soap(create, "Create")).toEqual([
      500,
      "broker.plan_required",
      expect.stringMatching(/<soap:Fault>.*<faultstring>[^<]*plan/),
    ]);
    expect(await soap(envelope("mmk_nobody"), "Retrieve")).toEqual([
      500,
      "agents.not_authenticated",
      expect.stringContaining(
        "<soap:Fault><faultcode>soap:Client</faultcode><faultstring>Token Expired</faultstring>",
      ),
    ]);
    expect(simulator.log.all()).toEqual([]);
  });

  test("[WEB-10] of a stranger's envelope no more than the beginning is read", async () => {
    const { id } = await marketingCloud();
    const answer = Promise.withResolvers<IncomingMessage>();
    const sent = request(`${agents.origin}/api/broker/proxy/${id}/soap/Service.asmx`, {
      method: "POST",
      headers: { "content-type": "text/xml", "content-length": 8_000_000 },
      agent: false,
    });
    sent.on("response", answer.resolve).on("error", () => {});
    const [beginning = ""] = envelopeWithHeaderFirst("mmk_nobody", "").split("</Body>");
    sent.write(beginning + " ".repeat(100_000));
    expect((await answer.promise).headers["x-studio-code"]).toBe("agents.not_authenticated");
    sent.destroy();
  });

  test("a long envelope passes with its header first, and with a key that it then does not hold it does not", async () => {
    const { call, agent } = await marketingCloud();
    const filler = `<!--${"x".repeat(300_000)}-->`;
    const long = (body: string) =>
      call("/soap/Service.asmx", { ...retrieve(""), credential: undefined, body });
    expect((await long(envelopeWithHeaderFirst(agent.key, filler))).status).toBe(200);
    const decoy = `<!--<fueloauth>${agent.key}</fueloauth>-->${filler}`;
    const hidden = envelopeWithHeaderFirst("mmk_nobody", filler).replace(
      "<Header>",
      `${decoy}<Header>`,
    );
    expect((await long(hidden)).headers["x-studio-code"]).toBe("agents.not_authenticated");
    expect(simulator.log.all()).toHaveLength(1);
  });

  test("[BRK-3] Salesforce's SOAP below the REST address takes the token into its envelope too", async () => {
    const { call, agent } = await salesforce();
    const answer = await call("/rest/services/Soap/u/64.0", {
      method: "POST",
      headers: { "content-type": "text/xml", soapaction: '""' },
      body: `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header><SessionHeader xmlns="urn:partner.soap.sforce.com"><sessionId>${agent.key}</sessionId></SessionHeader></Header><Body><getUserInfo xmlns="urn:partner.soap.sforce.com"/></Body></Envelope>`,
    });
    expect(answer.headers["x-studio-refused"]).toBeUndefined();
    const [sent] = simulator.log.all();
    expect(sent && textOf(sent)).toMatch(/<sessionId>00D\w+!/);
    expect(sent && textOf(sent)).not.toContain(agent.key);
  });

  test("[BRK-4] an envelope with a second token is refused unsent", async () => {
    const { call, agent } = await marketingCloud();
    const twice = envelope(agent.key).replace(
      "</Header>",
      '<fueloauth xmlns="http://exacttarget.com">x</fueloauth></Header>',
    );
    const answer = await call("/soap/Service.asmx", { ...retrieve(agent.key), body: twice });
    expect([answer.status, answer.headers["x-studio-code"]]).toEqual([500, "broker.soap_refused"]);
    expect(simulator.log.all()).toEqual([]);
  });
});

describe("[RF-10] a token that ended early", () => {
  const tokenCalls = () => simulator.log.requestsTo(/\/token$/).length;

  test("costs one refresh and one second try, and nobody sees it, however many met it", async () => {
    const { call } = await salesforce();
    await call(`/rest${query}`);
    simulator.clock.advanceSeconds(7_201);
    simulator.log.clear();
    const answers = await Promise.all(Array.from({ length: 12 }, () => call(`/rest${query}`)));
    expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(tokenCalls()).toBe(1);
  });

  test("has a body that was kept sent again, also with the new token inside an envelope", async () => {
    const { call, agent } = await marketingCloud();
    const body = `<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Body><RetrieveRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><RetrieveRequest><ObjectType>DataExtension</ObjectType><Properties>Name</Properties></RetrieveRequest></RetrieveRequestMsg></Body><Header><fueloauth xmlns="http://exacttarget.com">${agent.key}</fueloauth></Header></Envelope>`;
    const headers = { "content-type": "text/xml", soapaction: "Retrieve" };
    const soap = () => call("/soap/Service.asmx", { method: "POST", headers, body });
    const tokens = () =>
      simulator.log
        .requestsTo("/service.asmx")
        .map((sent) => /<fueloauth[^>]*>([^<]+)</.exec(sent.body.toString())?.[1]);
    await soap();
    simulator.clock.advanceSeconds(1_300);
    const answer = await soap();
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining("<OverallStatus>")]);
    const [first, second, third] = tokens();
    expect(tokens()).toHaveLength(3);
    expect([second, third === second]).toEqual([first, false]);
    expect(tokenCalls()).toBe(1);
  });

  test("with a body too large to keep asks for the call once more, and that one passes", async () => {
    const { call } = await salesforce({ mode: "build", directWritesUntil: inAnHour() });
    await call(`/rest${query}`);
    simulator.clock.advanceSeconds(7_201);
    const json = { Name: "x", Description: "d".repeat(300 * 1024) };
    const create = () => call(`/rest${data}/sobjects/Account`, { method: "POST", json });
    const first = await create();
    expect(refusal(first)).toMatchObject({ status: 503, code: "broker.try_again" });
    expect(first.headers["retry-after"]).toBe("1");
    expect((await create()).status).not.toBe(503);
    expect(tokenCalls()).toBe(1);
  });

  test("that no newer one helps is said after one try", async () => {
    const { call } = await salesforce();
    const fault = simulator.faults.set(
      salesforceFaults.restError,
      { status: 401, errorCode: "INVALID_SESSION_ID", message: "Session expired or invalid" },
      { host: instance },
    );
    const answer = await call(`/rest${query}`);
    fault.clear();
    expect(answer.status).toBe(401);
    expect(refusal(answer).isOurs).toBe(false);
    expect(tokenCalls()).toBe(1);
    expect(simulator.log.requestsTo(`${data}/query`)).toHaveLength(2);
  });

  test("of a grant that is over is said in the provider's shape", async () => {
    const { call, id } = await salesforce();
    await deps.db.grant.updateMany({
      where: { connectionId: id },
      data: { state: "needs_reconnect" },
    });
    const answer = await call(`/rest${query}`);
    expect(refusal(answer)).toMatchObject({
      isOurs: true,
      code: "grants.needs_reconnect",
      errorCode: "NEEDS_RECONNECT",
    });
  });
});
