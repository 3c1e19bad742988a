import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { revokeStandingApproval } from "#lib/plans/revoke-standing-approval.ts";
import { standingParamsSchema } from "#lib/plans/schema.ts";

export const DELETE = userRoute(
  { allow: "agent.end", params: standingParamsSchema, audit: "standing_approval.revoked" },
  async ({ principal, params, requestId }) => {
    await revokeStandingApproval(deps(), principal, params, requestId);
    return new Response(null, { status: 204 });
  },
);
