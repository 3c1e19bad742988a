import { expect, test } from "vitest";
import { operationTools } from "#lib/mcp/operation-tools.ts";
import { operations } from "#lib/providers/operations.ts";
import { givenAgent } from "#lib/testing/agents.ts";
import { givenDefinitions } from "#lib/testing/definitions.ts";
import { listenForMcp } from "#lib/testing/mcp.ts";
import { testStudio } from "#lib/testing/studio.ts";

const studio = await testStudio();
const { deps, given, simulator } = studio;
const mcp = await listenForMcp(deps);
const person = await given.person();
const org = await given.connection(person, givenDefinitions.halden);
await studio.connect(person, org, "dana.kowalczyk@halden.example");
const unit = await given.connection(person, givenDefinitions.haldenUnit);
await studio.connect(person, unit, "d.kowalczyk@halden");
// Whatever an operation needs: what the provider itself makes of it is not asked here.
const scopes = [...new Set(operations.flatMap((operation) => operation.scopes))];
await deps.db.grant.updateMany({ where: { teamId: person.teamId }, data: { scopes } });
const { key } = await givenAgent(deps, person, { connections: [org, unit] });
// It checks each answer against the tool's schema, and throws where one does not fit.
const client = await mcp.connect(key);
await client.listTools();

const answered: string[] = [];

test.each(operationTools.map((tool) => ({ name: tool.name, tool })))(
  "$name does its example: its answer fits its schema, or says what is wrong in our words",
  async ({ name, tool }) => {
    const { operation } = tool;
    const writes = () =>
      simulator.log
        .all()
        .filter(
          ({ method, path }) =>
            /^(PUT|PATCH|DELETE)$/.test(method) || /hub\/v1\/dataevents/.test(path),
        ).length;
    const before = writes();
    const connectionId = operation.provider === "salesforce" ? org : unit;
    const result = await client.callTool({
      name,
      arguments: { connectionId, ...(operation.example as object) },
    });
    if (result.isError) {
      const [content] = result.content as { text: string }[];
      const { error } = JSON.parse(content?.text ?? "{}");
      expect(error).toMatchObject({
        code: expect.stringMatching(/^(operations|plans|broker|limits)\./),
      });
      expect(error.message.length).toBeGreaterThan(10);
      return;
    }
    answered.push(name);
    const status = operation.effect === "read" ? "done" : "plan";
    expect(result.structuredContent).toMatchObject({ status });
    expect(writes(), "nothing is written before a person approved it").toBe(before);
  },
);

test("most of them have an answer in the simulated companies", () => {
  expect(answered.length).toBeGreaterThan(operationTools.length / 2);
});
