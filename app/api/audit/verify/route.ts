import { checkChain } from "#lib/audit/check-chain.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute({ allow: "audit.verify", audit: "none" }, async ({ principal }) =>
  Response.json(await checkChain(deps(), principal)),
);
