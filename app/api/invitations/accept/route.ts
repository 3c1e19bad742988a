import { Secret } from "#lib/core/secret.ts";
import { deps } from "#lib/deps.ts";
import { publicRoute } from "#lib/http/user-route.ts";
import { acceptInvitation } from "#lib/team/accept-invitation.ts";
import { acceptSchema } from "#lib/team/schema.ts";

export const POST = publicRoute(
  { body: acceptSchema, audit: "team.invitation_accepted" },
  async ({ body, client }) => {
    const { name, token, password } = body;
    const input = { name, token: new Secret(token), password: new Secret(password) };
    return Response.json(await acceptInvitation(deps(), input, client), { status: 201 });
  },
);
