import { z } from "zod";
import { endSession } from "#lib/auth/sessions.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";

const paramsSchema = z.strictObject({ sessionId: z.uuid() });

export const DELETE = userRoute(
  { allow: "self", params: paramsSchema, audit: "session.ended" },
  async ({ principal, params }) => {
    await endSession(deps(), principal, params.sessionId);
    return new Response(null, { status: 204 });
  },
);
