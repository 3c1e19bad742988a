import { continueWith } from "#lib/auth/session-cookie.ts";
import { Secret } from "#lib/core/secret.ts";
import { deps } from "#lib/deps.ts";
import { secondStepRoute } from "#lib/http/user-route.ts";
import { recoveryCodeInputSchema } from "#lib/second-factor/schema.ts";
import { passWithRecoveryCode } from "#lib/second-factor/second-step.ts";

export const POST = secondStepRoute(
  { body: recoveryCodeInputSchema, audit: "user.second_step_passed" },
  async ({ holder, body, client }) => {
    const input = { code: new Secret(body.code) };
    const token = await passWithRecoveryCode(deps(), holder, input, client);
    return new Response(null, { status: 204, headers: await continueWith(deps(), token) });
  },
);
