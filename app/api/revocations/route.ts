import { deps } from "#lib/deps.ts";
import { listRevocations } from "#lib/grants/list-revocations.ts";
import { revocationQuerySchema } from "#lib/grants/schema.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "grant.disconnect", query: revocationQuerySchema, audit: "none" },
  async ({ principal, query }) => Response.json(await listRevocations(deps(), principal, query)),
);
