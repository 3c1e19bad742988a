import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { listOperations } from "#lib/operations/list-operations.ts";
import { operationQuerySchema } from "#lib/operations/schema.ts";

export const GET = userRoute(
  { allow: "grant.use", query: operationQuerySchema, audit: "none" },
  async ({ principal, query }) => Response.json(await listOperations(deps(), principal, query)),
);
