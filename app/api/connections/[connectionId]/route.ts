import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { connectionParamsSchema, connectionPatchSchema } from "#lib/connections/schema.ts";
import { deps } from "#lib/deps.ts";
import { deleteConnection } from "#lib/grants/delete-connection.ts";
import { editConnection } from "#lib/grants/edit-connection.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "connection.read", params: connectionParamsSchema, audit: "none" },
  async ({ principal, params }) =>
    Response.json(await getConnectionView(deps(), principal, params.connectionId)),
);

export const PATCH = userRoute(
  {
    allow: "connection.edit",
    params: connectionParamsSchema,
    body: connectionPatchSchema,
    audit: "connection.edited",
  },
  async ({ principal, params, body }) => {
    await editConnection(deps(), principal, params.connectionId, body);
    return Response.json(await getConnectionView(deps(), principal, params.connectionId));
  },
);

export const DELETE = userRoute(
  { allow: "connection.delete", params: connectionParamsSchema, audit: "connection.deleted" },
  async ({ principal, params }) =>
    Response.json({
      revocations: await deleteConnection(deps(), principal, params.connectionId),
    }),
);
