import { continueWith } from "#lib/auth/session-cookie.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { confirmTotp } from "#lib/second-factor/add-totp.ts";
import { factorParamsSchema, totpConfirmSchema } from "#lib/second-factor/schema.ts";

export const POST = userRoute(
  {
    allow: "self",
    params: factorParamsSchema,
    body: totpConfirmSchema,
    audit: "second_factor.added",
  },
  async ({ principal, params, body, client }) => {
    const input = { ...params, ...body };
    const { recoveryCodes, token } = await confirmTotp(deps(), principal, input, client);
    return Response.json({ recoveryCodes }, { headers: await continueWith(deps(), token) });
  },
);
