import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { addConnectionRequestRoutes } from "#lib/agent-api/connection-requests.ts";
import { addConnectionRoutes } from "#lib/agent-api/connections.ts";
import { addLeaseRoutes } from "#lib/agent-api/leases.ts";
import { addOperationRoutes } from "#lib/agent-api/operations.ts";
import { addPlanRoutes } from "#lib/agent-api/plans.ts";
import { agentRoutes } from "#lib/openapi/agent-routes.ts";
import { describeApi } from "#lib/openapi/describe-api.ts";
import { personRoutes } from "#lib/openapi/person-routes.ts";
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
  expect(agentRoutes.map(nameOf).sort()).toEqual(routes.sort());
  // Nobody adds to the surface beside these.
  const entrance = readFileSync("lib/agent-api/app.ts", "utf8");
  expect(entrance.match(/\badd\w+Routes\(/g)).toHaveLength(5);
  expect(entrance).not.toMatch(/\bapp\.(get|post|put|patch|delete)\(/);
});

test("every route for people is described, and none that is not there", () => {
  const there = globSync("app/api/**/route.ts")
    .map((file) => file.replaceAll(path.sep, "/"))
    .filter((file) => !/\[\.\.\./.test(file)) // next-auth's own
    .flatMap((file) => {
      const methods = readFileSync(file, "utf8").matchAll(/^export const ([A-Z]+) =/gm);
      const address = file.replace(/^app|\/route\.ts$/g, "").replaceAll(/\[(\w+)\]/g, "{$1}");
      return [...methods].map(([, method = ""]) => nameOf({ method, path: address }));
    });
  const ofThis = "GET /api/openapi.json";
  expect([...personRoutes.map(nameOf), ofThis].sort()).toEqual(there.sort());
});

test("a route's body, query and first status are as it is described", () => {
  for (const { method, path: address, body, query, answers } of personRoutes) {
    const file = `app${address.replaceAll(/\{(\w+)\}/g, "[$1]")}/route.ts`;
    const [, code = ""] = readFileSync(file, "utf8").split(
      `export const ${method.toUpperCase()} =`,
    );
    const own = code.split("\nexport const ")[0] ?? "";
    const name = `${method} ${address}`;
    expect(/\bbody: \w+Schema|\bbody: \w+,/.test(own), `${name} takes a body`).toBe(
      body !== undefined,
    );
    expect(/\bquery: \w+Schema/.test(own), `${name} takes a query`).toBe(query !== undefined);
    const statuses = [...own.matchAll(/status: (2\d\d)/g)].map(([, status]) => Number(status));
    const described = Object.keys(answers).map(Number);
    for (const status of statuses) expect(described, name).toContain(status);
    if (statuses.length === 0) expect(described, name).toContain(200);
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
  for (const [address, methods] of Object.entries(described.paths)) {
    for (const call of Object.values(methods)) {
      ids.push(call.operationId);
      expect(call.responses).toHaveProperty("default");
      const parameters = (call.parameters ?? []) as { name: string; in: string }[];
      const named = parameters.filter((each) => each.in === "path").map(({ name }) => `{${name}}`);
      expect(address.match(/\{\w+\}/g) ?? []).toEqual(named);
    }
  }
  expect(new Set(ids).size).toBe(ids.length);
});

test("an answer with a name is told once, and referred to everywhere", () => {
  const text = JSON.stringify(described);
  const schemas = described.components.schemas as Record<string, unknown>;
  const used = new Set(
    [...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name),
  );
  expect([...used].filter((name) => !(String(name) in schemas))).toEqual([]);
  expect(Object.keys(schemas).filter((name) => !used.has(name))).toEqual([]);
  expect(described.paths["/api/broker/plans/{planId}"]?.get).toMatchObject({
    responses: {
      200: {
        content: { "application/json": { schema: { $ref: expect.stringMatching(/Plan$/) } } },
      },
    },
  });
  expect(text.length).toBeLessThan(1_000_000);
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
