import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { editPlan } from "#lib/plans/edit-plan.ts";
import { getPlan } from "#lib/plans/get-plan.ts";
import { PERSON_PLAN_BYTES, planEditSchema, planParamsSchema } from "#lib/plans/schema.ts";

export const GET = userRoute(
  { allow: "plan.read", params: planParamsSchema, audit: "none" },
  async ({ principal, params }) => Response.json(await getPlan(deps(), principal, params.planId)),
);

export const PUT = userRoute(
  {
    allow: "plan.edit",
    params: planParamsSchema,
    body: planEditSchema,
    mostBytes: PERSON_PLAN_BYTES,
    audit: "plan.edited",
  },
  async ({ principal, params, body, request, requestId }) => {
    const options = { requestId, signal: request.signal };
    return Response.json(await editPlan(deps(), principal, params.planId, body, options));
  },
);
