import { listAgentCalls } from "#lib/agents/list-agent-calls.ts";
import { agentParamsSchema, callQuerySchema } from "#lib/agents/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "agent.read", params: agentParamsSchema, query: callQuerySchema, audit: "none" },
  async ({ principal, params, query }) =>
    Response.json(await listAgentCalls(deps(), principal, params.agentId, query)),
);
