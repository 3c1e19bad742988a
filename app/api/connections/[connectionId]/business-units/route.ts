import { connectionParamsSchema } from "#lib/connections/schema.ts";
import { deps } from "#lib/deps.ts";
import { addBusinessUnits } from "#lib/grants/add-business-units.ts";
import { listBusinessUnits, pageOfUnits } from "#lib/grants/list-business-units.ts";
import { businessUnitQuerySchema, businessUnitRequestSchema } from "#lib/grants/schema.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  {
    allow: "grant.use",
    params: connectionParamsSchema,
    query: businessUnitQuerySchema,
    audit: "none",
  },
  async ({ principal, params, query }) => {
    const all = await listBusinessUnits(deps(), principal, params.connectionId);
    return Response.json(pageOfUnits(all, query));
  },
);

export const POST = userRoute(
  {
    allow: "connection.create",
    params: connectionParamsSchema,
    body: businessUnitRequestSchema,
    audit: "connection.created",
  },
  async ({ principal, params, body }) =>
    Response.json(await addBusinessUnits(deps(), principal, params.connectionId, body), {
      status: 201,
    }),
);
