import type { ToolAnnotations } from "@modelcontextprotocol/server";
import { z } from "zod";
import { invalidInput } from "#lib/core/invalid-input.ts";
import type { JsonObject } from "#lib/core/json.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { McpDeps } from "#lib/mcp/deps.ts";

/** One call of a tool by one caller. */
export type ToolCall = {
  agent: AgentPrincipal;
  args: Readonly<Record<string, unknown>>;
  requestId: string;
  /** Aborted when the caller goes away, and when its key does not count any more. */
  signal: AbortSignal;
  /** Aborted when the studio stops: what only waits ends its wait. */
  stopping: AbortSignal;
  onProgress(done: number, total: number | null): void;
  /** How a person can be asked through this client; null where it has no way. */
  asks: "url" | "form" | null;
  /** They were asked in an earlier round, and did not want to look. */
  isDeclined: boolean;
  /** The request that an earlier round of this same call waits for, proven to be its own. */
  waitsFor: string | null;
};

/** What a tool comes back with: an answer, or a question to the person at the client. */
export type ToolAnswer =
  | { kind: "answer"; structured: JsonObject; rows?: number }
  | { kind: "ask"; message: string; url: string; waitsFor: string; rows?: number };

export type Tool = {
  readonly name: string;
  readonly title: string;
  /** Words of ours alone (MCP-8). */
  readonly description: string;
  readonly inputSchema: JsonObject & { type: "object" };
  readonly outputSchema: JsonObject & { type: "object" };
  /** Hints for clients; nothing here is decided by them (MCP-6). */
  readonly annotations: ToolAnnotations;
  /** @throws {StudioError} */
  run(deps: McpDeps, call: ToolCall): Promise<ToolAnswer>;
};

type StudioTool<Input> = Pick<Tool, "name" | "title" | "description" | "annotations"> & {
  input: z.ZodType<Input>;
  /** What a model is told of a field, where the schema is another room's and says nothing. */
  words?: Readonly<Record<string, string>>;
  /** Or the JSON Schema itself, where it is not made of zod. */
  output: z.ZodType | Tool["outputSchema"];
  run(deps: McpDeps, call: ToolCall & { input: Input }): Promise<ToolAnswer>;
};

/** A tool about the studio itself: its arguments are parsed once, and what it does not know is refused. */
export function studioTool<Input>({
  input,
  words = {},
  output,
  run,
  ...tool
}: StudioTool<Input>): Tool {
  const schema = z.toJSONSchema(input, { io: "input" }) as Tool["inputSchema"];
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonObject>);
  return {
    ...tool,
    inputSchema: {
      ...schema,
      properties: Object.fromEntries(
        properties.map(([name, field]) => {
          const description = words[name];
          return [name, description === undefined ? field : { ...field, description }];
        }),
      ),
    },
    outputSchema:
      output instanceof z.ZodType
        ? (z.toJSONSchema(output, { io: "output" }) as Tool["outputSchema"])
        : output,
    run(deps, call) {
      const parsed = input.safeParse(call.args);
      if (!parsed.success) throw invalidInput(parsed.error);
      return run(deps, { ...call, input: parsed.data });
    },
  };
}

/** For tools that only look. */
export const looksOnly: ToolAnnotations = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};
