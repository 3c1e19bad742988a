import { revokeKey } from "#lib/agents/revoke-key.ts";
import { keyParamsSchema } from "#lib/agents/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const DELETE = userRoute(
  { allow: "agent.end", params: keyParamsSchema, audit: "agent_key.revoked" },
  async ({ principal, params, requestId }) => {
    await revokeKey(deps(), principal, params.agentId, params.keyId, requestId);
    return new Response(null, { status: 204 });
  },
);
