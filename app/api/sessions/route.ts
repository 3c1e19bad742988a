import { endOtherSessions, listSessions } from "#lib/auth/sessions.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

export const GET = userRoute({ allow: "self", audit: "none" }, async ({ principal }) =>
  Response.json({ items: await listSessions(deps(), principal), nextCursor: null }),
);

export const DELETE = userRoute({ allow: "self", audit: "session.ended" }, async ({ principal }) =>
  Response.json({ ended: await endOtherSessions(deps(), principal) }),
);
