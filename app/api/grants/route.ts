import { deps } from "#lib/deps.ts";
import { listOwnGrants } from "#lib/grants/list-own-grants.ts";
import { grantQuerySchema } from "#lib/grants/schema.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "grant.read", query: grantQuerySchema, audit: "none" },
  async ({ principal, query }) => Response.json(await listOwnGrants(deps(), principal, query)),
);
