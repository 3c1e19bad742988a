import type { CallToolResult } from "@modelcontextprotocol/server";
import type { JsonObject } from "#lib/core/json.ts";
import { toProblemJson } from "#lib/http/problem.ts";
import { inertJson } from "#lib/mcp/provider-content.ts";

/** As text too, for clients that know no other: the same JSON, spelled so that nothing in it is markup. */
export const toResult = (structured: JsonObject): CallToolResult => ({
  content: [{ type: "text", text: inertJson(structured) }],
  structuredContent: structured,
});

/**
 * Any failure as a tool's own, so that a model reads it: our words, the stable code and what to do next. What
 * we did not foresee says only that, with the request's id; nothing of a provider's is in it.
 */
export function toErrorResult(error: unknown, requestId: string): CallToolResult {
  const { code, detail, remedy, issues } = toProblemJson(error, requestId);
  const told = { code, message: detail, remedy, ...(issues ? { issues } : {}), requestId };
  return {
    content: [{ type: "text", text: inertJson({ error: told } as unknown as JsonObject) }],
    isError: true,
  };
}
