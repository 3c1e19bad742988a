import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { approvePlan } from "#lib/plans/approve-plan.ts";
import { approveInputSchema, planParamsSchema } from "#lib/plans/schema.ts";

export const POST = userRoute(
  {
    allow: "plan.approve",
    params: planParamsSchema,
    body: approveInputSchema,
    audit: "plan.approved",
  },
  async ({ principal, params, body, requestId }) =>
    Response.json(await approvePlan(deps(), principal, params.planId, body, requestId)),
);
