import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { beginTotp } from "#lib/second-factor/add-totp.ts";
import { totpBeginSchema } from "#lib/second-factor/schema.ts";

export const POST = userRoute(
  { allow: "self", body: totpBeginSchema, audit: "none" },
  async ({ principal, body }) =>
    Response.json(await beginTotp(deps(), principal, body), { status: 201 }),
);
