import { sessionSetCookie } from "#lib/auth/session-cookie.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { changeRole } from "#lib/team/change-role.ts";
import { getMember } from "#lib/team/list-members.ts";
import { removeMember } from "#lib/team/remove-member.ts";
import { memberParamsSchema, memberPatchSchema } from "#lib/team/schema.ts";

export const GET = userRoute(
  { allow: "team.members.inspect", params: memberParamsSchema, audit: "none" },
  async ({ principal, params }) => Response.json(await getMember(deps(), principal, params.userId)),
);

export const PATCH = userRoute(
  {
    allow: "team.roles.change",
    params: memberParamsSchema,
    body: memberPatchSchema,
    audit: "team.role_changed",
  },
  async ({ principal, params, body }) => {
    const token = await changeRole(deps(), principal, params.userId, body.role);
    const headers = token && { "set-cookie": await sessionSetCookie(deps(), token) };
    return new Response(null, { status: 204, ...(headers && { headers }) });
  },
);

export const DELETE = userRoute(
  { allow: "team.members.remove", params: memberParamsSchema, audit: "team.member_removed" },
  async ({ principal, params }) =>
    Response.json(await removeMember(deps(), principal, params.userId)),
);
