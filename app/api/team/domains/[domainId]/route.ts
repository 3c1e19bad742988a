import { z } from "zod";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { removeDomain } from "#lib/team/domains.ts";

const params = z.strictObject({ domainId: z.uuid() });

export const DELETE = userRoute(
  { params, allow: "team.domains.change", audit: "team.domain_removed" },
  async ({ principal, params: { domainId }, requestId }) => {
    await removeDomain(deps(), principal, domainId, requestId);
    return new Response(null, { status: 204 });
  },
);
