import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { getPlanStep } from "#lib/plans/get-plan-step.ts";
import { stepParamsSchema } from "#lib/plans/schema.ts";

export const GET = userRoute(
  { allow: "plan.read", params: stepParamsSchema, audit: "none" },
  async ({ principal, params: { planId, position } }) =>
    Response.json(await getPlanStep(deps(), principal, planId, position)),
);
