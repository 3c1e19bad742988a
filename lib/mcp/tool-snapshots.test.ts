import { expect, test } from "vitest";
import type { Json, JsonObject } from "#lib/core/json.ts";
import type { Tool } from "#lib/mcp/tool.ts";
import { allTools } from "#lib/mcp/tools.ts";

const longText = 100;
const toldBefore = new Map<string, string>();

/** What is long and the same as another tool's is told once. */
function line(tool: string, name: string, value: Json): string {
  const text = `${name}: ${JSON.stringify(value)}`;
  const teller = toldBefore.get(text);
  if (teller !== undefined) return `  ${name}: as ${teller}`;
  if (text.length > longText) toldBefore.set(text, tool);
  return `  ${text}`;
}

/** All that a client is told of a tool, a field a line, so that a change reads as one. */
function told({ name, title, description, annotations, inputSchema, outputSchema }: Tool): string {
  const fields = (which: string, { properties, ...rest }: JsonObject) => [
    line(name, which, rest),
    ...Object.entries((properties ?? {}) as JsonObject).map(([field, schema]) =>
      line(name, `${which}.${field}`, schema),
    ),
  ];
  return [
    name,
    line(name, "title", title),
    line(name, "description", description),
    line(name, "annotations", annotations as JsonObject),
    ...fields("input", inputSchema),
    ...fields("output", outputSchema),
  ].join("\n");
}

// Meant to change? `vitest run lib/mcp/tool-snapshots -u`, and look at what the file shows then.
test("[MCP-10] a change of a tool's name, words or schemas shows in review", async () => {
  await expect(`${allTools.map(told).join("\n\n")}\n`).toMatchFileSnapshot("tools.snapshot.txt");
});
