import { deps } from "#lib/deps.ts";
import { askAgain } from "#lib/grants/list-revocations.ts";
import { revocationParamsSchema } from "#lib/grants/schema.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute(
  {
    allow: "grant.disconnect",
    params: revocationParamsSchema,
    audit: "grant.revocation_attempted",
  },
  async ({ principal, params }) =>
    Response.json(await askAgain(deps(), principal, params.revocationId)),
);
