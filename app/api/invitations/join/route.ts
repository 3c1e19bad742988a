import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { Secret } from "#lib/core/secret.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { joinTeam } from "#lib/team/accept-invitation.ts";
import { joinSchema } from "#lib/team/schema.ts";

export const POST = userRoute(
  { allow: "self", body: joinSchema, audit: "team.invitation_accepted" },
  async ({ principal, body }) => {
    const { token } = await joinTeam(deps(), principal, { token: new Secret(body.token) });
    const headers = { "set-cookie": await sessionSetCookie(deps(), token) };
    return new Response(null, { status: 204, headers });
  },
);
