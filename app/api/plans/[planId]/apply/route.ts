import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { applyPlan } from "#lib/plans/apply-plan.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { planParamsSchema } from "#lib/plans/schema.ts";

export const POST = userRoute(
  { allow: "plan.apply", params: planParamsSchema, audit: "plan.apply_begun" },
  async ({ principal, params: { planId }, requestId }) => {
    await applyPlan(deps(), principal, planId, { requestId });
    return Response.json(await getPlan(deps(), principal, planId), { status: 202 });
  },
);
