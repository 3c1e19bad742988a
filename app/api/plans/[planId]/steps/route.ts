import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { listPlanSteps } from "#lib/plans/list-plan-steps.ts";
import { planParamsSchema, stepQuerySchema } from "#lib/plans/schema.ts";

export const GET = userRoute(
  { allow: "plan.read", params: planParamsSchema, query: stepQuerySchema, audit: "none" },
  async ({ principal, params, query }) =>
    Response.json(await listPlanSteps(deps(), principal, params.planId, query)),
);
