import { expect, test } from "vitest";
import { type CallPlaces, createCallPlaces } from "#lib/broker/call-places.ts";
import { answerRequest } from "#lib/connection-requests/answer-request.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { listenForMcp, modernMessage } from "#lib/testing/mcp.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const most = 3;
const places = createCallPlaces({ key: most, owner: 10 });
let underWay = 0;
const callPlaces: CallPlaces = {
  take(by) {
    const giveBack = places.take(by);
    underWay += 1;
    let isBack = false;
    return () => {
      giveBack();
      if (!isBack) underWay -= 1;
      isBack = true;
    };
  },
};
const deps = { ...studio.deps, callPlaces };
const mcp = await listenForMcp(deps);
const agents = await listenForAgents(deps);

const untilUnderWay = (count: number) => expect.poll(() => underWay).toBe(count);

const path = "/api/broker/connection-requests";
const asking = (args: { handle?: string } = {}) =>
  modernMessage("tools/call", { name: "request_connection", arguments: args });

/** An agent whose owner was asked for a connection: it can wait for the answer by either door. */
async function givenAsker() {
  const owner = await studio.given.person();
  const { key } = await givenAgent(deps, owner);
  const raised = await agents.call(path, { method: "POST", credential: key, json: {} });
  const id = String(raised.body.id);
  const asked = await mcp.raw({ ...asking(), credential: key });
  const { structuredContent } = asked.body.result as {
    structuredContent: { connectionRequest: { handle: string } };
  };
  const { handle } = structuredContent.connectionRequest;
  await untilUnderWay(0);
  return {
    key,
    handle,
    waitByMcp: () => mcp.raw({ ...asking({ handle }), credential: key }),
    waitByRest: () => agents.call(`${path}/${id}?waitSeconds=25`, { credential: key }),
    listTools: () => mcp.raw({ ...modernMessage("tools/list"), credential: key }),
    look: () => agents.call(`${path}/${id}`, { credential: key }),
    answer: () => answerRequest(deps, owner, id, { decline: true }),
  };
}

async function ended(waiting: readonly Promise<{ status: number }>[]): Promise<void> {
  for (const { status } of await Promise.all(waiting)) expect(status).toBe(200);
  await untilUnderWay(0);
}

test("[BRK-10] a key has so many MCP calls under way, and is told when to ask again", async () => {
  const [own, other] = [await givenAsker(), await givenAsker()];
  const waiting = Array.from({ length: most }, own.waitByMcp);
  await untilUnderWay(most);
  const refused = await own.listTools();
  expect(refused.status).toBe(429);
  expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  expect(refused.body.error?.data).toMatchObject({
    code: "broker.rate_limited",
    remedy: { do: "retry" },
  });
  expect((await other.listTools()).status).toBe(200);
  await own.answer();
  await ended(waiting);
  expect((await own.listTools()).status).toBe(200);
});

test("[BRK-10] a key's calls under way count together, whichever door they came through", async () => {
  const { waitByMcp, waitByRest, listTools, look, answer } = await givenAsker();
  const waiting = [waitByMcp(), waitByRest(), waitByRest()];
  await untilUnderWay(most);
  expect((await listTools()).status).toBe(429);
  expect((await look()).status).toBe(429);
  await answer();
  await ended(waiting);
  expect((await listTools()).status).toBe(200);
  expect((await look()).status).toBe(200);
});

test("[BRK-10] a client that goes away while it waits leaves its place", async () => {
  const { key, handle, listTools } = await givenAsker();
  const left = new AbortController();
  const { json, headers } = asking({ handle });
  const waiting = Array.from({ length: most }, () =>
    fetch(mcp.url, {
      method: "POST",
      headers: {
        ...headers,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        authorization: `Bearer ${key}`,
      },
      body: JSON.stringify(json),
      signal: left.signal,
    }).catch(() => "gone"),
  );
  await untilUnderWay(most);
  expect((await listTools()).status).toBe(429);
  left.abort();
  expect(await Promise.all(waiting)).toEqual(Array.from({ length: most }, () => "gone"));
  await untilUnderWay(0);
  expect((await listTools()).status).toBe(200);
});
