import { json } from "#lib/simulator/kit/responses.ts";
import { restError } from "./core.ts";
import { pageOf, type RestCall, type RestRoute, route } from "./rest-route.ts";
import { personOf } from "./whoami.ts";
import { enterpriseId, hostOf } from "./world.ts";

const endpoints = ({ request, tenant }: RestCall) => [
  { type: "rest", url: `${request.urlFor(hostOf(tenant.subdomain, "rest"))}/` },
  { type: "soap", url: `${request.urlFor(hostOf(tenant.subdomain, "soap"))}/Service.asmx` },
  { type: "ftp", url: `ftp://${tenant.subdomain}.ftp.marketingcloudops.com` },
];

/** Routes that every live token may ask (contract 4.2). */
export const platformRoutes: readonly RestRoute[] = [
  route("GET", "/platform/v1/tokenContext", "", ({ caller }) =>
    json(200, {
      enterprise: { id: enterpriseId(caller.tenant) },
      organization: { id: caller.token.mid },
      user: { id: personOf(caller).employeeId },
    }),
  ),
  route("GET", "/platform/v1/endpoints", "", (call) => {
    const items = endpoints(call);
    return json(200, { ...pageOf(call), count: items.length, items });
  }),
  route("GET", "/platform/v1/endpoints/:type", "", (call) => {
    const wanted = call.parameters.type ?? "";
    const found = endpoints(call).find(({ type }) => type === wanted.toLowerCase());
    return found
      ? json(200, found)
      : restError(404, 30003, `No endpoint exists for key '${wanted}'.`, {}, { documentation: "" });
  }),
];
