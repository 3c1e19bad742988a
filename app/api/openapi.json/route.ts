import { deps } from "#lib/deps.ts";
import { publicRoute } from "#lib/http/user-route.ts";
import { describeApi } from "#lib/openapi/describe-api.ts";

export const GET = publicRoute({ audit: "none" }, () =>
  Response.json(describeApi(deps().studioUrl)),
);
