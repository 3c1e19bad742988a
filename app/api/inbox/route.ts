import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { countInbox } from "#lib/plans/count-inbox.ts";

export const GET = userRoute({ allow: "self", audit: "none" }, async ({ principal }) =>
  Response.json(await countInbox(deps(), principal)),
);
