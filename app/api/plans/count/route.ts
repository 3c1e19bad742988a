import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { countPlansToDecide } from "#lib/plans/get-plan.ts";

export const GET = userRoute({ allow: "plan.read", audit: "none" }, async ({ principal }) =>
  Response.json({ toDecide: await countPlansToDecide(deps(), principal) }),
);
