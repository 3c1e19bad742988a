import { createConnection } from "#lib/connections/create-connection.ts";
import { connectionDefinitionSchema } from "#lib/connections/definition-schema.ts";
import { getConnectionView } from "#lib/connections/get-connection-view.ts";
import { listConnections } from "#lib/connections/list-connections.ts";
import { connectionQuerySchema } from "#lib/connections/schema.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "connection.read", query: connectionQuerySchema, audit: "none" },
  async ({ principal, query }) => Response.json(await listConnections(deps(), principal, query)),
);

export const POST = userRoute(
  { allow: "connection.create", body: connectionDefinitionSchema, audit: "connection.created" },
  async ({ principal, body }) => {
    const id = await createConnection(deps(), principal, body);
    return Response.json(await getConnectionView(deps(), principal, id), { status: 201 });
  },
);
