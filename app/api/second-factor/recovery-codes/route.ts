import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { remakeRecoveryCodes } from "#lib/second-factor/recovery-codes.ts";

export const POST = userRoute(
  { allow: "self", audit: "recovery_codes.made" },
  async ({ principal }) =>
    Response.json({ recoveryCodes: await remakeRecoveryCodes(deps(), principal) }, { status: 201 }),
);
