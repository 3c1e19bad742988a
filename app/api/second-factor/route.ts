import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { listSecondFactors } from "#lib/second-factor/list-second-factors.ts";

export const GET = userRoute({ allow: "self", audit: "none" }, async ({ principal }) =>
  Response.json(await listSecondFactors(deps(), principal)),
);
