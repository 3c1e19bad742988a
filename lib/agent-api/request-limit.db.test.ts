import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { limitsOfBody, limitsOfRequest, limitTable } from "#lib/limits/limit-table.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { listenForMcp, modernMessage } from "#lib/testing/mcp.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const agents = await listenForAgents(deps);
const mcp = await listenForMcp(deps);

type Answer = {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
};

const absent = randomUUID();
const get = (path: string) => (credential: string) =>
  agents.call(`/api/broker/${path}`, { credential });
/** None of them reaches a provider: what they cost is the studio's. */
const doors: Readonly<Record<string, (credential: string, agentId: string) => Promise<Answer>>> = {
  "the list of connections": get("connections"),
  "the list of operations": get("operations"),
  "a plan that is not there": get(`plans/${absent}`),
  "a request that is not there": get(`connection-requests/${absent}`),
  "a connection that is not there, through the proxy": get(`proxy/${absent}/rest/x`),
  "a token for a connection that is not there": (credential, agentId) =>
    agents.call(`/api/broker/proxy/${absent}/auth/v2/token`, {
      method: "POST",
      json: { grant_type: "client_credentials", client_id: agentId, client_secret: credential },
    }),
  "a token's userinfo": get(`proxy/${absent}/auth/v2/userinfo`),
  "the list of tools": (credential) => mcp.raw({ ...modernMessage("tools/list"), credential }),
};

test.each(Object.entries(doors))(
  "[BRK-10] %s counts against its key, which is told when to go on",
  async (_door, ask) => {
    const agent = await givenAgent(deps, await given.person());
    const { limit } = limitTable.request.key;
    const [ofKey] = limitsOfRequest({ keyId: agent.keyId, ownerId: "" });
    deps.limits.take([{ ...ofKey, count: limit - 1 }]);
    expect((await ask(agent.key, agent.agentId)).status).not.toBe(429);
    const refused = await ask(agent.key, agent.agentId);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
    expect(refused.text).toContain("makes more calls than it may");
    deps.clock.advanceSeconds(61);
    expect((await ask(agent.key, agent.agentId)).status).not.toBe(429);
  },
);

test("[BRK-10] one key's requests are not another's, and who is nobody counts against none", async () => {
  const owner = await given.person();
  const [one, other] = [await givenAgent(deps, owner), await givenAgent(deps, owner)];
  const { limit } = limitTable.request.key;
  const [ofKey] = limitsOfRequest({ keyId: one.keyId, ownerId: "" });
  deps.limits.take([{ ...ofKey, count: limit }]);
  const connections = get("connections");
  expect((await connections(one.key)).status).toBe(429);
  expect((await connections(other.key)).status).toBe(200);
  const forged = `${one.key.slice(0, -5)}AAAA${one.key.slice(-1)}`;
  expect((await connections(forged)).status).toBe(401);
});

test("[BRK-10] a person's keys have one limit together, and more agents bring no more", async () => {
  const [owner, stranger] = [await given.person(), await given.person()];
  const [one, other] = [await givenAgent(deps, owner), await givenAgent(deps, owner)];
  const foreign = await givenAgent(deps, stranger);
  const [, ofOwner] = limitsOfRequest({ keyId: one.keyId, ownerId: owner.userId });
  deps.limits.take([{ ...ofOwner, count: limitTable.request.owner.limit }]);
  const connections = get("connections");
  for (const { key } of [one, other]) expect((await connections(key)).status).toBe(429);
  expect((await connections(foreign.key)).status).toBe(200);
});

test.each(["by MCP", "to the broker", "through the proxy"])(
  "[BRK-10] large bodies %s have a limit of their own, small ones do not count",
  async (door) => {
    const owner = await given.person();
    const connectionId = await given.connection(owner, givenDefinitions.halden);
    await studio.connect(owner, connectionId, "dana.kowalczyk@halden.example");
    const { key, keyId } = await givenAgent(deps, owner, { connections: [connectionId] });
    const send = (pad: string) => {
      const json = { pad };
      if (door === "by MCP") return mcp.raw({ json, credential: key });
      if (door === "to the broker") {
        return agents.call("/api/broker/plans", { method: "POST", credential: key, json });
      }
      const path = `/api/broker/proxy/${connectionId}/rest/services/data/v60.0/composite`;
      return agents.call(path, { method: "POST", credential: key, json });
    };
    const large = "x".repeat(20 * 1024);
    const [ofKey] = limitsOfBody({ keyId, ownerId: owner.userId }, 0);
    deps.limits.take([{ ...ofKey, count: limitTable.bodies.key.limit - 1 }]);
    expect((await send(large)).status).not.toBe(429);
    expect((await send(large)).status).toBe(429);
    expect((await send("small")).status).not.toBe(429);
  },
);
