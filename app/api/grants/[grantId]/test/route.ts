import { deps } from "#lib/deps.ts";
import { grantParamsSchema } from "#lib/grants/schema.ts";
import { testGrant } from "#lib/grants/test-grant.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute(
  { allow: "grant.use", params: grantParamsSchema, audit: "grant.tested" },
  async ({ principal, params }) =>
    Response.json(await testGrant(deps(), principal, params.grantId)),
);
