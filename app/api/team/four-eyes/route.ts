import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { setFourEyes } from "#lib/plans/four-eyes.ts";
import { fourEyesSchema } from "#lib/plans/schema.ts";

export const PUT = userRoute(
  { allow: "team.four_eyes.change", body: fourEyesSchema, audit: "team.four_eyes_changed" },
  async ({ principal, body, requestId }) =>
    Response.json(await setFourEyes(deps(), principal, body, requestId)),
);
