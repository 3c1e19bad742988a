import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { listenForMcp, modernMessage } from "#lib/testing/mcp.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const words = "connect ECONNREFUSED 10.1.2.3:5432 in select secret_column";
const db = new Proxy(deps.db, {
  get: () => {
    throw new Error(words);
  },
});
const mcp = await listenForMcp({ ...deps, db });

test.each([
  ["resources/read", () => ({ uri: `studio://plans/${randomUUID()}` })],
  ["resources/read", () => ({ uri: "studio://connections" })],
  [
    "completion/complete",
    () => ({
      ref: { type: "ref/prompt", name: "explore-an-org" },
      argument: { name: "connectionId", value: "" },
    }),
  ],
  ["tools/call", () => ({ name: "plans_get", arguments: { planId: randomUUID() } })],
])("[MCP-8] [LOG-2] what breaks inside %s is told without its words", async (method, params) => {
  const person = await given.person();
  const connectionId = await given.connection(person, givenDefinitions.haldenUnit);
  const { key } = await givenAgent(deps, person, { connections: [connectionId] });
  const answer = await mcp.raw({ ...modernMessage(method, params()), credential: key });
  expect(answer.text).not.toMatch(/ECONNREFUSED|10\.1\.2\.3|secret_column|Error:|\bat \//);
  expect(answer.text).toContain(answer.headers["x-studio-request-id"]);
});
