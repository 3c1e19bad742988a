import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { listMembers } from "#lib/team/list-members.ts";
import { memberQuerySchema } from "#lib/team/schema.ts";

export const GET = userRoute(
  { allow: "team.members.list", query: memberQuerySchema, audit: "none" },
  async ({ principal, query }) => Response.json(await listMembers(deps(), principal, query)),
);
