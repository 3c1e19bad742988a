import { changePassword } from "#lib/auth/change-password.ts";
import { passwordChangeSchema } from "#lib/auth/schema.ts";
import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { Secret } from "#lib/core/secret.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const POST = userRoute(
  { allow: "self", body: passwordChangeSchema, audit: "user.password_changed" },
  async ({ principal, body, client }) => {
    const input = {
      currentPassword: new Secret(body.currentPassword),
      newPassword: new Secret(body.newPassword),
    };
    const { token } = await changePassword(deps(), principal, input, client);
    const headers = { "set-cookie": await sessionSetCookie(deps(), token) };
    return new Response(null, { status: 204, headers });
  },
);
