import { makeKey } from "#lib/agents/make-key.ts";
import { agentParamsSchema, keyInputSchema } from "#lib/agents/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute(
  { allow: "agent.edit", params: agentParamsSchema, body: keyInputSchema, audit: "agent_key.made" },
  async ({ principal, params, body, requestId }) => {
    const { key, facts } = await makeKey(deps(), principal, params.agentId, body, requestId);
    return Response.json({ ...facts, key: key.reveal() }, { status: 201 });
  },
);
