import { deps } from "#lib/deps.ts";
import { streamOf } from "#lib/http/stream.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { exportPlan } from "#lib/plans/export-plan.ts";
import { planParamsSchema } from "#lib/plans/schema.ts";

export const GET = userRoute(
  { allow: "plan.export", params: planParamsSchema, audit: "plan.exported" },
  async ({ principal, params: { planId }, requestId }) => {
    const pieces = await exportPlan(deps(), principal, planId, requestId);
    return new Response(streamOf(pieces), {
      headers: {
        "content-type": "application/x-ndjson",
        "content-disposition": `attachment; filename="plan-${planId}.ndjson"`,
      },
    });
  },
);
