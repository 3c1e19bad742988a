import { listTimeline } from "#lib/connections/list-timeline.ts";
import { connectionParamsSchema } from "#lib/connections/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "connection.read", params: connectionParamsSchema, audit: "none" },
  async ({ principal, params }) =>
    Response.json(await listTimeline(deps(), principal, params.connectionId)),
);
