import { globSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { operationTools } from "#lib/mcp/operation-tools.ts";
import { ownArguments } from "#lib/mcp/tool-schemas.ts";
import { allTools } from "#lib/mcp/tools.ts";
import { jsonSchemasOf } from "#lib/operations/json-schemas.ts";
import { operations } from "#lib/providers/operations.ts";

const names = allTools.map(({ name }) => name);

test("[MCP-9] there is no tool that approves, raises a mode, makes keys, reads secrets or edits definitions", () => {
  const studioNames = names.filter((name) => !/^(salesforce|marketing_cloud)_/.test(name));
  expect(studioNames).toEqual([
    ...["connections_list", "request_connection"],
    ...["plans_propose", "plans_get", "plans_edit", "plans_apply", "plans_cancel", "propose_call"],
  ]);
  // Of the registry: what stands for a right is no operation (credentials, sessions, permissions, packages).
  const never =
    /approv|reject|resolve|standing|mode|key(s)?_|credential|secret|password|token|session|permission|profile|role|oauth|package|grant|definition_edit/;
  expect(names.filter((name) => never.test(name))).toEqual([]);
});

test("[MCP-9] nothing of this room reaches for what approves or opens secrets", () => {
  const sources = globSync("lib/mcp/**/*.ts").filter((file) => !/\.test\.ts$/.test(file));
  const forbidden =
    /approve-plan|approve-beforehand|reject-plan|make-standing|edit-agent|make-key|create-agent|answer-request|create-connection|edit-connection|vault\/|secrets\.ts|#prisma|send-request|send-with-token|egress\//;
  for (const file of sources) {
    const imports = readFileSync(file, "utf8").match(/from "[^"]+"/g) ?? [];
    expect(
      imports.filter((line) => forbidden.test(line)),
      file,
    ).toEqual([]);
  }
});

test("every operation is a tool, under a name that clients and models take", () => {
  expect(operationTools.map(({ operation }) => operation.id)).toEqual(
    operations.map(({ id }) => id),
  );
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z][a-z_]{2,63}$/);
});

test("no operation has an input by a name that is the studio's, so that both stand flat", () => {
  for (const operation of operations) {
    const { properties = {} } = jsonSchemasOf(operation).input as { properties?: object };
    expect(
      Object.keys(properties).filter((name) => ownArguments.some((own) => own === name)),
      operation.id,
    ).toEqual([]);
  }
});

test("every argument says what it is", () => {
  for (const { name, inputSchema } of allTools) {
    for (const [field, schema] of Object.entries(inputSchema.properties ?? {})) {
      expect(schema, `${name} ${field}`).toHaveProperty("description");
    }
  }
});

test("[MCP-6] a tool says that it only reads where its operation does, and nowhere else", () => {
  for (const { operation, annotations } of operationTools) {
    expect(annotations.readOnlyHint, operation.id).toBe(operation.effect === "read");
  }
});

test("[MCP-8] descriptions are words of ours, bounded, with nothing hidden or to load in them", () => {
  for (const { name, title, description } of allTools) {
    expect(description.length, name).toBeLessThan(700);
    expect(`${title}${description}`, name).not.toMatch(
      /https?:|<|!\[|[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/u,
    );
  }
});
