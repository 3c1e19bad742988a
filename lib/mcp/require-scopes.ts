import { z } from "zod";
import { findUsableGrant } from "#lib/broker/usable-grant.ts";
import type { AgentPrincipal } from "#lib/core/principal.ts";
import type { McpDeps } from "#lib/mcp/deps.ts";
import { InsufficientScopeError } from "#lib/mcp/errors.ts";
import { operationOfTool } from "#lib/mcp/tools.ts";
import { missingScopesOf } from "#lib/operations/missing-scopes.ts";

const toolCallSchema = z.object({
  method: z.literal("tools/call"),
  params: z.object({ name: z.string(), arguments: z.object({ connectionId: z.string() }) }),
});

/**
 * Says before anything else is looked at that the caller's own grant lacks scopes for what it calls (MCP-1),
 * in the words of HTTP, as clients expect it. Of connections that are not its own nothing is said; what the
 * operation itself asks for is asked again where it is done.
 *
 * @throws {InsufficientScopeError} names all scopes that the operation needs
 */
export async function requireScopesOf(
  deps: McpDeps,
  agent: AgentPrincipal,
  message: unknown,
): Promise<void> {
  const call = toolCallSchema.safeParse(message);
  if (!call.success) return;
  const { name, arguments: args } = call.data.params;
  const operation = operationOfTool(name);
  if (operation === null) return;
  const grant = await findUsableGrant(deps, agent, args.connectionId);
  if (grant === null || grant.connection.provider !== operation.provider) return;
  if (missingScopesOf(operation, grant).length > 0) {
    throw new InsufficientScopeError(operation.scopes);
  }
}
