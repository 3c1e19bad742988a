import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { resetSecondFactors } from "#lib/second-factor/reset-second-factors.ts";
import { memberParamsSchema } from "#lib/team/schema.ts";

export const DELETE = userRoute(
  { allow: "second_factors.reset", params: memberParamsSchema, audit: "second_factor.reset" },
  async ({ principal, params }) =>
    Response.json(await resetSecondFactors(deps(), principal, params.userId)),
);
