import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { listPlanChanges } from "#lib/plans/list-plan-changes.ts";
import { changesQuerySchema, planParamsSchema } from "#lib/plans/schema.ts";

export const GET = userRoute(
  { allow: "plan.read", params: planParamsSchema, query: changesQuerySchema, audit: "none" },
  async ({ principal, params, query }) =>
    Response.json(await listPlanChanges(deps(), principal, params.planId, query)),
);
