import { deps } from "#lib/deps.ts";
import { getGrantHealth } from "#lib/grants/get-health.ts";
import { grantParamsSchema } from "#lib/grants/schema.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "grant.read", params: grantParamsSchema, audit: "none" },
  async ({ principal, params }) =>
    Response.json(await getGrantHealth(deps(), principal, params.grantId)),
);
