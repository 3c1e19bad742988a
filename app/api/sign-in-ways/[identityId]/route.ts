import { z } from "zod";
import { unlinkIdentity } from "#lib/auth/link-identity.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

const params = z.strictObject({ identityId: z.uuid() });

export const DELETE = userRoute(
  { params, allow: "self", audit: "user.identity_unlinked" },
  async ({ principal, params: { identityId }, client }) => {
    await unlinkIdentity(deps(), principal, identityId, client);
    return new Response(null, { status: 204 });
  },
);
