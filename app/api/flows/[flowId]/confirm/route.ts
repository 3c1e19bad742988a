import { deps } from "#lib/deps.ts";
import { confirmFlow } from "#lib/grants/confirm-flow.ts";
import { getFlowView } from "#lib/grants/get-flow-view.ts";
import { flowParamsSchema } from "#lib/grants/schema.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute(
  { allow: "flow.follow", params: flowParamsSchema, audit: "grant.reconnected" },
  async ({ principal, params }) => {
    await confirmFlow(deps(), principal, params.flowId);
    return Response.json(await getFlowView(deps(), principal, params.flowId));
  },
);
