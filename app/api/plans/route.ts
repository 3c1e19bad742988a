import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { listPlans } from "#lib/plans/get-plan.ts";
import { proposePlan } from "#lib/plans/propose-plan.ts";
import { PERSON_PLAN_BYTES, planInputSchema, planQuerySchema } from "#lib/plans/schema.ts";

export const GET = userRoute(
  { allow: "plan.read", query: planQuerySchema, audit: "none" },
  async ({ principal, query }) => Response.json(await listPlans(deps(), principal, query)),
);

export const POST = userRoute(
  {
    allow: "plan.propose",
    body: planInputSchema,
    mostBytes: PERSON_PLAN_BYTES,
    audit: "plan.proposed",
  },
  async ({ principal, body, request, requestId }) => {
    const options = { requestId, signal: request.signal };
    const plan = await proposePlan(deps(), principal, body, options);
    return Response.json(plan, { status: 201 });
  },
);
