import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { pageOf, pageQuerySchema } from "#lib/core/page.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { teamInputSchema } from "#lib/team/schema.ts";
import { createTeam, listOwnTeams } from "#lib/team/teams.ts";

export const GET = userRoute(
  { allow: "self", query: pageQuerySchema, audit: "none" },
  async ({ principal, query }) =>
    Response.json(pageOf(await listOwnTeams(deps(), principal), query)),
);

export const POST = userRoute(
  { allow: "team.create", body: teamInputSchema, audit: "team.created" },
  async ({ principal, body }) => {
    const { teamId, token } = await createTeam(deps(), principal, body);
    const headers = { "set-cookie": await sessionSetCookie(deps(), token) };
    return Response.json({ id: teamId }, { status: 201, headers });
  },
);
