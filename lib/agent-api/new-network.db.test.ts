import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import { createAgentApi } from "#lib/agent-api/app.ts";
import { createAgentNetworks } from "#lib/agents/agent-networks.ts";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { getAgent } from "#lib/agents/list-agents.ts";
import { countAgentsToLookAt } from "#lib/agents/network-repository.ts";
import { listAgentEvents } from "#lib/audit/list-agent-events.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
// Two instances behind a proxy that speaks TLS and says where a request came from.
const behindTls = { ...deps, studioUrl: "https://studio.example" };
const instances = [behindTls, { ...behindTls, agentNetworks: createAgentNetworks(deps) }].map(
  (each) => createServer(createAgentApi(each)),
);
for (const server of instances) {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
}
afterAll(async () => {
  for (const server of instances) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

type Asked = { credential: string; from: string; path?: string; json?: unknown; at?: 0 | 1 };

function ask({ credential, from, path = "connections", json, at = 0 }: Asked) {
  const { port } = (instances[at] as Server).address() as AddressInfo;
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request({
      host: "127.0.0.1",
      port,
      path: `/api/broker/${path}`,
      method: json === undefined ? "GET" : "POST",
      agent: false,
      headers: {
        authorization: `Bearer ${credential}`,
        "x-forwarded-for": `10.0.0.1, ${from}`,
        ...(json === undefined ? {} : { "content-type": "application/json" }),
      },
    });
    sent.once("error", reject);
    sent.once("response", (answer) => {
      text(answer).then((got) => resolve({ status: answer.statusCode ?? 0, text: got }), reject);
    });
    sent.end(json === undefined ? undefined : JSON.stringify(json));
  });
}

const statusOf = async (answer: Promise<{ status: number }>) => (await answer).status;

const home = "203.0.113.7";
const elsewhere = "198.51.100.9";
const elsewhereSite = "198.51.100.0/24";
const day = 24 * 60 * 60;

/** An agent whose key was at home for a day. */
async function settled(options: { pauses?: boolean } = {}) {
  const owner = await given.person();
  const connectionId = await given.connection(owner, givenDefinitions.haldenUnit);
  await studio.connect(owner, connectionId, "d.kowalczyk@halden");
  const agent = await givenAgent(deps, owner, { connections: [connectionId] });
  if (options.pauses === false) {
    await editAgent(deps, owner, agent.agentId, { pausesOnNewNetwork: false });
  }
  const askFrom = (from: string, more: Partial<Asked> = {}) =>
    ask({ credential: agent.key, from, ...more });
  expect((await askFrom(home)).status).toBe(200);
  deps.clock.advanceSeconds(day);
  await deps.db.session.update({
    where: { id: owner.sessionId },
    data: { confirmedAt: deps.clock.now() },
  });
  const seen = () => getAgent(deps, owner, agent.agentId);
  const events = async () => {
    const all = await listAgentEvents(deps, owner, agent.agentId, 20);
    return all.map(({ action }) => action);
  };
  return { owner, connectionId, agent, askFrom, seen, events };
}

describe("where the owner wants it paused, which is where they chose nothing", () => {
  test("[BRK-13] a settled key on a new network is refused before anything is done, and pauses its agent", async () => {
    const { owner, askFrom, seen, events } = await settled();
    const refused = await askFrom(elsewhere);
    expect(refused.status).toBe(401);
    expect(refused.text).toContain("agents.not_authenticated");
    // At home too, and on every instance: somebody may have the key.
    for (const at of [0, 1] as const)
      await expect.poll(() => statusOf(askFrom(home, { at }))).toBe(401);
    const agent = await seen();
    expect(agent.pausedReason).toBe("new_network");
    expect(agent.keys[0]?.networks).toMatchObject([
      { network: elsewhereSite, state: "held" },
      { network: "203.0.113.0/24", state: "known" },
    ]);
    expect(await events()).toEqual(["agent.paused"]);
    expect(await countAgentsToLookAt(deps.db, owner, deps.clock.now())).toBe(1);
  });

  test("[BRK-13] its owner says it was them: it goes on, there too, and there for good", async () => {
    const { owner, agent, askFrom, seen, events } = await settled();
    expect((await askFrom(elsewhere)).status).toBe(401);
    await editAgent(deps, owner, agent.agentId, { isPaused: false });
    for (const at of [0, 1] as const) {
      await expect.poll(() => statusOf(askFrom(elsewhere, { at }))).toBe(200);
      expect((await askFrom(home, { at })).status).toBe(200);
    }
    expect((await seen()).pausedAt).toBeNull();
    expect(await events()).toEqual(["agent.resumed", "agent.paused"]);
    expect(await countAgentsToLookAt(deps.db, owner, deps.clock.now())).toBe(0);
    // Another one, on the same day: that was not looked at.
    expect((await askFrom("192.0.2.1")).status).toBe(401);
  });

  test("[BRK-13] a lease's token at the proxy and a token request count as their key", async () => {
    const { connectionId, askFrom } = await settled();
    const leased = await askFrom(home, { path: "leases", json: { connectionId } });
    const { leaseToken } = JSON.parse(leased.text) as { leaseToken: string };
    simulator.log.clear();
    const path = `proxy/${connectionId}/rest/platform/v1/tokenContext`;
    const proxied = await ask({ credential: leaseToken, from: elsewhere, path });
    expect(proxied.status).toBe(401);
    expect(simulator.log.all()).toEqual([]);
    await expect.poll(() => statusOf(askFrom(home))).toBe(401);

    const other = await settled();
    const token = await other.askFrom(elsewhere, {
      path: `proxy/${other.connectionId}/auth/v2/token`,
      json: {
        grant_type: "client_credentials",
        client_id: other.agent.agentId,
        client_secret: other.agent.key,
      },
    });
    expect([token.status, JSON.parse(token.text).error]).toEqual([401, "invalid_client"]);
    await expect.poll(() => statusOf(other.askFrom(home))).toBe(401);
  });

  test("[BRK-13] on its first day a key may be at several places; another key's places are not its own", async () => {
    const { agent, owner, askFrom } = await settled();
    const [row] = await deps.db.agentKey.findMany({ where: { agentId: agent.agentId } });
    expect(row?.id).toBe(agent.keyId);
    const young = await givenAgent(deps, owner);
    for (const from of [home, elsewhere, "2001:db8:1:2::3"]) {
      expect((await ask({ credential: young.key, from })).status).toBe(200);
    }
    deps.clock.advanceSeconds(day);
    // Of IPv6 a whole site is one network.
    expect((await ask({ credential: young.key, from: "2001:db8:1:ffff::9" })).status).toBe(200);
    expect((await askFrom(elsewhere)).status).toBe(401);
  });

  test("[BRK-13] a hundred first calls at once are refused, and told of once", async () => {
    const { askFrom, events } = await settled();
    const answers = await Promise.all(Array.from({ length: 100 }, () => askFrom(elsewhere)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(await events()).toEqual(["agent.paused"]);
  });
});

describe("where the owner wants to be told", () => {
  test("[BRK-13] it goes on, and its owner is told until they have looked", async () => {
    const { owner, agent, askFrom, seen, events } = await settled({ pauses: false });
    for (const at of [0, 1] as const) expect((await askFrom(elsewhere, { at })).status).toBe(200);
    expect((await seen()).keys[0]?.networks[0]).toMatchObject({
      network: elsewhereSite,
      state: "told",
    });
    expect(await events()).toEqual(["agent.new_network", "agent.edited"]);
    expect(await countAgentsToLookAt(deps.db, owner, deps.clock.now())).toBe(1);
    await editAgent(deps, owner, agent.agentId, { isPaused: false });
    expect(await countAgentsToLookAt(deps.db, owner, deps.clock.now())).toBe(0);
    expect((await events())[0]).toBe("agent.networks_known");
    expect((await askFrom(elsewhere)).status).toBe(200);
    expect(await events()).toHaveLength(3);
  });

  test("[TEN-4] to be told in place of a pause is more: it wants its owner, just proven", async () => {
    const { agent, owner } = await settled();
    const admin = await given.person({ teamId: owner.teamId, role: "admin" });
    const choice = { pausesOnNewNetwork: false };
    await expect(editAgent(deps, admin, agent.agentId, choice)).rejects.toThrow();
    deps.clock.advanceSeconds(16 * 60);
    await expect(editAgent(deps, owner, agent.agentId, choice)).rejects.toMatchObject({
      code: "auth.recent_sign_in_needed",
    });
    await editAgent(deps, owner, agent.agentId, { name: "Still paused there" });
  });
});
