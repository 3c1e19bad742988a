import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { leaveTeam } from "#lib/team/remove-member.ts";

export const POST = userRoute(
  { allow: "team.leave", audit: "team.member_left" },
  async ({ principal }) => {
    const token = await leaveTeam(deps(), principal);
    const headers = token && { "set-cookie": await sessionSetCookie(deps(), token) };
    return new Response(null, { status: 204, ...(headers && { headers }) });
  },
);
