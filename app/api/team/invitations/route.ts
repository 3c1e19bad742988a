import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { toInvitationLink } from "#lib/team/invitation-link.ts";
import { invite, listInvitations } from "#lib/team/invite.ts";
import { invitationInputSchema, invitationQuerySchema } from "#lib/team/schema.ts";

export const GET = userRoute(
  { allow: "team.invitations.list", query: invitationQuerySchema, audit: "none" },
  async ({ principal, query }) => Response.json(await listInvitations(deps(), principal, query)),
);

export const POST = userRoute(
  {
    allow: "team.invitations.change",
    body: invitationInputSchema,
    audit: "team.invitation_created",
  },
  async ({ principal, body }) => {
    const issued = await invite(deps(), principal, body);
    return Response.json(toInvitationLink(deps(), issued), { status: 201 });
  },
);
