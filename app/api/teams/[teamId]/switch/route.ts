import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { teamParamsSchema } from "#lib/team/schema.ts";
import { switchTeam } from "#lib/team/teams.ts";

export const POST = userRoute(
  { allow: "self", params: teamParamsSchema, audit: "team.switched" },
  async ({ principal, params }) => {
    const { token } = await switchTeam(deps(), principal, params.teamId);
    const headers = { "set-cookie": await sessionSetCookie(deps(), token) };
    return new Response(null, { status: 204, headers });
  },
);
