import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { revokeKey } from "#lib/agents/revoke-key.ts";
import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { createSession } from "#lib/auth/sessions.ts";
import { freshAccessToken } from "#lib/grants/fresh-access-token.ts";
import { findOwnGrant } from "#lib/grants/grant-repository.ts";
import { MAX_MCP_BYTES } from "#lib/mcp/entrance.ts";
import { operationTools } from "#lib/mcp/operation-tools.ts";
import { wireFaults } from "#lib/simulator/kit/faults.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { listenForMcp, modernMessage } from "#lib/testing/mcp.ts";
import { testStudio, testStudioUrl } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const mcp = await listenForMcp(deps);
const agents = await listenForAgents(deps);

async function givenReader() {
  const person = await given.person();
  const connectionId = await given.connection(person, givenDefinitions.haldenUnit);
  await studio.connect(person, connectionId, "d.kowalczyk@halden");
  const agent = await givenAgent(deps, person, { connections: [connectionId] });
  return { person, connectionId, ...agent };
}
const { person, connectionId, key } = await givenReader();

const metadataUrl = `${testStudioUrl}/.well-known/oauth-protected-resource/api/mcp`;
const list = modernMessage("tools/list");
const listTools = "marketing_cloud_data_extensions_list";

test("[MCP-1] without a credential, or with a wrong one, it says 401 and where to learn more", async () => {
  const none = await mcp.raw(list);
  expect(none.status).toBe(401);
  expect(none.headers["www-authenticate"]).toBe(`Bearer resource_metadata="${metadataUrl}"`);
  const wrong = await mcp.raw({ ...list, credential: randomBytes(40).toString("hex") });
  expect(wrong.status).toBe(401);
  expect(wrong.headers["www-authenticate"]).toBe(
    `Bearer error="invalid_token", resource_metadata="${metadataUrl}"`,
  );
  expect(wrong.body.error?.data).toMatchObject({ code: "agents.not_authenticated" });
});

test.each(["", "/api/mcp"])(
  "[MCP-1] the resource's metadata is served to everybody at /.well-known/oauth-protected-resource%s",
  async (tail) => {
    const path = `/.well-known/oauth-protected-resource${tail}`;
    const answer = await mcp.raw({ method: "GET", path });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      resource: `${testStudioUrl}/api/mcp`,
      resource_name: "MeshMesh Studio",
      bearer_methods_supported: ["header"],
      resource_documentation: `${testStudioUrl}/docs/mcp`,
    });
    expect((await mcp.raw({ path })).status).toBe(405);
  },
);

test("[MCP-1] a tool whose scopes the grant lacks is 403 insufficient_scope, naming all of them", async () => {
  const own = await givenReader();
  const tool = operationTools.find(
    ({ operation }) => operation.provider === "marketing-cloud" && operation.scopes.length > 0,
  );
  if (!tool) throw new Error("no operation that needs scopes");
  await deps.db.grant.updateMany({
    where: { connectionId: own.connectionId },
    data: { scopes: ["offline"] },
  });
  const message = modernMessage("tools/call", {
    name: tool.name,
    arguments: { connectionId: own.connectionId },
  });
  const answer = await mcp.raw({ ...message, credential: own.key });
  expect(answer.status).toBe(403);
  expect(answer.headers["www-authenticate"]).toBe(
    `Bearer error="insufficient_scope", scope="${tool.operation.scopes.join(" ")}", resource_metadata="${metadataUrl}"`,
  );
  // Of a connection that is not its own it says nothing.
  const foreign = await mcp.raw({ ...message, credential: key });
  expect(foreign.status).not.toBe(403);
});

test("[MCP-2] tokens made for something else are refused: a lease's, a provider's, a session's, half a key", async () => {
  const lease = await agents.call("/api/broker/leases", {
    method: "POST",
    credential: key,
    json: { connectionId },
  });
  expect(lease.status).toBe(201);
  const grant = await findOwnGrant(deps.db, person, connectionId);
  if (!grant) throw new Error("not connected");
  const { token } = await freshAccessToken(deps, grant);
  const session = await createSession(deps.db, deps, {
    userId: person.userId,
    teamId: person.teamId,
    network: "127.0.0.0/24",
    userAgent: null,
    secondFactorAt: null,
  });
  const [cookie = ""] = (await sessionSetCookie(deps, session.token)).split(";");
  for (const credential of [
    String(lease.body.leaseToken),
    token.reveal().slice(0, 500),
    cookie.slice(cookie.indexOf("=") + 1),
    `${key}x`,
    key.slice(0, -1),
  ]) {
    const answer = await mcp.raw({ ...list, credential });
    expect(answer.status, credential.slice(0, 6)).toBe(401);
    expect(answer.text).not.toContain(credential);
  }
  // A cookie is not looked at, and no key is taken from an address or a body.
  expect((await mcp.raw({ ...list, headers: { ...list.headers, cookie } })).status).toBe(401);
  expect((await mcp.raw({ ...list, path: `/api/mcp?access_token=${key}` })).status).toBe(400);
});

test("[MCP-2] the key that came is never sent on, to no provider and into no answer", async () => {
  const seen = () => studio.simulator.marketingCloud.requestsTo(() => true);
  const before = seen().length;
  const answer = await mcp.raw({
    ...modernMessage("tools/call", { name: listTools, arguments: { connectionId, most: 2 } }),
    credential: key,
  });
  expect(answer.status).toBe(200);
  expect(answer.text).not.toContain(key);
  const sent = seen().slice(before);
  expect(sent.length).toBeGreaterThan(0);
  for (const { rawHeaders, path, body } of sent) {
    expect(`${path} ${rawHeaders.join(" ")} ${body.toString()}`).not.toContain(key);
  }
});

test.each([
  ["GET", 405],
  ["DELETE", 405],
  ["PUT", 405],
  ["PATCH", 405],
  ["HEAD", 405],
  ["OPTIONS", 405],
])("[MCP-3] %s is refused: there is one method", async (method, status) => {
  const answer = await mcp.raw({ method, credential: key });
  expect(answer.status).toBe(status);
  expect(Object.keys(answer.headers).filter((name) => /^access-control/.test(name))).toEqual([]);
});

test.each(["https://evil.example", "null", `${testStudioUrl}.evil.example`, `${testStudioUrl}/`])(
  "[MCP-3] a page of %s is refused with 403, whatever key it has",
  async (origin) => {
    const answer = await mcp.raw({
      ...list,
      headers: { ...list.headers, origin },
      credential: key,
    });
    expect(answer.status).toBe(403);
    expect(answer.body.error?.data).toMatchObject({ code: "http.foreign_origin" });
  },
);

test("[MCP-3] a studio on this machine's own address is called by no other name", async () => {
  const local = await listenForMcp({ ...deps, studioUrl: "http://localhost:3000" });
  const ask = (host: string) =>
    local.raw({ ...list, headers: { ...list.headers, host }, credential: key });
  expect((await ask("rebound.evil.example")).status).toBe(403);
  expect((await ask("127.0.0.1:3000")).status).toBe(200);
});

test("[MCP-3] headers of the protocol that do not match the body are refused with 400", async () => {
  for (const headers of [
    { ...list.headers, "mcp-method": "tools/call" },
    { ...list.headers, "mcp-protocol-version": "2025-11-25" },
    { "mcp-method": "tools/list" },
  ]) {
    const answer = await mcp.raw({ json: list.json, headers, credential: key });
    expect(answer.status, JSON.stringify(headers)).toBe(400);
  }
  const message = modernMessage("tools/call", { name: "connections_list", arguments: {} });
  const named = { ...message.headers, "mcp-name": "plans_apply" };
  expect((await mcp.raw({ json: message.json, headers: named, credential: key })).status).toBe(400);
});

test("[MCP-3] batches, other types, bodies too large and what is no message are refused", async () => {
  const ask = (body: string | Buffer, type = "application/json") =>
    mcp.raw({ body, headers: { ...list.headers, "content-type": type }, credential: key });
  const batch = await ask(JSON.stringify([list.json, list.json]));
  expect([batch.status, batch.body.error?.code]).toEqual([400, -32600]);
  for (const body of ["", "{", "nothing", '"text"', "1", "null"]) {
    expect((await ask(body)).status, body).toBe(400);
  }
  expect((await ask(JSON.stringify(list.json), "text/plain")).status).toBe(415);
  expect((await ask("x".repeat(MAX_MCP_BYTES + 1))).status).toBe(413);
  expect((await ask(Buffer.from([0x7b, 0xff, 0x7d]))).status).toBe(400);
});

test("[MCP-3] a body that says no length is read no further than its limit", async () => {
  const socket = connect(mcp.port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write(
    `POST /api/mcp HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  const chunk = "x".repeat(65_536);
  for (let sent = 0; sent <= MAX_MCP_BYTES; sent += chunk.length) {
    socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
  }
  expect(await text(socket)).toMatch(/^HTTP\/1.1 413 /);
});

test("[MCP-3] an unknown method is told so, by the code for that", async () => {
  const answer = await mcp.raw({ ...modernMessage("tools/approve"), credential: key });
  expect(answer.body.error?.code).toBe(-32601);
});

test("[WEB-7] every answer forbids to run, frame, sniff or keep anything of it", async () => {
  for (const answer of [
    await mcp.raw({ ...list, credential: key }),
    await mcp.raw(list),
    await mcp.raw({ method: "GET", path: "/.well-known/oauth-protected-resource" }),
  ]) {
    expect(answer.headers).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
    });
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
    expect(answer.headers["set-cookie"]).toBeUndefined();
  }
});

test("[BRK-11] a key that is taken back opens nothing any more, and ends what it waits in", async () => {
  const own = await givenReader();
  const asked = modernMessage("tools/call", { name: "request_connection", arguments: {} });
  const answer = await mcp.raw({ ...asked, credential: own.key });
  const { structuredContent } = answer.body.result as {
    structuredContent: { connectionRequest: { handle: string } };
  };
  const { handle } = structuredContent.connectionRequest;
  const waits = mcp.raw({
    ...modernMessage("tools/call", { name: "request_connection", arguments: { handle } }),
    credential: own.key,
  });
  // Whichever hears of it first: the wait, or the connection.
  const ended = waits.then(
    ({ text: told }) => (told.includes("input.not_found") ? "ended" : told),
    () => "ended",
  );
  await deps.changes.current();
  await revokeKey(deps, own.person, own.agentId, own.keyId);
  expect(await ended).toBe("ended");
  await expect.poll(async () => (await mcp.raw({ ...list, credential: own.key })).status).toBe(401);
});

test("[BRK-11] a key that is taken back while its message still comes has nothing done for it", async () => {
  const own = await givenReader();
  const { json, headers } = list;
  const whole = JSON.stringify(json);
  const sent = request({
    ...{ host: "127.0.0.1", port: mcp.port, path: "/api/mcp", method: "POST", agent: false },
    headers: {
      ...{ accept: "application/json, text/event-stream", "content-type": "application/json" },
      ...{ authorization: `Bearer ${own.key}`, "content-length": whole.length },
      ...headers,
    },
  });
  const answered = once(sent, "response");
  sent.write(whole.slice(0, 10));
  // Its use is noted when it was believed.
  const row = () => deps.db.agentKey.findUniqueOrThrow({ where: { id: own.keyId } });
  await expect.poll(async () => (await row()).lastUsedAt).not.toBeNull();
  await revokeKey(deps, own.person, own.agentId, own.keyId);
  await deps.changes.current();
  sent.end(whole.slice(10));
  const [{ statusCode }] = (await answered) as [IncomingMessage];
  expect(statusCode).toBe(401);
});

test("[BRK-11] a call that is at the provider when its key is taken back is given up at once", async () => {
  const own = await givenReader();
  const held = studio.simulator.faults.set(
    wireFaults.held,
    { stage: "before-work" },
    { path: "/Service.asmx", times: 1 },
  );
  const call = mcp.raw({
    ...modernMessage("tools/call", {
      name: listTools,
      arguments: { connectionId: own.connectionId },
    }),
    credential: own.key,
  });
  const ended = call.then(
    ({ text: told }) => told,
    () => "given up",
  );
  await held.reached;
  await deps.changes.current();
  await revokeKey(deps, own.person, own.agentId, own.keyId);
  expect(await ended).toBe("given up");
  held.release();
});
