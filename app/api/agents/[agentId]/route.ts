import { deleteAgent } from "#lib/agents/delete-agent.ts";
import { editAgent } from "#lib/agents/edit-agent.ts";
import { getAgent } from "#lib/agents/list-agents.ts";
import { agentParamsSchema, agentPatchSchema } from "#lib/agents/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "agent.read", params: agentParamsSchema, audit: "none" },
  async ({ principal, params }) => Response.json(await getAgent(deps(), principal, params.agentId)),
);

export const PATCH = userRoute(
  {
    allow: "agent.edit",
    params: agentParamsSchema,
    body: agentPatchSchema,
    audit: "agent.edited",
  },
  async ({ principal, params, body, requestId }) =>
    Response.json(await editAgent(deps(), principal, params.agentId, body, requestId)),
);

export const DELETE = userRoute(
  { allow: "agent.end", params: agentParamsSchema, audit: "agent.deleted" },
  async ({ principal, params, requestId }) => {
    await deleteAgent(deps(), principal, params.agentId, requestId);
    return new Response(null, { status: 204 });
  },
);
