import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { removeFactor } from "#lib/second-factor/remove-factor.ts";
import { factorParamsSchema } from "#lib/second-factor/schema.ts";

export const DELETE = userRoute(
  { allow: "self", params: factorParamsSchema, audit: "second_factor.removed" },
  async ({ principal, params }) => {
    await removeFactor(deps(), principal, params.factorId);
    return new Response(null, { status: 204 });
  },
);
