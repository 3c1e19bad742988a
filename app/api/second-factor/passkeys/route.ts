import { continueWith } from "#lib/auth/session-cookie.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { addPasskey } from "#lib/second-factor/add-passkey.ts";
import { passkeyAddSchema } from "#lib/second-factor/schema.ts";

export const POST = userRoute(
  { allow: "self", body: passkeyAddSchema, audit: "second_factor.added" },
  async ({ principal, body, client }) => {
    const { recoveryCodes, token } = await addPasskey(deps(), principal, body, client);
    const headers = await continueWith(deps(), token);
    return Response.json({ recoveryCodes }, { status: 201, headers });
  },
);
