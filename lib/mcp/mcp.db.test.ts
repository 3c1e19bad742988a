import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { clientEras, listenForMcp } from "#lib/testing/mcp.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given } = studio;
const mcp = await listenForMcp(deps);

const dana = "d.kowalczyk@halden";

async function givenReader(options: Parameters<typeof givenAgent>[2] = {}) {
  const person = await given.person();
  const connectionId = await given.connection(person, givenDefinitions.haldenUnit);
  await studio.connect(person, connectionId, dana);
  const agent = await givenAgent(deps, person, { connections: [connectionId], ...options });
  return { person, connectionId, ...agent };
}
type Structured = Record<string, never> & { data: Record<string, unknown[]> };

test.each(clientEras)("the official client of the %s era lists and calls", async (era) => {
  const { key, connectionId } = await givenReader();
  const client = await mcp.connect(key, { era });
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toContain("marketing_cloud_data_extensions_list");
  const connections = await client.callTool({ name: "connections_list", arguments: {} });
  expect(connections.structuredContent).toMatchObject({
    data: { connections: [{ id: connectionId, state: "active" }] },
  });
  const result = await client.callTool({
    name: "marketing_cloud_data_extensions_list",
    arguments: { connectionId, most: 3 },
  });
  expect(result.isError, JSON.stringify(result.content)).toBeFalsy();
  expect((result.structuredContent as Structured).data.dataExtensions).toHaveLength(3);
  expect(JSON.parse((result.content as { text: string }[])[0]?.text ?? "")).toEqual(
    result.structuredContent,
  );
  const { prompts } = await client.listPrompts();
  expect(prompts).toHaveLength(5);
  const { resources } = await client.listResources();
  expect(resources.map(({ uri }) => uri)).toEqual(["studio://connections"]);
  const read = await client.readResource({ uri: `studio://connections/${connectionId}` });
  expect(JSON.stringify(read)).toContain(connectionId);
  await expect(
    client.readResource({ uri: `studio://connections/${randomUUID()}` }),
  ).rejects.toThrow();
});
