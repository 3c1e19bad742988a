import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { endMemberSessions } from "#lib/team/end-sessions.ts";
import { memberParamsSchema } from "#lib/team/schema.ts";

export const DELETE = userRoute(
  { allow: "team.sessions.end", params: memberParamsSchema, audit: "session.ended" },
  async ({ principal, params }) =>
    Response.json({ ended: await endMemberSessions(deps(), principal, params.userId) }),
);
