import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { teamInputSchema } from "#lib/team/schema.ts";
import { renameTeam } from "#lib/team/teams.ts";

export const PATCH = userRoute(
  { allow: "team.rename", body: teamInputSchema, audit: "team.renamed" },
  async ({ principal, body }) => {
    await renameTeam(deps(), principal, body);
    return new Response(null, { status: 204 });
  },
);
