import { confirmWithPassword } from "#lib/auth/recent-sign-in.ts";
import { confirmPasswordSchema } from "#lib/auth/schema.ts";
import { Secret } from "#lib/core/secret.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute(
  { body: confirmPasswordSchema, allow: "self", audit: "user.confirmed" },
  async ({ principal, body, client }) => {
    await confirmWithPassword(deps(), principal, new Secret(body.password), client);
    return new Response(null, { status: 204 });
  },
);
