import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { addDomain, listDomains } from "#lib/team/domains.ts";
import { newDomainSchema } from "#lib/team/schema.ts";

export const GET = userRoute({ allow: "team.domains.list", audit: "none" }, async ({ principal }) =>
  Response.json({ items: await listDomains(deps(), principal), nextCursor: null }),
);

export const POST = userRoute(
  { body: newDomainSchema, allow: "team.domains.change", audit: "team.domain_added" },
  async ({ principal, body, requestId }) =>
    Response.json(await addDomain(deps(), principal, body, requestId), { status: 201 }),
);
