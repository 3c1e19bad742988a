import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { resolveStep } from "#lib/plans/apply-resolve.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { resolveInputSchema, stepParamsSchema } from "#lib/plans/schema.ts";

export const POST = userRoute(
  {
    allow: "plan.apply",
    params: stepParamsSchema,
    body: resolveInputSchema,
    audit: "plan.step_resolved",
  },
  async ({ principal, params, body, requestId }) => {
    await resolveStep(deps(), principal, params, body, { requestId });
    return Response.json(await getPlan(deps(), principal, params.planId));
  },
);
