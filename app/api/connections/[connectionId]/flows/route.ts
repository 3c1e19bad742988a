import { connectionParamsSchema } from "#lib/connections/schema.ts";
import { parseReturnTo } from "#lib/core/return-to.ts";
import { deps } from "#lib/deps.ts";
import { beginFlow } from "#lib/grants/begin-flow.ts";
import { flowRequestSchema } from "#lib/grants/schema.ts";
import { flowSetCookie } from "#lib/http/flow-cookie.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute(
  {
    allow: "grant.connect",
    params: connectionParamsSchema,
    body: flowRequestSchema,
    audit: "flow.begun",
  },
  async ({ principal, params, body }) => {
    const { binding, ...flow } = await beginFlow(deps(), principal, {
      connectionId: params.connectionId,
      surface: body.surface,
      returnTo: body.returnTo === undefined ? null : parseReturnTo(body.returnTo),
    });
    return Response.json(flow, {
      status: 201,
      headers: { "set-cookie": flowSetCookie(flow.flowId, binding) },
    });
  },
);
