import { deps } from "#lib/deps.ts";
import { chooseRawLeases } from "#lib/grants/choose-raw-leases.ts";
import { disconnectGrant } from "#lib/grants/disconnect-grant.ts";
import { getGrantView } from "#lib/grants/get-grant-view.ts";
import { grantParamsSchema, grantPatchSchema } from "#lib/grants/schema.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "grant.read", params: grantParamsSchema, audit: "none" },
  async ({ principal, params }) =>
    Response.json(await getGrantView(deps(), principal, params.grantId)),
);

export const PATCH = userRoute(
  {
    allow: "grant.use",
    params: grantParamsSchema,
    body: grantPatchSchema,
    audit: "grant.raw_leases_allowed",
  },
  async ({ principal, params, body }) =>
    Response.json(await chooseRawLeases(deps(), principal, params.grantId, body)),
);

export const DELETE = userRoute(
  { allow: "grant.disconnect", params: grantParamsSchema, audit: "grant.disconnected" },
  async ({ principal, params }) =>
    Response.json(await disconnectGrant(deps(), principal, params.grantId)),
);
