import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { beginPasskey } from "#lib/second-factor/add-passkey.ts";

export const POST = userRoute({ allow: "self", audit: "none" }, async ({ principal }) =>
  Response.json({ options: await beginPasskey(deps(), principal) }, { status: 201 }),
);
