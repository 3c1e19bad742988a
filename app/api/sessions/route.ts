import { endOtherSessions, listSessions } from "#lib/auth/sessions.ts";
import { pageOf, pageQuerySchema } from "#lib/core/page.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute(
  { allow: "self", query: pageQuerySchema, audit: "none" },
  async ({ principal, query }) =>
    Response.json(pageOf(await listSessions(deps(), principal), query)),
);

export const DELETE = userRoute({ allow: "self", audit: "session.ended" }, async ({ principal }) =>
  Response.json({ ended: await endOtherSessions(deps(), principal) }),
);
