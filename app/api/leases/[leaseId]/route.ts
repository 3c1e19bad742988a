import { endLease } from "#lib/broker/end-lease.ts";
import { leaseParamsSchema } from "#lib/broker/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const DELETE = userRoute(
  { allow: "lease.end", params: leaseParamsSchema, audit: "lease.ended" },
  async ({ principal, params, requestId }) => {
    await endLease(deps(), principal, params.leaseId, { requestId });
    return new Response(null, { status: 204 });
  },
);
