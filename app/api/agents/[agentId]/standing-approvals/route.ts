import { agentParamsSchema } from "#lib/agents/schema.ts";
import { pageQuerySchema } from "#lib/core/page.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { listStandingApprovals } from "#lib/plans/list-standing-approvals.ts";
import { makeStandingApproval } from "#lib/plans/make-standing-approval.ts";
import { standingInputSchema } from "#lib/plans/schema.ts";

export const GET = userRoute(
  { allow: "agent.read", params: agentParamsSchema, query: pageQuerySchema, audit: "none" },
  async ({ principal, params, query }) =>
    Response.json(await listStandingApprovals(deps(), principal, params.agentId, query)),
);

export const POST = userRoute(
  {
    allow: "agent.edit",
    params: agentParamsSchema,
    body: standingInputSchema,
    audit: "standing_approval.made",
  },
  async ({ principal, params, body, requestId }) =>
    Response.json(await makeStandingApproval(deps(), principal, params.agentId, body, requestId), {
      status: 201,
    }),
);
