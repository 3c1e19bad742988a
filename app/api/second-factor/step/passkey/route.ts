import { continueWith } from "#lib/auth/session-cookie.ts";
import { deps } from "#lib/deps.ts";
import { secondStepRoute } from "#lib/http/user-route.ts";
import { passkeyStepSchema } from "#lib/second-factor/schema.ts";
import { passWithPasskey } from "#lib/second-factor/second-step.ts";

export const POST = secondStepRoute(
  { body: passkeyStepSchema, audit: "user.second_step_passed" },
  async ({ holder, body, client }) => {
    const token = await passWithPasskey(deps(), holder, body, client);
    return new Response(null, { status: 204, headers: await continueWith(deps(), token) });
  },
);
