import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { toInvitationLink } from "#lib/team/invitation-link.ts";
import { renewInvitation } from "#lib/team/invite.ts";
import { invitationParamsSchema } from "#lib/team/schema.ts";

export const POST = userRoute(
  {
    allow: "team.invitations.change",
    params: invitationParamsSchema,
    audit: "team.invitation_renewed",
  },
  async ({ principal, params }) => {
    const issued = await renewInvitation(deps(), principal, params.invitationId);
    return Response.json(toInvitationLink(deps(), issued), { status: 201 });
  },
);
