import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { givenAgent } from "#lib/testing/agents.ts";
import { listenForMcp, modernMessage } from "#lib/testing/mcp.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const mcp = await listenForMcp(deps);
const { key } = await givenAgent(deps, await given.person(), {});
const agent = new Agent({ keepAlive: true });
afterAll(() => agent.destroy());

type Sent = { headers: Record<string, string>; body: string | Buffer };

const send = ({ headers, body }: Sent): Promise<{ status: number; answer: string }> =>
  new Promise((resolve, reject) => {
    const sent = request({
      ...{ host: "127.0.0.1", port: mcp.port, path: "/api/mcp", method: "POST", agent },
      headers: {
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        authorization: `Bearer ${key}`,
        ...headers,
      },
    });
    sent.once("error", reject);
    sent.once("response", (answer) => {
      text(answer).then((got) => resolve({ status: answer.statusCode ?? 0, answer: got }), reject);
    });
    sent.end(body);
  });

// Of a stack's line the place in a file: "at once (" is a tool's own words.
const insides = /node_modules|\.[cm]?[jt]s:\d|\bat \S+ \((?:file:|node:|\/)|prisma|postgres/i;

/** Whatever comes, what goes out is a message or nothing, says nothing of us, and is no fault of ours. */
async function expectTaken(sent: Sent): Promise<void> {
  const { status, answer } = await send(sent);
  expect(status).toBeLessThan(500);
  expect(answer).not.toContain(key);
  expect(answer).not.toMatch(insides);
  const messages = answer.startsWith("{")
    ? [answer]
    : [...answer.matchAll(/^data: (.+)$/gm)].map(([, data]) => data ?? "");
  if (answer !== "" && !answer.startsWith(":")) expect(messages.length).toBeGreaterThan(0);
  for (const message of messages) expect(JSON.parse(message)).toMatchObject({ jsonrpc: "2.0" });
}

const methods = fc.oneof(
  fc.constantFrom(
    ...["tools/list", "tools/call", "resources/read", "prompts/get", "completion/complete"],
    ...["initialize", "server/discover", "subscriptions/listen", "ping", "logging/setLevel"],
    ...["notifications/initialized", "notifications/cancelled", "tasks/get", "__proto__"],
  ),
  fc.string({ maxLength: 40 }),
);
const names = fc.oneof(
  fc.constantFrom("connections_list", "plans_get", "constructor", "__proto__", "toString", ""),
  fc.string({ unit: "binary", maxLength: 30 }),
);
const anything = fc.oneof(
  { maxDepth: 4 },
  fc.jsonValue({ maxDepth: 6 }),
  fc.dictionary(fc.constantFrom("__proto__", "constructor", "name", "arguments"), fc.jsonValue()),
  fc.constantFrom(null, -1, 1e308, "\u0000", "\ud800", [], {}),
);
const params = fc.oneof(
  anything,
  fc.record(
    {
      name: fc.oneof(names, anything),
      arguments: fc.oneof(
        fc.record({ planId: anything, connectionId: anything, nextCursor: anything }),
        anything,
      ),
      uri: fc.oneof(fc.webUrl(), fc.string({ maxLength: 60 }), anything),
      requestState: fc.oneof(fc.base64String({ maxLength: 80 }), anything),
      inputResponses: anything,
      cursor: anything,
      _meta: fc.oneof(fc.constant(modernMessage("x").json.params._meta), anything),
    },
    { requiredKeys: [] },
  ),
);
const odd = fc.record(
  {
    jsonrpc: fc.oneof(fc.constant("2.0"), anything),
    id: fc.oneof(fc.integer(), fc.string({ maxLength: 20 }), anything),
    method: fc.oneof(methods, anything),
    params,
    result: anything,
    error: anything,
  },
  { requiredKeys: [] },
);
const messages = fc.oneof(
  { weight: 4, arbitrary: odd },
  // As it should be, but for what it is about: these get behind the entrance.
  fc.record({
    jsonrpc: fc.constant("2.0"),
    id: fc.integer(),
    method: methods,
    params: fc.oneof(fc.constant({}), params),
  }),
);
// What a header can hold; what it cannot never leaves a client.
const headerText = fc.stringMatching(/^[!-~]{1,30}$/);
const headers = fc.record(
  {
    "mcp-protocol-version": fc.oneof(
      fc.constantFrom("2026-07-28", "2025-11-25", "2024-11-05", "DRAFT"),
      headerText,
    ),
    "mcp-method": fc.oneof(fc.constantFrom("tools/call", "tools/list", "initialize"), headerText),
    "mcp-name": fc.oneof(fc.constantFrom("connections_list", "plans_get"), headerText),
    "mcp-session-id": headerText,
    "last-event-id": headerText,
    accept: fc.constantFrom("*/*", "application/json", "text/event-stream", "image/png"),
  },
  { requiredKeys: [] },
);

test("[MCP-3] whatever message comes, the answer is a message, and never a fault of ours", async () => {
  await fc.assert(
    fc.asyncProperty(headers, messages, async (head, message) =>
      expectTaken({ headers: head, body: JSON.stringify(message) }),
    ),
    { numRuns: 1_500 },
  );
}, 90_000);

test("[MCP-3] whatever bytes come, too", async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(raw)),
    fc.json({ maxDepth: 8 }).map((whole) => Buffer.from(whole.slice(0, whole.length - 1))),
    fc.integer({ min: 1, max: 30_000 }).map((depth) => Buffer.from("[".repeat(depth))),
    fc
      .integer({ min: 1, max: 5_000 })
      .map((depth) => Buffer.from(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`)),
  );
  await fc.assert(
    fc.asyncProperty(headers, bytes, async (head, body) => expectTaken({ headers: head, body })),
    { numRuns: 500 },
  );
}, 60_000);

test("[MCP-3] after all of it the next caller is served", async () => {
  const answer = await mcp.raw({ ...modernMessage("tools/list"), credential: key });
  expect(answer.status).toBe(200);
});
