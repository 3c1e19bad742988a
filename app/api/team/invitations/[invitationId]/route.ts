import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { revokeInvitation } from "#lib/team/invite.ts";
import { invitationParamsSchema } from "#lib/team/schema.ts";

export const DELETE = userRoute(
  {
    allow: "team.invitations.change",
    params: invitationParamsSchema,
    audit: "team.invitation_revoked",
  },
  async ({ principal, params }) => {
    await revokeInvitation(deps(), principal, params.invitationId);
    return new Response(null, { status: 204 });
  },
);
