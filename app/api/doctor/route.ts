import { connectionDefinitionSchema } from "#lib/connections/definition-schema.ts";
import { deps } from "#lib/deps.ts";
import { checkDefinition } from "#lib/doctor/check-definition.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute(
  {
    allow: "connection.create",
    body: connectionDefinitionSchema,
    audit: "connection.draft_checked",
  },
  async ({ principal, body }) => Response.json(await checkDefinition(deps(), principal, body)),
);
