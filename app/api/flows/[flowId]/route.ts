import { deps } from "#lib/deps.ts";
import { cancelFlow, reportFlow } from "#lib/grants/cancel-flow.ts";
import { getFlowView } from "#lib/grants/get-flow-view.ts";
import { flowEndSchema, flowParamsSchema } from "#lib/grants/schema.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "flow.follow", params: flowParamsSchema, audit: "none" },
  async ({ principal, params }) =>
    Response.json(await getFlowView(deps(), principal, params.flowId)),
);

export const DELETE = userRoute(
  {
    allow: "flow.follow",
    params: flowParamsSchema,
    query: flowEndSchema,
    audit: "flow.cancelled",
  },
  async ({ principal, params, query }) => {
    if (query.saw) await reportFlow(deps(), principal, params.flowId, query.saw);
    else await cancelFlow(deps(), principal, params.flowId);
    // The flow's cookie stays until it runs out: a window that comes back late is told what happened.
    return new Response(null, { status: 204 });
  },
);
