import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { cancelPlan } from "#lib/plans/end-plan.ts";
import { planParamsSchema } from "#lib/plans/schema.ts";

export const POST = userRoute(
  { allow: "plan.end", params: planParamsSchema, audit: "plan.cancelled" },
  async ({ principal, params, requestId }) =>
    Response.json(await cancelPlan(deps(), principal, params.planId, requestId)),
);
