import { listConnectionLeases } from "#lib/broker/list-leases.ts";
import { leaseListQuerySchema } from "#lib/broker/schema.ts";
import { connectionParamsSchema } from "#lib/connections/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  {
    allow: "lease.list",
    params: connectionParamsSchema,
    query: leaseListQuerySchema,
    audit: "none",
  },
  async ({ principal, params, query }) =>
    Response.json(await listConnectionLeases(deps(), principal, params.connectionId, query)),
);
