import { listRequests } from "#lib/connection-requests/list-requests.ts";
import { requestQuerySchema } from "#lib/connection-requests/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "connection_request.read", query: requestQuerySchema, audit: "none" },
  async ({ principal, query }) => Response.json(await listRequests(deps(), principal, query)),
);
