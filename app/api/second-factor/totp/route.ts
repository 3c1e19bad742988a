import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { beginTotp } from "#lib/second-factor/add-totp.ts";

export const POST = userRoute({ allow: "self", audit: "none" }, async ({ principal }) =>
  Response.json(await beginTotp(deps(), principal), { status: 201 }),
);
