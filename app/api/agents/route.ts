import { createAgent } from "#lib/agents/create-agent.ts";
import { listAgents } from "#lib/agents/list-agents.ts";
import { agentInputSchema, agentQuerySchema } from "#lib/agents/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "agent.read", query: agentQuerySchema, audit: "none" },
  async ({ principal, query }) => Response.json(await listAgents(deps(), principal, query)),
);

export const POST = userRoute(
  { allow: "agent.create", body: agentInputSchema, audit: "agent.created" },
  async ({ principal, body, requestId }) =>
    Response.json(await createAgent(deps(), principal, body, requestId), { status: 201 }),
);
