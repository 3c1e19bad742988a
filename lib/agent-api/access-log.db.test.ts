import { expect, test, vi } from "vitest";
import { createLogger } from "#lib/core/log.ts";
import { listenForAgents } from "#lib/testing/agent-api.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { given } = studio;
const lines: string[] = [];
const log = createLogger({ level: "info", destination: { write: (line) => lines.push(line) } });
const deps = { ...studio.deps, log };
const agents = await listenForAgents(deps);

const linesOf = (requestId: unknown) =>
  lines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line.event === "agent's call" && line.requestId === requestId);

test("[LOG-1] each call of an agent leaves one line of ids and kinds, and nothing of what was asked or answered", async () => {
  const owner = await given.person();
  const id = await given.connection(owner, givenDefinitions.halden);
  await studio.connect(owner, id, "dana.kowalczyk@halden.example");
  const agent = await givenAgent(deps, owner, { connections: [id] });
  const soql = encodeURIComponent("SELECT Name FROM Account WHERE Name = 'canary'");
  const credential = agent.key;
  const read = await agents.call(
    `/api/broker/proxy/${id}/rest/services/data/v64.0/query?q=${soql}`,
    { credential },
  );
  const written = await agents.call(
    `/api/broker/proxy/${id}/rest/services/data/v64.0/sobjects/Account`,
    { credential, method: "POST", json: { Name: "canary" } },
  );
  const listed = await agents.call("/api/broker/connections", { credential });
  const strange = await agents.call("/api/broker/connections?canary=1", {
    credential: "mmk_canarycanarycanarycanar_canary",
  });
  const lineOf = async (answer: { headers: Record<string, unknown> }) => {
    const requestId = answer.headers["x-studio-request-id"];
    await vi.waitFor(() => expect(linesOf(requestId)).toHaveLength(1));
    return linesOf(requestId)[0];
  };
  const { agentId, keyId } = agent;
  const known = { agentId, keyId };
  expect(await lineOf(read)).toMatchObject({
    ...known,
    connectionId: id,
    class: "read",
    status: 200,
    durationMs: expect.any(Number),
  });
  expect(await lineOf(written)).toMatchObject({ ...known, class: "write", status: 403 });
  expect(await lineOf(listed)).toMatchObject({ ...known, status: 200 });
  expect(await lineOf(strange)).toMatchObject({ status: 401 });
  expect(lines.join("\n")).not.toMatch(/canary|dana|halden|Nightly report|mmk_/i);
});
