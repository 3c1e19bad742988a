import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { McpDeps } from "#lib/mcp/deps.ts";
import { operationTools } from "#lib/mcp/operation-tools.ts";
import { planTools } from "#lib/mcp/plan-tools.ts";
import { studioTools } from "#lib/mcp/studio-tools.ts";
import type { Tool } from "#lib/mcp/tool.ts";
import { operationsWithinReach } from "#lib/operations/usable-operations.ts";
import type { Operation } from "#lib/providers/operation.ts";

/** All there are, for whomever; in the one order in which they are listed. */
export const allTools: readonly Tool[] = [...studioTools, ...planTools, ...operationTools];

const operationOf = new Map(operationTools.map((tool) => [tool.name, tool.operation]));
const byName = new Map(allTools.map((tool) => [tool.name, tool]));
/** What a tool of this name does, if it is an operation's. */
export const operationOfTool = (name: string): Operation | null => operationOf.get(name) ?? null;
/** Only for agents that may carry out what was approved. */
const forBuilders = new Set(["plans_apply"]);
const forAskers = new Set(["request_connection"]);

export const isOfOperation = ({ name }: Tool): boolean => operationOf.has(name);

/** The tools that this agent can use with what it has and in its mode, in a fixed order (MCP-5). */
export async function listTools(deps: McpDeps, agent: AgentPrincipal): Promise<Tool[]> {
  const within = new Set(await operationsWithinReach(deps, agent));
  return allTools.filter(({ name }) => {
    const operation = operationOf.get(name);
    return operation === undefined ? isForMode(agent, name) : within.has(operation);
  });
}

/** One of them; null for what is not listed and for what there is not, which are not told apart. */
export async function findTool(
  deps: McpDeps,
  agent: AgentPrincipal,
  name: string,
): Promise<Tool | null> {
  const tool = byName.get(name);
  if (tool === undefined) return null;
  const operation = operationOf.get(name);
  const isListed =
    operation === undefined
      ? isForMode(agent, name)
      : (await operationsWithinReach(deps, agent)).includes(operation);
  return isListed ? tool : null;
}

const isForMode = ({ mode, asksForConnections }: AgentPrincipal, name: string): boolean =>
  !(forBuilders.has(name) && mode !== "build") && !(forAskers.has(name) && !asksForConnections);
