import { pageOf, pageQuerySchema } from "#lib/core/page.ts";
import { deps } from "#lib/deps.ts";
import { userRoute } from "#lib/http/user-route.ts";
import { addDomain, listDomains } from "#lib/team/domains.ts";
import { newDomainSchema } from "#lib/team/schema.ts";

export const GET = userRoute(
  { allow: "team.domains.list", query: pageQuerySchema, audit: "none" },
  async ({ principal, query }) =>
    Response.json(pageOf(await listDomains(deps(), principal), query)),
);

export const POST = userRoute(
  { body: newDomainSchema, allow: "team.domains.change", audit: "team.domain_added" },
  async ({ principal, body, requestId }) =>
    Response.json(await addDomain(deps(), principal, body, requestId), { status: 201 }),
);
