import { connectionParamsSchema } from "#lib/connections/schema.ts";
import { deps } from "#lib/deps.ts";
import { checkConnection } from "#lib/doctor/check-connection.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute(
  { allow: "connection.read", params: connectionParamsSchema, audit: "connection.checked" },
  async ({ principal, params }) =>
    Response.json(await checkConnection(deps(), principal, params.connectionId)),
);
