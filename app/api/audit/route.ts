import { listEvents } from "#lib/audit/list-events.ts";
import { auditQuerySchema } from "#lib/audit/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "audit.read", query: auditQuerySchema, audit: "none" },
  async ({ principal, query }) => Response.json(await listEvents(deps(), principal, query)),
);
