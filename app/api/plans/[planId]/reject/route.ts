import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { rejectPlan } from "#lib/plans/approve-plan.ts";
import { planParamsSchema, rejectInputSchema } from "#lib/plans/schema.ts";

export const POST = userRoute(
  {
    allow: "plan.approve",
    params: planParamsSchema,
    body: rejectInputSchema,
    audit: "plan.rejected",
  },
  async ({ principal, params, body, requestId }) =>
    Response.json(await rejectPlan(deps(), principal, params.planId, body, requestId)),
);
