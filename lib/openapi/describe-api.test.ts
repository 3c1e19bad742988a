import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { addConnectionRequestRoutes } from "#lib/agent-api/connection-requests.ts";
import { addConnectionRoutes } from "#lib/agent-api/connections.ts";
import { addLeaseRoutes } from "#lib/agent-api/leases.ts";
import { addOperationRoutes } from "#lib/agent-api/operations.ts";
import { addPlanRoutes } from "#lib/agent-api/plans.ts";
import { describeApi } from "#lib/openapi/describe-api.ts";
import { agentRoutes, personRoutes } from "#lib/openapi/described-routes.ts";
import { operations } from "#lib/providers/operations.ts";

const described = describeApi("https://studio.example");
const nameOf = ({ method, path }: { method: string; path: string }) =>
  `${method.toUpperCase()} ${path}`;

test("every route of the agents' surface is described, and none that is not there", () => {
  const routes: string[] = [];
  const note = (method: string) => (path: string) => {
    routes.push(nameOf({ method, path: path.replaceAll(/:(\w+)/g, "{$1}") }));
  };
  const app = {
    ...{ get: note("get"), post: note("post"), put: note("put") },
    ...{ patch: note("patch"), delete: note("delete") },
  };
  for (const add of [
    addConnectionRequestRoutes,
    addConnectionRoutes,
    addLeaseRoutes,
    addOperationRoutes,
    addPlanRoutes,
  ]) {
    add(app as never, {} as never, (() => null) as never);
  }
  const ofRegistry = "POST /api/broker/operations/{operationId}"; // each has a path of its own
  expect(agentRoutes.map(nameOf).sort()).toEqual(
    routes.filter((name) => name !== ofRegistry).sort(),
  );
  // Nobody adds to the surface beside these.
  const entrance = readFileSync("lib/agent-api/app.ts", "utf8");
  expect(entrance.match(/\badd\w+Routes\(/g)).toHaveLength(5);
  expect(entrance).not.toMatch(/\bapp\.(get|post|put|patch|delete)\(/);
});

test("what is described for people is there", () => {
  for (const { method, path } of personRoutes) {
    const file = `app${path.replaceAll(/\{(\w+)\}/g, "[$1]")}/route.ts`;
    expect(readFileSync(file, "utf8"), path).toContain(`export const ${method.toUpperCase()} =`);
  }
});

test("each operation of the registry has its path, its schemas and its example", () => {
  for (const { id, effect, example } of operations) {
    const post = described.paths[`/api/broker/operations/${id}`]?.post;
    expect(post).toMatchObject({
      operationId: id,
      requestBody: { content: { "application/json": { example: { input: example } } } },
      responses: { [effect === "read" ? 200 : 202]: { content: expect.anything() } },
    });
  }
});

test("ids of operations are unique, each path's names are parameters, and every call says how it refuses", () => {
  const ids: unknown[] = [];
  for (const [path, methods] of Object.entries(described.paths)) {
    for (const call of Object.values(methods)) {
      ids.push(call.operationId);
      expect(call.responses).toHaveProperty("default");
      const parameters = (call.parameters ?? []) as { name: string; in: string }[];
      const named = parameters.filter((each) => each.in === "path").map(({ name }) => `{${name}}`);
      expect(path.match(/\{\w+\}/g) ?? []).toEqual(named);
    }
  }
  expect(new Set(ids).size).toBe(ids.length);
});

test("the document is JSON, and knows this installation by its origin alone", () => {
  const text = JSON.stringify(described);
  expect(JSON.parse(text)).toEqual(described);
  const hosts = new Set(text.match(/https?:\/\/[a-z0-9.-]+/g));
  expect([...hosts]).toEqual(["https://studio.example"]);
});

test("[WEB-10] it is made once, however often anybody asks", () => {
  expect(describeApi("https://studio.example")).toBe(describeApi("https://studio.example"));
  expect(describeApi("https://other.example").servers).toEqual([{ url: "https://other.example" }]);
});
